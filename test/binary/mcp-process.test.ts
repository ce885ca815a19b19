import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { PROGRAM } from "./cli-program.ts";
import { type McpPlace, makeMcpPlace, mcpEnvironment } from "./mcp-program.ts";

const request = (id: number, method: string, params: object = {}): string =>
  `${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`;
const INITIALIZE = request(1, "initialize", {
  protocolVersion: "2025-06-18",
  capabilities: {},
  clientInfo: { name: "raw", version: "1" },
});
const INITIALIZED = `${JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" })}\n`;

function startServer(
  place: McpPlace,
  options: {
    readonly args?: readonly string[];
    /** What stands before the command's name. */
    readonly before?: readonly string[];
    readonly cwd?: string;
    readonly provider?: "none" | "local";
    readonly nodeOptions?: string;
  } = {},
) {
  const child = spawn(
    process.execPath,
    [PROGRAM, ...(options.before ?? []), "mcp", ...(options.args ?? [])],
    {
      cwd: options.cwd ?? place.project,
      env: { ...mcpEnvironment(place, options.provider), NODE_OPTIONS: options.nodeOptions ?? "" },
      stdio: "pipe",
    },
  );
  let out = "";
  let err = "";
  child.stdout.on("data", (data) => {
    out += data;
  });
  child.stderr.on("data", (data) => {
    err += data;
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const exited = new Promise<number | null>((resolve) => child.on("exit", (code) => resolve(code)));
  const answer = async (id: number): Promise<{ readonly result?: unknown; readonly error?: unknown }> => {
    for (;;) {
      const line = out.split("\n").find((text) => text.includes(`"id":${id}`) && text.endsWith("}"));
      if (line !== undefined) return JSON.parse(line);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  return { child, exited, answer, stdout: () => out, stderr: () => err };
}

async function endsWithin(server: ReturnType<typeof startServer>, ms: number): Promise<void> {
  server.child.stdin.end();
  expect(await within(ms, server.exited)).toBe(0);
}

/** What comes of the promise, or a failure when it takes longer. */
async function within<Value>(ms: number, promise: Promise<Value>): Promise<Value> {
  const late = new Promise<never>((_, fail) => {
    setTimeout(() => fail(new Error(`nothing came of it within ${ms} ms`)), ms).unref();
  });
  return Promise.race([promise, late]);
}

describe("the MCP process", () => {
  it.each(["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"])(
    "speaks revision %s",
    async (protocolVersion) => {
      const server = startServer(makeMcpPlace());
      server.child.stdin.write(
        request(1, "initialize", {
          protocolVersion,
          capabilities: {},
          clientInfo: { name: "raw", version: "1" },
        }),
      );
      expect((await server.answer(1)).result).toMatchObject({
        protocolVersion,
        serverInfo: { name: "aiknowsys" },
      });
    },
  );

  it("answers the handshake without opening a database", async () => {
    const place = makeMcpPlace();
    const server = startServer(place, { args: ["--db", "/proc/nowhere/knowledge.db"] });
    server.child.stdin.write(INITIALIZE + INITIALIZED + request(2, "tools/list"));
    expect((await server.answer(2)).result).toMatchObject({ tools: expect.any(Array) });
    server.child.stdin.write(request(3, "tools/call", { name: "query_plans", arguments: {} }));
    expect((await server.answer(3)).result).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining("Error (") }],
    });
  });

  it("ends within a second when stdin closes: idle, after calls, and while the model loads", async () => {
    const idle = startServer(makeMcpPlace());
    idle.child.stdin.write(INITIALIZE);
    await idle.answer(1);
    await endsWithin(idle, 1_000);

    const busy = startServer(makeMcpPlace(), { provider: "local" });
    busy.child.stdin.write(
      INITIALIZE +
        INITIALIZED +
        request(2, "tools/call", {
          name: "record_event",
          arguments: { type: "note", data: { text: "hello" } },
        }),
    );
    await busy.answer(2);
    busy.child.stdin.write(
      request(3, "tools/call", { name: "semantic_search", arguments: { query: "hello" } }),
    );
    await endsWithin(busy, 1_000);
    for (const server of [idle, busy]) expect(server.stderr()).toBe("");
  });

  it.each(["SIGTERM", "SIGINT"] as const)("ends within a second at %s", async (signal) => {
    const server = startServer(makeMcpPlace());
    server.child.stdin.write(INITIALIZE + INITIALIZED + request(2, "tools/call", { name: "get_status" }));
    await server.answer(2);
    server.child.kill(signal);
    expect(await within(1_000, server.exited)).toBe(0);
    expect(server.stderr()).toBe("");
  });

  it("ends quietly when the client no longer reads", async () => {
    const server = startServer(makeMcpPlace());
    server.child.stdin.write(INITIALIZE + INITIALIZED);
    await server.answer(1);
    server.child.stdout.destroy();
    for (let id = 2; id < 5; id++) server.child.stdin.write(request(id, "tools/list"));
    expect(await within(5_000, server.exited)).toBe(0);
    expect(server.stderr()).toBe("");
  });

  it("writes nothing but the protocol to stdout", async () => {
    const place = makeMcpPlace();
    const print = join(place.home, "..", "print.mjs");
    writeFileSync(
      print,
      'setInterval(() => process.stdin.listenerCount("data") > 0 && console.log("a stray print"), 20).unref();',
    );
    const server = startServer(place, { args: ["--verbose"], nodeOptions: `--import=${print}` });
    server.child.stdin.write(INITIALIZE + INITIALIZED);
    await server.answer(1);
    const calls = [
      ["create_plan", { title: "A" }],
      ["query_plans", { status: "wrong" }],
      ["semantic_search", { query: "A" }],
      ["nonsense", {}],
    ] as const;
    for (const [index, [name, args]] of calls.entries()) {
      server.child.stdin.write(request(10 + index, "tools/call", { name, arguments: args }));
      await server.answer(10 + index);
    }
    server.child.stdin.write("this is not JSON\n");
    server.child.stdin.write(request(99, "ping"));
    await server.answer(99);
    await vi.waitFor(() => expect(server.stderr()).toContain("a stray print"));
    for (const line of server
      .stdout()
      .split("\n")
      .filter((text) => text !== ""))
      expect(JSON.parse(line)).toMatchObject({ jsonrpc: "2.0" });
  });

  it("says what is wrong with its options in a sentence and ends", async () => {
    for (const [args, sentence] of [
      [
        ["--tools", "dynamic"],
        /^aiknowsys: --tools dynamic is not a profile[^\n]*\nUse one of: core, readonly, full\.\n$/,
      ],
      [["--tool"], /^aiknowsys: There is no option --tool\.\nUsage: aiknowsys mcp /],
    ] as const) {
      const server = startServer(makeMcpPlace(), { args });
      expect(await server.exited).toBe(2);
      expect(server.stderr()).toMatch(sentence);
      expect(server.stdout()).toBe("");
    }
  });

  it("says so as one JSON document on stderr with --json, before its name or behind it", async () => {
    for (const options of [
      { args: ["--tools", "bla", "--json"] },
      { before: ["--json"], args: ["--tools", "bla"] },
    ]) {
      const server = startServer(makeMcpPlace(), options);
      expect(await server.exited).toBe(2);
      expect(JSON.parse(server.stderr())).toMatchObject({ error: { code: "invalid_input", field: "tools" } });
      expect(server.stdout()).toBe("");
    }
  });

  it("answers a line that is not JSON with a parse error and goes on", async () => {
    const server = startServer(makeMcpPlace());
    server.child.stdin.write(`${INITIALIZE}this is not JSON\n\n${request(2, "ping")}`);
    await server.answer(2);
    const lines = server
      .stdout()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.filter(({ id }) => id === null)).toMatchObject([{ error: { code: -32_700 } }]);
  });

  it("takes global options before its name as behind it", async () => {
    const place = makeMcpPlace();
    const file = join(place.home, "elsewhere.db");
    const server = startServer(place, { before: ["--db", file] });
    server.child.stdin.write(INITIALIZE + INITIALIZED + request(2, "tools/call", { name: "get_status" }));
    expect((await server.answer(2)).result).toMatchObject({
      structuredContent: { storage: { location: file } },
    });
  });

  it("takes arguments that are null or an object as text for the object that is meant", async () => {
    const server = startServer(makeMcpPlace());
    server.child.stdin.write(
      INITIALIZE + INITIALIZED + request(2, "tools/call", { name: "query_plans", arguments: null }),
    );
    expect((await server.answer(2)).result).toMatchObject({ structuredContent: { count: 0 } });
    const args = JSON.stringify({ title: "Harbour" });
    server.child.stdin.write(request(3, "tools/call", { name: "create_plan", arguments: args }));
    expect((await server.answer(3)).result).toMatchObject({ structuredContent: { slug: "PLAN_harbour" } });
  });

  it("answers arguments of ten megabytes and of ten thousand levels, and goes on", async () => {
    const server = startServer(makeMcpPlace());
    const call = (id: number, name: string, args: string): void => {
      const params = `{"name":"${name}","arguments":${args}}`;
      server.child.stdin.write(`{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":${params}}\n`);
    };
    const deep = "[".repeat(10_000) + "]".repeat(10_000);
    server.child.stdin.write(INITIALIZE + INITIALIZED);
    call(12, "create_plan", JSON.stringify({ title: "A", content: "x".repeat(10_000_000) }));
    call(13, "record_event", `{"type":"note","data":{"text":"a","deep":${deep}}}`);
    call(14, "record_event", JSON.stringify({ type: "note", data: `{"text":"a","deep":${deep}}` }));
    call(15, "query_plans", "{}");
    const text = (expected: RegExp) => ({
      isError: true,
      content: [{ text: expect.stringMatching(expected) }],
    });
    expect((await server.answer(12)).result).toMatchObject(text(/at most 4 million are taken/));
    for (const id of [13, 14])
      expect((await server.answer(id)).result).toMatchObject(text(/nested more than 100 levels deep/));
    expect((await server.answer(15)).result).toMatchObject({ structuredContent: { count: 0 } });
    expect(server.stderr()).toBe("");
  });

  it.each(["/", "home"])("registers nothing in %s and asks for a project there", async (where) => {
    const place = makeMcpPlace();
    mkdirSync(place.home, { recursive: true });
    const known = startServer(place);
    known.child.stdin.write(
      INITIALIZE + INITIALIZED + request(2, "tools/call", { name: "create_plan", arguments: { title: "A" } }),
    );
    await known.answer(2);
    const server = startServer(place, { cwd: where === "/" ? "/" : place.home });
    server.child.stdin.write(INITIALIZE + INITIALIZED);
    const ask = {
      isError: true,
      content: [{ text: expect.stringMatching(/Valid: project \(prj_.*\nName the project/) }],
    };
    for (const [index, name] of ["create_plan", "query_plans", "resume_work"].entries()) {
      const args = name === "create_plan" ? { title: "B" } : {};
      server.child.stdin.write(request(10 + index, "tools/call", { name, arguments: args }));
      expect((await server.answer(10 + index)).result).toMatchObject(ask);
    }
    server.child.stdin.write(
      request(20, "tools/call", { name: "query_plans", arguments: { project: "project" } }),
    );
    expect((await server.answer(20)).result).toMatchObject({ structuredContent: { count: 1 } });
    server.child.stdin.write(request(21, "tools/call", { name: "get_status", arguments: {} }));
    expect((await server.answer(21)).result).toMatchObject({
      structuredContent: { storage: { projects: 1 } },
    });
  });

  it("registers nothing by reading in a new folder, and says that nothing is stored", async () => {
    const server = startServer(makeMcpPlace());
    server.child.stdin.write(INITIALIZE + INITIALIZED);
    for (const [index, name] of ["resume_work", "query_plans", "get_status"].entries()) {
      server.child.stdin.write(request(10 + index, "tools/call", { name, arguments: {} }));
      const { result } = await server.answer(10 + index);
      expect(result).toMatchObject(
        name === "get_status"
          ? { structuredContent: { storage: { projects: 0 } } }
          : {
              structuredContent: { advice: expect.stringContaining("Nothing is stored for this folder yet") },
            },
      );
    }
  });
});
