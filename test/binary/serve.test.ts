import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { httpClient } from "../helpers/http-service.ts";
import { describeWithServer, newDatabase } from "../helpers/postgres.ts";
import { makePlace } from "./cli-program.ts";
import { serveAt } from "./serve-program.ts";

const OPEN = { AIKNOWSYS_AUTH: "none" };

describe("aiknowsys serve", () => {
  it.each(["2025", "2026"] as const)(
    "serves the SQLite store of this machine, era %s, and ends when asked",
    async (era) => {
      const place = makePlace();
      const { child, url, stdout, ended } = await serveAt(place, OPEN);
      place.json(["create-plan", "--title", "Mend the pier"]);
      const [project] = place.json(["project", "list"]).body.projects;
      const client = await httpClient(url, era);
      const { structuredContent } = await client.callTool({
        name: "query_plans",
        arguments: { project: project.ref },
      });
      expect(structuredContent).toMatchObject({ plans: [{ title: "Mend the pier" }] });
      await client.close();
      child.kill("SIGTERM");
      expect(await ended).toBe(0);
      expect(JSON.parse(stdout())).toMatchObject({ storage: "sqlite", auth: [] });
    },
    60_000,
  );

  it("counts tokens of the SQLite store", async () => {
    const place = makePlace();
    const { token } = place.json(["token", "create", "--name", "ci"]).body;
    const { url } = await serveAt(place, {});
    await expect(httpClient(url, "2025")).rejects.toThrow();
    const client = await httpClient(url, "2025", { authorization: `Bearer ${token}` });
    expect((await client.listTools()).tools.length).toBeGreaterThan(5);
  }, 60_000);

  it("refuses to serve everybody without tokens", () => {
    const { status, body } = makePlace().json(["serve", "--host", "0.0.0.0"], { env: OPEN });
    expect(status).toBe(2);
    expect(body.error.message).toContain("can be reached from other machines");
  });

  it("says when its port is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void other.close());
    await once(other, "listening");
    const address = other.address();
    const port = String(typeof address === "object" ? address?.port : "");
    const { status, body } = makePlace().json(["serve", "--port", port], { env: OPEN });
    expect(status).toBe(5);
    expect(body.error.message).toContain("is taken by another program");
  }, 60_000);
});

describeWithServer("aiknowsys serve on PostgreSQL", () => {
  it("works in the tenant that is named, where everybody is trusted", async () => {
    const { url, drop } = await newDatabase();
    onTestFinished(drop);
    const place = makePlace();
    const env = { ...OPEN, STORAGE_TYPE: "postgres", POSTGRES_URL: url };
    const refused = place.json(["serve", "--port", "0"], { env });
    expect([refused.status, refused.body.error.code]).toEqual([5, "schema_mismatch"]);
    place.json(["migrate"], { env });
    place.json(["tenant", "create", "harbour"], { env });
    place.json(["create-plan", "--title", "In the default"], { env });
    place.json(["create-plan", "--title", "In the harbour", "--tenant", "harbour"], { env });
    const served = await serveAt(place, env, "--tenant", "harbour");
    const client = await httpClient(served.url, "2025", { "x-mcp-toolset": "full" });
    const { structuredContent } = await client.callTool({ name: "list_projects", arguments: {} });
    expect(structuredContent).toMatchObject({ projects: [{ counts: { plans: 1 } }] });
    const { ref } = { ref: "", ...Object(structuredContent).projects[0] };
    const plans = await client.callTool({ name: "query_plans", arguments: { project: ref } });
    expect(plans.structuredContent).toMatchObject({ plans: [{ title: "In the harbour" }] });
  }, 90_000);
});

describeWithServer("two processes of aiknowsys serve", () => {
  async function pair() {
    const { url, drop } = await newDatabase();
    onTestFinished(drop);
    const place = makePlace();
    const env = { STORAGE_TYPE: "postgres", POSTGRES_URL: url };
    const [a, b] = await Promise.all([serveAt(place, env, "--migrate"), serveAt(place, env, "--migrate")]);
    const json = (args: readonly string[]) => place.json(args, { env }).body;
    json(["create-plan", "--title", "First"]);
    const [project] = json(["project", "list"]).projects;
    const issued = json(["token", "create", "--name", "ci", "--scope", "write"]);
    const authorization = `Bearer ${issued.token}`;
    return { a, b, json, project: project.ref, issued, authorization };
  }

  it("migrate at once, share what is written, and refuse a token that was revoked", async () => {
    const { a, b, json, project, issued, authorization } = await pair();
    const one = await httpClient(a.url, "2025", { authorization });
    const other = await httpClient(b.url, "2026", { authorization });
    await one.callTool({ name: "create_plan", arguments: { project, title: "Written at one" } });
    const read = await other.callTool({ name: "query_plans", arguments: { project } });
    expect(JSON.stringify(read.structuredContent)).toContain("Written at one");
    json(["token", "revoke", issued.ref]);
    for (const client of [one, other]) await expect(client.listTools()).rejects.toThrow();
  }, 120_000);

  it("lose and double nothing when one is killed under load and clients ask the other", async () => {
    const { a, b, project, authorization, json } = await pair();
    const acknowledged: string[] = [];
    const record = async (url: URL, text: string): Promise<boolean> => {
      const params = { name: "record_event", arguments: { project, type: "note", data: { text } } };
      const headers = {
        authorization,
        "idempotency-key": text.replaceAll(" ", "-"),
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
      };
      const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params });
      const answer = await fetch(url, { method: "POST", headers, body });
      const said = await answer.text();
      return answer.ok && said.includes("structuredContent");
    };
    let isOneDead = false;
    const writer = async (name: string) => {
      for (let n = 0; n < 25; n++) {
        const text = `${name} note ${n}`;
        const isKept = await record(a.url, text).catch(() => false);
        if (!isKept) expect(await record(b.url, text)).toBe(true);
        acknowledged.push(text);
        if (acknowledged.length > 40 && !isOneDead) {
          isOneDead = true;
          a.child.kill("SIGKILL");
        }
      }
    };
    await Promise.all(["ada", "ben", "cyd", "dee"].map(writer));
    expect(isOneDead).toBe(true);
    const kept: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = json([
        "query-events",
        "--limit",
        "100",
        ...(cursor === undefined ? [] : ["--cursor", cursor]),
      ]);
      for (const { data } of page.events) kept.push(data.text);
      cursor = page.nextCursor;
      if (cursor === undefined) break;
    }
    expect(kept.toSorted()).toEqual(acknowledged.toSorted());
    expect(acknowledged).toHaveLength(100);
  }, 120_000);
});
