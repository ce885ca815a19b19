import { createHmac, randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { credentialSettings } from "../../lib/credential-settings.ts";
import type { Deps } from "../../lib/knowledge/deps.ts";
import { createToken, revokeToken, rotateToken } from "../../lib/knowledge/tokens.ts";
import { openAuthenticator } from "../../lib/server/authenticator.ts";
import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import { callOver, httpClient, startService } from "../helpers/http-service.ts";
import { describeWithServer } from "../helpers/postgres.ts";
import { ownerOf, type Planted, plantedDatabase, rowsOfProject } from "../helpers/postgres-tenants.ts";

const PIER = ownerOf("harbour", "pierrot");
const BUOY = ownerOf("harbour", "buoyant");
const STONE = ownerOf("quarry", "stonecutter");
const SECRET = "a secret of this test, long enough for HS256";

interface World {
  readonly url: string;
  readonly planted: readonly Planted[];
  /** The store as the owner of the harbour has it on the command line: another process than the service. */
  readonly owner: Pick<Deps, "storage" | "clock" | "random">;
  readonly close: () => Promise<void>;
}

let world: World | undefined;

function here(): World {
  if (world === undefined) throw new Error("Nothing is planted.");
  return world;
}

/** A service on the database, with connections of its own. */
async function serving() {
  const storage = await PostgresStorage.open({ url: here().url });
  onTestFinished(() => storage.close());
  const kinds = ["token", "jwt"];
  const env: Readonly<Record<string, string>> = { AIKNOWSYS_JWT_SECRET: SECRET };
  const authenticator = await openAuthenticator({
    kinds,
    credentials: credentialSettings(kinds, (name) => env[name]),
    storage,
    clock: Date.now,
    log: { warn: () => undefined },
  });
  return startService({ storage, authenticator });
}

const base64 = (value: object | string): string =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** A token as anybody could write it. */
function signed(claims: object, change: { readonly alg?: string; readonly secret?: string } = {}): string {
  const now = Math.floor(Date.now() / 1_000);
  const all = {
    iss: "aiknowsys",
    aud: "aiknowsys",
    sub: "ci",
    tenant: "harbour",
    scope: "read",
    iat: now,
    exp: now + 600,
    ...claims,
  };
  const { alg = "HS256", secret = SECRET } = change;
  const body = `${base64({ alg, typ: "JWT" })}.${base64(all)}`;
  if (alg === "none") return `${body}.`;
  return `${body}.${createHmac("sha256", secret).update(body).digest("base64url")}`;
}

const PAST = { iat: 1_700_000_000, exp: 1_700_000_600 };

const REFUSED: readonly (readonly [why: string, status: number, token: () => Promise<string> | string])[] = [
  [
    "a token with a letter changed",
    401,
    async () => (await issue()).replace(/_(.)(?=[^_]{42}_)/, (_all, sign) => `_${sign === "a" ? "b" : "a"}`),
  ],
  ["a token cut short", 401, async () => (await issue()).slice(0, -1)],
  ["a whole token that nobody issued", 401, () => unissued()],
  ["an expired token", 401, () => expired()],
  ["a token that another process revoked just now", 401, () => revoked()],
  ["a token that was replaced without overlap", 401, () => replaced()],
  ["a signed token without signature (alg none)", 401, () => signed({}, { alg: "none" })],
  [
    "a signed token of another secret",
    401,
    () => signed({}, { secret: "another secret, long enough for HS256" }),
  ],
  ["a signed token for another audience", 401, () => signed({ aud: "https://elsewhere.example" })],
  ["a signed token of another issuer", 401, () => signed({ iss: "https://elsewhere.example" })],
  ["a signed token of the past", 401, () => signed(PAST)],
  ["a signed token that lives too long", 401, () => signed({ exp: 4_000_000_000 })],
  ["a signed token that names another algorithm", 401, () => signed({}, { alg: "HS512" })],
  ["a signed token of a tenant that is not", 403, () => signed({ tenant: "nowhere" })],
  ["a signed token without a tenant", 403, () => signed({ tenant: undefined })],
  ["a signed token without a right", 403, () => signed({ scope: "openid" })],
];

async function issue(more: object = {}): Promise<string> {
  return (await createToken(here().owner, { name: "ci", scope: "write", ...more })).token;
}

async function unissued(): Promise<string> {
  const { renderToken } = await import("../../lib/domain/token.ts");
  return renderToken("01890000-0000-7000-8000-000000000001", randomBytes(32));
}

async function expired(): Promise<string> {
  const past = Date.now() - 2 * 86_400_000;
  return (await createToken({ ...here().owner, clock: () => past }, { name: "ci", expires: 1 })).token;
}

async function revoked(): Promise<string> {
  const { token, ref } = await createToken(here().owner, { name: "ci" });
  await revokeToken(here().owner, { id: ref });
  return token;
}

async function replaced(): Promise<string> {
  const { token, ref } = await createToken(here().owner, { name: "ci" });
  await rotateToken(here().owner, { id: ref, overlap: 0 });
  return token;
}

describeWithServer("tokens over HTTP", () => {
  beforeAll(async () => {
    const { database, planted } = await plantedDatabase([PIER, BUOY, STONE]);
    const storage = await PostgresStorage.open({ url: database.url, tenant: "harbour" });
    const owner = { storage, clock: Date.now, random: (bytes: number) => randomBytes(bytes) };
    const close = async () => {
      await storage.close();
      await database.drop();
    };
    world = { url: database.url, planted, owner, close };
  });
  afterAll(() => world?.close());

  it.each(REFUSED)("%s: %i", async (_why, status, tokenOf) => {
    const service = await serving();
    const token = await tokenOf();
    const answer = await callOver(service, token, "get_status", {});
    expect(answer.status, await answer.text()).toBe(status);
    if (status === 401) expect(answer.headers.get("www-authenticate")).toContain("invalid_token");
    expect(service.logged.join("")).not.toContain(token.slice(-20));
  });

  it("count, of both kinds, when nothing is wrong with them", async () => {
    const service = await serving();
    for (const token of [await issue(), signed({})])
      expect((await callOver(service, token, "get_status", {})).status).toBe(200);
  });

  it("count no more from the call after another process revoked them, also for a client that is connected", async () => {
    const { url } = await serving();
    const { token, ref } = await createToken(here().owner, { name: "ci" });
    const client = await httpClient(url, "2025", { authorization: `Bearer ${token}` });
    expect((await client.listTools()).tools.length).toBeGreaterThan(5);
    await revokeToken(here().owner, { id: ref });
    await expect(client.listTools()).rejects.toThrow();
  });

  it("give nothing of another tenant, by id, name, ref, slug or search", async () => {
    const service = await serving();
    const [, , stone] = here().planted;
    if (stone === undefined) throw new Error("Nothing is planted.");
    const before = await rowsOfProject(here().url, STONE.project.id);
    const token = await issue();
    const mine = PIER.project.name;
    const asked: readonly (readonly [tool: string, args: object])[] = [
      ...[stone.project.id, stone.project.name, stone.registered.ref, String(stone.project.keys[0])].flatMap(
        (project) =>
          [
            ["query_plans", { project }],
            ["semantic_search", { project, query: "crane pier", mode: "text" }],
            ["create_plan", { project, title: "Not mine" }],
            ["resume_work", { project }],
          ] as const,
      ),
      ...Object.values(stone.names)
        .flat()
        .flatMap((id) => [["get_document", { id, project: mine }]] as const),
      ...stone.ids.plan.map((id) => ["update_plan", { id, project: mine, title: "Mine now" }] as const),
    ];
    for (const [tool, args] of asked) {
      const answer = await callOver(service, token, tool, args);
      const text = await answer.text();
      expect(answer.status, text).toBe(200);
      expect(text).toContain("not_found");
    }
    const search = await callOver(service, token, "semantic_search", {
      project: mine,
      query: "crane pier tide stonecutter",
      mode: "text",
    });
    const found = await search.text();
    expect(found).toContain("pierrot");
    expect(found.replaceAll("crane pier tide stonecutter", "")).not.toContain("stonecutter");
    expect(await rowsOfProject(here().url, STONE.project.id)).toEqual(before);
  });

  it("that are limited to one project work in it without naming it, and see no other", async () => {
    const service = await serving();
    const token = await issue({ projects: BUOY.project.name });
    const own = await (await callOver(service, token, "query_plans", {})).text();
    expect(own).toContain("buoyant");
    expect(own).not.toContain("pierrot");
    const other = await (
      await callOver(service, token, "query_plans", { project: PIER.project.name })
    ).text();
    expect(other).toContain("not_found");
  });

  it("write under their own names into the tenant's history", async () => {
    const service = await serving();
    const token = await issue({ projects: BUOY.project.name });
    const made = await (await callOver(service, token, "create_plan", { title: "Paint it" })).text();
    const ref = /pln_[a-z2-7]{8}/.exec(made)?.[0] ?? "";
    const history = await (await callOver(service, token, "get_history", { id: ref }, "full")).text();
    expect(history).toContain('\\"actor\\":\\"ci\\"');
  });
});
