import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { sha256 } from "../../lib/domain/ids.ts";
import { deleteRow } from "../../lib/knowledge/delete-row.ts";
import type { Deps } from "../../lib/knowledge/deps.ts";
import { indexWorkspace } from "../../lib/knowledge/index-workspace.ts";
import type { CallRecord } from "../../lib/server/caller.ts";
import type { StorageAdapter } from "../../lib/storage/adapter.ts";
import { distantCopy } from "../helpers/distant-copy.ts";
import { callersOf, callOver, startService, WRITER } from "../helpers/http-service.ts";
import { listeningUrl } from "../helpers/listening.ts";

/** What use cases are handed on the instance's own machine. */
function depsOn(storage: StorageAdapter): Deps {
  const silent = (): void => undefined;
  return {
    ...{ storage, clock: Date.now, actor: "x", embedder: undefined, embeddingProvider: "none" },
    random: (bytes) => new Uint8Array(bytes),
    documents: "store",
    log: { debug: silent, info: silent, warn: silent, error: silent },
    cursors: { read: () => undefined, write: silent },
  };
}

const READER = { ...WRITER, name: "reader", tokenId: "tok_reader", scopes: "read" } as const;
const CALLERS = callersOf({ w: WRITER, r: READER });
const DONE = { indexed: 0, unchanged: 0, skipped: 0, failed: 0, removed: 0 };
const SECRET = "AKIAIOSFODNN7EXAMPLF";

async function serve(more: Parameters<typeof startService>[0] = {}) {
  const service = await startService({ authenticator: CALLERS, ...more });
  const project = async () => (await service.storage.projects.list())[0] ?? expect.fail("No project.");
  /** What a tool says, as its structured content. */
  const ask = async (tool: string, args: object) => {
    const answer = await callOver(service, "w", tool, args, "full");
    const text = await answer.text();
    const line = text.startsWith("{") ? text : (/^data: (.*)$/m.exec(text)?.[1] ?? "{}");
    return JSON.parse(line).result.structuredContent;
  };
  const slugs = async () => {
    const { plans } = await ask("query_plans", { project: (await project()).id });
    return plans.map(({ slug }: { slug: string }) => slug).sort();
  };
  return { ...service, project, ask, slugs };
}

describe("index --remote", () => {
  it("sends a project's documents once, and then only what changed", async () => {
    const service = await serve();
    const here = distantCopy(service.url, "w");
    here.put("plans/PLAN_one.md", "# Mend the pier\n\nPlanks.\n");
    here.put("plans/PLAN_two.md", "# Mend the crane\n");
    here.put("sessions/2026-02-14-session.md", "# A day at the pier\n");
    here.put("notes/knots.md", "# Knots\n");
    here.put("big.md", new Uint8Array([0, 1, 2, 3]));
    const first = await here.send();
    expect(first.body).toMatchObject({
      ...{ ok: true, found: 5, indexed: 4, skipped: 1, plansIndexed: 2, sessionsIndexed: 1 },
      ...{ patternsIndexed: 1, embedded: 0, project: { name: "harbour" } },
      warnings: [{ item: "big.md" }],
    });
    expect(first.body.chunks).toBeGreaterThanOrEqual(4);
    expect(await here.sent()).toEqual({ ...DONE, unchanged: 4, skipped: 1 });
    here.put("plans/PLAN_two.md", "# Mend the crane\n\nToday.\n");
    expect(await here.sent()).toEqual({ ...DONE, indexed: 1, unchanged: 3, skipped: 1 });
    const { id } = await service.project();
    expect(await service.ask("get_document", { id: "PLAN_two", project: id, detail: "full" })).toMatchObject({
      quoted: expect.stringContaining("Today."),
    });
    const { results } = await service.ask("semantic_search", { query: "planks", mode: "text", project: id });
    expect(results).toMatchObject([{ title: "Mend the pier" }]);
  });

  it("tells the instance neither secrets nor paths of the machine, nor hashes that would tell them", async () => {
    const said: string[] = [];
    const service = await serve();
    const proxy = await proxyTo(service.url, { onBody: (text) => said.push(text) });
    const here = distantCopy(proxy, "w");
    here.put("plans/PLAN_key.md", `# Key\n\naws_access_key_id = ${SECRET}\n`);
    here.put(`plans/${SECRET}.md`, "# Named so\n");
    const { body } = await here.send();
    expect(body).toMatchObject({ indexed: 1, skipped: 1 });
    expect(JSON.stringify(body.warnings)).toMatch(/Secrets were left out of the store: aws/);
    const everything = said.join("\n");
    expect(everything).toContain("# Key");
    expect(everything).not.toContain(SECRET);
    expect(everything).not.toContain(here.folder);
    expect(everything).not.toContain(sha256(readFileSync(join(here.folder, "plans/PLAN_key.md"))));
    // Another secret in its place is no change of what is stored.
    here.put("plans/PLAN_key.md", `# Key\n\naws_access_key_id = ${SECRET.replace("F", "G")}\n`);
    expect(await here.sent()).toMatchObject({ indexed: 0, unchanged: 1 });
    expect(await here.sent("--no-redact")).toMatchObject({ indexed: 2 });
    expect(said.join("\n")).toContain(SECRET);
  });

  it("lets clones of one project be one project, and none bury what another holds", async () => {
    const service = await serve();
    const [one, two] = [
      distantCopy(service.url, "w"),
      distantCopy(service.url, "w", "https://me@git.example.com/Team/Harbour"),
    ];
    for (const copy of [one, two]) copy.put("plans/PLAN_shared.md", "# Shared\n");
    one.put("plans/PLAN_own.md", "# Own\n");
    expect(await one.sent()).toEqual({ ...DONE, indexed: 2 });
    expect(await two.sent()).toEqual({ ...DONE, unchanged: 1 });
    expect(await service.storage.projects.list()).toMatchObject([
      { name: "harbour", keys: ["git:git.example.com/team/harbour"], roots: [] },
    ]);
    // What only the other one has is not missing here; what both have is not gone when one lost it.
    expect(await two.sent()).toMatchObject({ removed: 0 });
    one.remove("plans/PLAN_shared.md");
    expect(await one.sent()).toEqual({ ...DONE, unchanged: 1 });
    expect(await service.slugs()).toEqual(["PLAN_own", "PLAN_shared"]);
    one.remove("plans/PLAN_own.md");
    expect(await one.sent()).toEqual({ ...DONE, removed: 1 });
    two.remove("plans/PLAN_shared.md");
    expect(await two.sent()).toEqual({ ...DONE, removed: 1 });
    expect(await service.slugs()).toEqual([]);
    two.put("plans/PLAN_shared.md", "# Shared\n");
    expect(await two.sent()).toEqual({ ...DONE, indexed: 1 });
  });

  it("names what was renamed, takes a folder of the project, and another copy by its name", async () => {
    const service = await serve();
    const here = distantCopy(service.url, "w");
    here.put("plans/PLAN_old.md", "# A name\n");
    here.put("sessions/2026-02-14-session.md", "# A day\n");
    await here.sent();
    here.remove("plans/PLAN_old.md");
    here.put("plans/PLAN_new.md", "# A name\n");
    const { body } = await here.send("plans");
    expect(body).toMatchObject({ found: 1, indexed: 1, removed: 1 });
    expect(JSON.stringify(body.warnings)).toContain("Renamed: plans/PLAN_old.md → plans/PLAN_new.md");
    here.remove("plans/PLAN_new.md");
    expect(await here.sent("--copy", "ci")).toMatchObject({ removed: 0, unchanged: 1 });
    expect(await here.sent("--copy", "CI")).toMatchObject({ removed: 0 });
    expect(await here.sent()).toMatchObject({ removed: 1 });
  });

  it("keeps both where the instance holds a change that the file lacks, until the file has it", async () => {
    const service = await serve();
    const here = distantCopy(service.url, "w");
    here.put("plans/PLAN_one.md", "# One\n");
    await here.sent();
    const { id: project } = await service.project();
    await service.ask("update_plan", { id: "PLAN_one", append: "From afar.", project });
    here.put("plans/PLAN_one.md", "# One\n\nFrom here.\n");
    const { status, body } = await here.send();
    expect(status).toBe(6);
    expect(body).toMatchObject({ ok: false, failed: 1, found: 1 });
    expect(body.warnings[0].reason).toMatch(/holds a change to pln_\w+ that its file lacks/);
    const shown = async () =>
      (await service.ask("get_document", { id: "PLAN_one", project, detail: "full" })).quoted;
    expect(await shown()).toContain("From afar.");
    here.put("plans/PLAN_one.md", String(await shown()));
    expect(await here.sent()).toMatchObject({ failed: 0 });
    here.put("plans/PLAN_one.md", "# One\n\nFrom here again.\n");
    expect(await here.sent()).toEqual({ ...DONE, indexed: 1 });
  });

  it("leaves alone what was deleted over there", async () => {
    const service = await serve();
    const here = distantCopy(service.url, "w");
    here.put("plans/PLAN_one.md", "# One\n");
    await here.sent();
    const { id } = await service.project();
    const [plan] = await service.storage.plans.find([id], "PLAN_one");
    const project = await service.project();
    const scope = { project, projects: [project] };
    await deleteRow(depsOn(service.storage), scope, { id: plan?.ref ?? "" });
    const { body } = await here.send();
    expect(body).toMatchObject({ skipped: 1, indexed: 0 });
    expect(body.warnings[0].reason).toContain("was deleted from the store");
  });

  it("names a document that is larger than a request may be, and sends the others", async () => {
    const service = await serve();
    const here = distantCopy(service.url, "w");
    here.put("huge.md", `# Huge\n\n${"word ".repeat(1_700_000)}`);
    here.put("plans/PLAN_one.md", "# One\n");
    const { status, body } = await here.send();
    expect(status).toBe(6);
    expect(body).toMatchObject({ found: 2, indexed: 1, failed: 1 });
    expect(body.warnings).toMatchObject([{ item: "huge.md", reason: expect.stringContaining("8 MiB") }]);
  });

  it("names a document that the instance cannot take in its time, once, and sends the others", async () => {
    const service = await serve();
    const asked: string[] = [];
    const turn = (body: string): string => {
      if (!body.includes("heavy as lead")) return "pass";
      asked.push(body);
      return "late";
    };
    const here = distantCopy(await proxyTo(service.url, { turn }), "w");
    for (let nth = 0; nth < 8; nth++) here.put(`plans/PLAN_${nth}.md`, `# Plan ${nth}\n`);
    here.put("plans/PLAN_3.md", "# Plan 3\n\nheavy as lead\n");
    const { status, body } = await here.send();
    expect(status).toBe(6);
    expect(body).toMatchObject({ ok: false, found: 8, indexed: 7, failed: 1 });
    expect(body.warnings).toEqual([
      { item: "plans/PLAN_3.md", reason: expect.stringMatching(/ answered 504\. It may have been stored/) },
    ]);
    expect(asked).toHaveLength(4);
  });

  it("does not name every document where the instance is late with everything", async () => {
    const service = await serve();
    let stored = 0;
    const turn = (body: string): string => {
      const isStoring = body.includes('"step":"store"');
      if (isStoring) stored += 1;
      if (isStoring) return "late";
      return stored === 0 ? "pass" : "forbidden";
    };
    const here = distantCopy(await proxyTo(service.url, { turn }), "w");
    for (let nth = 0; nth < 4; nth++) here.put(`plans/PLAN_${nth}.md`, `# Plan ${nth}\n`);
    expect(await here.send()).toMatchObject({ status: 2, body: { error: { code: "forbidden" } } });
    expect(stored).toBe(3);
  });

  it("goes on after cut connections, and waits as long as a busy instance asks", async () => {
    const service = await serve();
    const turns = ["cut", "busy", "pass", "lost", "pass", "limited"];
    const proxy = await proxyTo(service.url, { turn: () => turns.shift() ?? "pass" });
    const here = distantCopy(proxy, "w");
    for (let nth = 0; nth < 120; nth++) here.put(`plans/PLAN_${nth}.md`, `# Plan ${nth}\n`);
    const { status, body, err } = await here.send();
    expect({ status, indexed: body.indexed, failed: body.failed }).toEqual({
      status: 0,
      indexed: 120,
      failed: 0,
    });
    expect(err).toContain("Trying again in 1 s.");
    expect(turns).toEqual([]);
    const { counts } = await service
      .ask("project_stats", { project: (await service.project()).id })
      .then(({ project }: { project: { counts: object } }) => project);
    expect(counts).toMatchObject({ plans: 120 });
    expect(await here.sent()).toEqual({ ...DONE, unchanged: 120 });
  }, 60_000);

  it("is refused with the instance's own words, and without the setting", async () => {
    const service = await serve();
    const refused = async (token: string, ...more: readonly string[]) => {
      const { status, body } = await distantCopy(service.url, token).send(...more);
      return { status, message: body.error.message };
    };
    expect(await refused("r")).toEqual({ status: 2, message: expect.stringContaining("may read") });
    expect(await refused("nobodys")).toEqual({ status: 2, message: "This token does not count." });
    expect(await refused("w", "--project", "nowhere")).toMatchObject({ status: 3 });
    expect(await refused("w", "--copy", "a b")).toMatchObject({ status: 2 });
    expect(await refused("w", "--no-embed")).toMatchObject({ status: 2 });
    const nameless = await distantCopy(service.url, "w", "").send();
    const unidentified = { error: { message: expect.stringContaining("which project of the instance") } };
    expect(nameless).toMatchObject({ status: 2, body: unidentified });
    const local = await distantCopy(service.url, "w", "/srv/git/harbour.git").send();
    expect(local).toMatchObject({ status: 2, body: unidentified });
    const { type } = distantCopy(service.url, "w");
    expect(await type(["index", "--copy", "ci"])).toMatchObject({ status: 2 });
    expect(await service.storage.projects.list()).toEqual([]);
  });

  it.skipIf(process.platform === "win32")(
    "names files whose path the instance cannot keep, and sends the others",
    async () => {
      const service = await serve();
      const here = distantCopy(service.url, "w");
      for (const name of ["PLAN_a", "PLAN_b\u001b[31m", "PLAN_c\\d"]) here.put(`plans/${name}.md`, "# One\n");
      const { status, body } = await here.send();
      expect(status).toBe(6);
      expect(body).toMatchObject({ ...DONE, found: 3, indexed: 1, failed: 2 });
      expect(body.warnings.map(({ reason }: { reason: string }) => reason)).toEqual([
        expect.stringContaining("control character"),
        expect.stringContaining("Windows"),
      ]);
    },
  );

  it("refuses what is no token at once, and asks nobody", async () => {
    const said: string[] = [];
    const proxy = await proxyTo((await serve()).url, { onBody: (text) => said.push(text) });
    const { status, body } = await distantCopy(proxy, "aiks_x…").send();
    expect({ status, body }).toMatchObject({ status: 2, body: { error: { field: "AIKNOWSYS_TOKEN" } } });
    expect(said).toEqual([]);
  });

  it("is in the audit step by step, and never what was sent", async () => {
    const calls: CallRecord[] = [];
    const audit = { record: (call: CallRecord) => void calls.push(call), flush: async () => undefined };
    const service = await serve({ audit });
    const here = distantCopy(service.url, "w");
    here.put("plans/PLAN_one.md", "# Mend the pier\n");
    await here.sent();
    const { id } = await service.project();
    expect(calls.map(({ tool, project, outcome, rows }) => ({ tool, project, outcome, rows }))).toEqual(
      ["compare", "compare", "store", "list", "finish"].map((step) => ({
        ...{ tool: `documents/${step}`, project: id, outcome: "ok", rows: step === "store" ? 1 : 0 },
      })),
    );
    await here.send("--project", "nowhere");
    expect(calls.at(-1)).toMatchObject({ outcome: "not_found", caller: { tokenId: "tok_writer" } });
    expect(JSON.stringify(calls) + service.logged.join("")).not.toContain("pier");
    const { entries } = await service.ask("get_history", { id: "PLAN_one", project: id });
    expect(entries).toMatchObject([{ actor: "writer", operation: "create" }]);
  });
});

describe("the roots of this machine", () => {
  it("do not bury what a working copy of another machine holds", async () => {
    const service = await serve();
    const there = distantCopy(service.url, "w");
    there.put("plans/PLAN_one.md", "# One\n");
    there.put("plans/PLAN_two.md", "# Two\n");
    await there.sent();
    const here = distantCopy(service.url, "w");
    here.put("plans/PLAN_one.md", "# One\n");
    here.put("plans/PLAN_here.md", "# Here\n");
    const project = await service.project();
    const index = () => indexWorkspace(depsOn(service.storage), project, { root: here.folder });
    await index();
    here.remove("plans/PLAN_one.md");
    here.remove("plans/PLAN_here.md");
    expect(await index()).toMatchObject({ removed: 1 });
    expect(await service.slugs()).toEqual(["PLAN_one", "PLAN_two"]);
    expect((await service.storage.sources.files(project.id)).map(({ path }) => path)).toEqual([
      "plans/PLAN_one.md",
      "plans/PLAN_two.md",
    ]);
  });
});

interface ProxyOptions {
  readonly onBody?: (text: string) => void;
  /** What becomes of the next request: passed on, or cut, or refused, or its answer is lost. */
  readonly turn?: (body: string) => string;
}

/** Passes requests on to the service, or does not. */
async function proxyTo(url: URL, { onBody, turn = () => "pass" }: ProxyOptions): Promise<URL> {
  const server = createServer(async (request, response) => {
    const body = await textOf(request);
    onBody?.(body);
    const now = turn(body);
    if (now === "cut") return request.socket.destroy();
    const busy = { busy: 503, limited: 429, late: 504, forbidden: 403 }[now];
    if (busy !== undefined) return response.writeHead(busy, { "retry-after": "1" }).end("busy");
    const headers = {
      authorization: String(request.headers.authorization),
      "content-type": "application/json",
    };
    const answer = await fetch(new URL(String(request.url), url), { method: "POST", headers, body });
    const text = await answer.text();
    if (now === "lost") return request.socket.destroy();
    return response.writeHead(answer.status, { "content-type": "application/json" }).end(text);
  });
  onTestFinished(() => void server.close());
  return new URL("/mcp", await listeningUrl(server));
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of request) text += String(part);
  return text;
}
