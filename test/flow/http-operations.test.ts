import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { projectIdSchema } from "../../lib/domain/ids.ts";
import { LOCAL_SPACE } from "../../lib/embedding/model-identity.ts";
import { withQueryVectors } from "../../lib/embedding/query-vectors.ts";
import { callersOf, callOver, startService, WRITER } from "../helpers/http-service.ts";
import { openWorkbench } from "../helpers/knowledge.ts";
import { newProject } from "../helpers/store.ts";

const ADMIN = { ...WRITER, name: "admin", tokenId: "tok_admin", scopes: "admin" } as const;
const CALLERS = callersOf({ w: WRITER, a: ADMIN });
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

/** The whole answer: it is being sent until its last byte is here. */
async function said(answer: Promise<Response>): Promise<string> {
  return (await answer).text();
}

describe("a service on a public address", () => {
  const settings = { isLoopback: false };

  it("tells probes under any name whether it is ready, and nobody but administrators why", async () => {
    const { url } = await startService({ authenticator: CALLERS, settings });
    const probe = { headers: { host: "healthcheck.example" } };
    expect(await (await fetch(new URL("/healthz", url), probe)).json()).toEqual({ ok: true });
    expect(await (await fetch(new URL("/readyz", url), probe)).json()).toEqual({ ready: true });
    expect(await (await fetch(new URL("/readyz", url), bearer("w"))).json()).toEqual({ ready: true });
    expect(await (await fetch(new URL("/readyz", url), bearer("a"))).json()).toMatchObject({
      ready: true,
      store: { reachable: true, engine: "sqlite", isCurrent: true },
    });
  });

  it("shows metrics to administrators only", async () => {
    const { url } = await startService({ authenticator: CALLERS, settings });
    const ask = async (init?: RequestInit) => (await fetch(new URL("/metrics", url), init)).status;
    expect([await ask(), await ask(bearer("w")), await ask(bearer("a"))]).toEqual([401, 403, 200]);
  });

  it("is not ready while its store is away", async () => {
    const { url, storage } = await startService({ authenticator: CALLERS, settings });
    await storage.close();
    const answer = await fetch(new URL("/readyz", url), bearer("a"));
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ ready: false, store: { reachable: false } });
  });
});

describe("metrics", () => {
  it("count requests, calls and rows, in Prometheus' format, without a name of anybody's", async () => {
    const service = await startService({ authenticator: callersOf({ w: { ...WRITER, name: "pierrot" } }) });
    const project = await newProject(service.storage);
    await said(callOver(service, "w", "create_plan", { title: "Mend the pier", project }));
    await said(callOver(service, "w", "create_plan", { project }));
    await said(callOver(service, "nobodys", "get_status", {}));
    const answer = await fetch(new URL("/metrics", service.url));
    expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const text = await answer.text();
    const lines = text.trimEnd().split("\n");
    for (const line of [
      'aiknowsys_tool_calls_total{tool="create_plan",outcome="ok"} 1',
      'aiknowsys_tool_calls_total{tool="create_plan",outcome="invalid_input"} 1',
      'aiknowsys_http_requests_total{route="/mcp",status="200"} 2',
      'aiknowsys_http_requests_total{route="/mcp",status="401"} 1',
      'aiknowsys_rows{kind="plan"} 1',
      "aiknowsys_requests_in_flight 0",
    ])
      expect(lines).toContain(line);
    for (const line of lines)
      expect(line).toMatch(
        /^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [\d.e+-]+)$/,
      );
    expect(text).not.toMatch(/pierrot|tok_writer|pier/);
  });
});

describe("metrics of the model", () => {
  it("tell how many queries were remembered, what waits and what executes it", async () => {
    const waiting = { query: 2, batch: 30 };
    const embedder = withQueryVectors({
      ...{ space: LOCAL_SPACE, state: "ready", problem: undefined, warm: async () => undefined },
      embed: async (texts) => texts.map(() => new Float32Array(LOCAL_SPACE.dimensions).fill(1)),
      figures: () => ({ waiting, runtime: "native" }),
      close: async () => undefined,
    });
    const service = await startService({ embedder });
    const project = await newProject(service.storage);
    for (const query of ["pier", "harbour", "pier"])
      await said(callOver(service, "w", "semantic_search", { query, project }));
    const lines = (await said(fetch(new URL("/metrics", service.url)))).split("\n");
    for (const line of [
      'aiknowsys_query_vectors_total{found="remembered"} 1',
      'aiknowsys_query_vectors_total{found="made"} 2',
      'aiknowsys_embedding_queue{lane="query"} 2',
      'aiknowsys_embedding_queue{lane="batch"} 30',
      'aiknowsys_embedding_runtime{runtime="native"} 1',
    ])
      expect(lines).toContain(line);
  });
});

describe("the log", () => {
  it("has one JSON object a line, with the token's id, without tokens, texts and unknown addresses", async () => {
    const service = await startService({ authenticator: callersOf({ "very-secret": WRITER }) });
    const project = await newProject(service.storage);
    await said(callOver(service, "very-secret", "create_plan", { title: "Hidden harbour", project }));
    await said(fetch(new URL("/very-secret", service.url)));
    const lines = service.logged.map((line) => JSON.parse(line));
    expect(lines).toContainEqual(
      expect.objectContaining({ level: "info", route: "/mcp", status: "200", token: "tok_writer" }),
    );
    expect(lines).toContainEqual(expect.objectContaining({ route: "other", status: "404" }));
    expect(service.logged.join("")).not.toMatch(/very-secret|harbour/i);
  });
});

describe("a caller from afar", () => {
  it("is not answered from files of this machine, and changes none", async () => {
    const bench = await openWorkbench({ "plans/PLAN_pier.md": "# Mend the pier\n\nWith planks.\n" });
    await bench.index();
    const service = await startService({ storage: bench.deps.storage });
    const project = bench.project.ref;
    const path = join(bench.root, "plans", "PLAN_pier.md");
    writeFileSync(path, "# Mend the pier\n\nWith unseen concrete.\n");
    mkdirSync(join(bench.root, "plans", "more"));
    writeFileSync(join(bench.root, "plans", "PLAN_new.md"), "# An unseen plan\n");
    const ask = (tool: string, args: object) => said(callOver(service, "w", tool, { project, ...args }));
    expect(await ask("get_document", { id: "PLAN_pier" })).toContain("With planks");
    expect(await ask("query_plans", {})).not.toContain("unseen");
    expect(await ask("resume_work", {})).not.toContain("unseen");
    const changed = await ask("update_plan", { id: "PLAN_pier", append: "And nails." });
    expect(changed).not.toContain("isError");
    expect(await ask("get_document", { id: "PLAN_pier" })).toContain("And nails.");
    expect(readFileSync(path, "utf8")).toBe("# Mend the pier\n\nWith unseen concrete.\n");
  });

  it("is forbidden a store that cannot be divided, with a token for a part of it", async () => {
    const limited = { ...WRITER, projects: [projectIdSchema.parse("01890000-0000-7000-8000-000000000001")] };
    const service = await startService({ authenticator: callersOf({ w: limited }) });
    const text = await said(callOver(service, "w", "query_plans", {}));
    expect(text).toContain("Error (forbidden)");
  });

  it("is asked for the project when none is named and there are several", async () => {
    const service = await startService();
    for (const name of ["harbour", "quarry"]) await newProject(service.storage, { name });
    const text = await said(callOver(service, "w", "query_plans", {}));
    expect(text).toContain("No project is named");
  });
});
