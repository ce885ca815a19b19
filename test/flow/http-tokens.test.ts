import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { NO_ONE_PROJECT } from "../../lib/domain/audit.ts";
import { createToken, revokeTokens, rotateToken, type TokenInput } from "../../lib/knowledge/tokens.ts";
import { verifyAudit } from "../../lib/knowledge/verify-audit.ts";
import { openAuditLog } from "../../lib/server/audit-log.ts";
import { openAuthenticator } from "../../lib/server/authenticator.ts";
import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import { callOver, httpClient, startService, type TestService } from "../helpers/http-service.ts";
import { describeWithServer, type TestDatabase } from "../helpers/postgres.ts";
import { ownerOf, type Planted, plantedDatabase } from "../helpers/postgres-tenants.ts";

const PIER = ownerOf("harbour", "pierrot");
const QUAY = ownerOf("harbour", "quaymaster");
const STONE = ownerOf("quarry", "stonecutter");

describeWithServer("tokens of a shared instance, over sockets", () => {
  let database: TestDatabase | undefined;
  let planted: readonly Planted[] = [];
  const stores: PostgresStorage[] = [];
  beforeAll(async () => {
    ({ database, planted } = await plantedDatabase([PIER, QUAY, STONE]));
  });
  afterAll(async () => {
    for (const store of stores) await store.close();
    await database?.drop();
  });

  const open = async (tenant = "default") => {
    const storage = await PostgresStorage.open({ url: database?.url ?? "", tenant });
    stores.push(storage);
    return storage;
  };
  /** The owner at a command line of his own. */
  const ownersDeps = async (tenant = "harbour") => ({
    storage: await open(tenant),
    clock: Date.now,
    random: (bytes: number) => randomBytes(bytes),
  });
  const made = async (input: Partial<TokenInput> = {}, tenant = "harbour") =>
    (await createToken(await ownersDeps(tenant), { name: "robot", scope: "write", ...input })).token;
  /** One server process. */
  const serve = async () => {
    const storage = await open();
    const log = { warn: () => undefined, error: () => undefined };
    const options = { storage, kinds: ["token"], credentials: {}, clock: Date.now, log };
    const audit = openAuditLog({ audit: storage.audit, clock: Date.now, log });
    return startService({ storage, authenticator: await openAuthenticator(options), audit });
  };
  /** What a tool answers, as text. */
  const said = async (service: TestService, token: string, tool: string, args: object) => {
    const response = await callOver(service, token, tool, args);
    expect(response.status).toBe(200);
    return response.text();
  };

  it("refuses a token that another process revoked a moment ago, in every server", async () => {
    const servers = [await serve(), await serve()];
    const token = await made();
    for (const server of servers) expect((await callOver(server, token, "get_status", {})).status).toBe(200);
    await revokeTokens(await ownersDeps(), { id: token });
    for (const server of servers) {
      const { status, headers } = await callOver(server, token, "get_status", {});
      expect(status).toBe(401);
      expect(headers.get("www-authenticate")).toContain("invalid_token");
    }
  });

  it("lets a rotated token's old and new text count side by side, and the old one only as long as it is to", async () => {
    const server = await serve();
    const token = await made();
    const after = await rotateToken(await ownersDeps(), { id: token, overlap: 1 });
    for (const text of [token, after.token])
      expect((await callOver(server, text, "get_status", {})).status).toBe(200);
    const last = await rotateToken(await ownersDeps(), { id: after.token, overlap: 0 });
    expect((await callOver(server, after.token, "get_status", {})).status).toBe(401);
    expect((await callOver(server, last.token, "get_status", {})).status).toBe(200);
  });

  it("lists the resources of just the projects that a token grants", async () => {
    const { url } = await serve();
    const listed = async (projects?: string) => {
      const token = await made({ ...(projects !== undefined && { projects }), scope: "read" });
      const client = await httpClient(url, "2025", { authorization: `Bearer ${token}` });
      const { resources } = await client.request({ method: "resources/list", params: {} });
      const template = { type: "ref/resource", uri: "aiknowsys://project/{project}/plan/{ref}" } as const;
      const { completion } = await client.complete({
        ref: template,
        argument: { name: "project", value: "" },
      });
      const text = JSON.stringify(resources);
      const words = [PIER, QUAY, STONE].map(({ word }) => word).filter((word) => text.includes(word));
      return { words, completed: completion.values.length };
    };
    expect(await listed()).toEqual({ words: [PIER.word, QUAY.word], completed: 2 });
    expect(await listed(QUAY.project.id)).toEqual({ words: [QUAY.word], completed: 1 });
    expect(await listed(`${QUAY.project.id},${PIER.project.id}`)).toEqual({
      ...{ words: [PIER.word, QUAY.word], completed: 2 },
    });
  });

  it("shows nothing of other tenants, nor of projects that were not granted, by id, ref, slug, name or search", async () => {
    const server = await serve();
    const [pier, quay, stone] = planted;
    if (pier === undefined || quay === undefined || stone === undefined)
      throw new Error("Nothing is planted.");
    const tokens = { limited: await made({ projects: [pier.project.id] }), whole: await made() };
    for (const theirs of [quay, stone]) {
      const token = theirs === quay ? tokens.limited : tokens.whole;
      for (const project of [theirs.project.id, theirs.registered.ref, theirs.project.name])
        expect(await said(server, token, "query_plans", { project })).toMatch(/not known/);
      for (const id of [...theirs.ids.plan, ...theirs.names.plan, ...theirs.ids.event])
        expect(await said(server, token, "get_document", { id, project: pier.project.id })).toMatch(
          /not_found/,
        );
      const found = await said(server, token, "semantic_search", {
        query: theirs.word,
        mode: "text",
        project: pier.project.id,
      });
      expect(found).not.toContain(`first ${theirs.word}`);
    }
    const mine = await said(server, tokens.limited, "query_plans", { project: pier.project.id });
    expect(mine).toContain(`first ${pier.word}`);
    expect(await said(server, tokens.whole, "query_plans", { project: quay.project.id })).toContain(
      quay.word,
    );
  });

  it("keeps each call in the audit, which stays whole under several servers that seal at once", async () => {
    const servers = [await serve(), await serve(), await serve()];
    const [pier] = planted;
    const project = pier?.project.id ?? NO_ONE_PROJECT;
    const token = await made({ name: "Audited robot" });
    const before = await verifyAudit(await ownersDeps());
    const calls = servers.flatMap((server) =>
      Array.from({ length: 20 }, (_, n) =>
        n % 2 === 0
          ? callOver(server, token, "query_plans", { project })
          : callOver(server, token, "get_document", { id: "nothing here", project }),
      ),
    );
    for (const call of calls) expect((await call).status).toBe(200);
    await Promise.all(servers.map(({ service }) => service.close(1_000)));
    const deps = await ownersDeps();
    for (const chain of await deps.storage.audit.chains())
      await deps.storage.audit.seal({ project: chain.project }, new Date().toISOString());
    const after = await verifyAudit(deps);
    expect(after).toMatchObject({ ok: true, unsealed: 0 });
    expect(after.sealed - before.sealed - before.unsealed).toBe(60);
    const lines = await deps.storage.audit.lines("calls", project, { fromSeq: 1, toSeq: 1_000 });
    const robots = lines.filter(({ actor }) => actor === "Audited robot");
    expect(robots).toHaveLength(60);
    expect(robots.filter((line) => "outcome" in line && line.outcome === "not_found")).toHaveLength(30);
    expect(JSON.stringify(robots)).not.toContain("nothing here");
  });
});
