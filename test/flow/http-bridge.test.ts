import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { asKnowledgeError } from "../../lib/domain/error.ts";
import { registerFolder } from "../../lib/knowledge/project.ts";
import { remoteSettings } from "../../lib/remote-settings.ts";
import { bridgeStdio } from "../../mcp-server/bridge-stdio.ts";
import { eventData } from "../../mcp-server/event-stream.ts";
import { callersOf, startService, type TestService, WRITER } from "../helpers/http-service.ts";
import { listeningUrl } from "../helpers/listening.ts";
import { newProject, tempFolder } from "../helpers/store.ts";

const silent = (): void => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };

interface Talk {
  readonly send: (...messages: readonly (object | string)[]) => void;
  /** The answer to the request with this id. */
  readonly answer: (id: number) => Promise<Record<string, unknown>>;
  readonly lines: readonly string[];
  readonly end: () => Promise<void>;
}

/** A bridge to an address, spoken to line by line. */
function talk(url: string, options: { token?: string; cwd?: string; project?: string } = {}): Talk {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const lines: string[] = [];
  stdout.on("data", (text) => lines.push(...String(text).trimEnd().split("\n")));
  let finish = silent;
  const ended = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const remote = remoteSettings((name) => (name === "AIKNOWSYS_REMOTE_URL" ? url : options.token));
  if (remote === undefined) throw new Error("No address is given.");
  const { cwd = "/", project } = options;
  const done = bridgeStdio({
    ...{ remote, toolset: "full", project, cwd, userHome: "/", log, stdin, stdout, ended },
  });
  const end = () => {
    finish();
    return done;
  };
  onTestFinished(end);
  return {
    lines,
    end,
    send: (...messages) => {
      for (const each of messages) stdin.write(`${typeof each === "string" ? each : JSON.stringify(each)}\n`);
    },
    answer: async (id) => {
      for (;;) {
        const found = lines.map((line) => JSON.parse(line)).find((message) => message.id === id);
        if (found !== undefined) return found;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
  };
}

const INITIALIZE = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "raw", version: "1" } },
};
const call = (id: number, name: string, args: object) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name, arguments: args },
});

/** Passes requests on, and cuts the connection instead of giving the first answer. */
async function cuttingProxy(target: URL) {
  let count = 0;
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers))
      if (typeof value === "string" && !["host", "connection", "content-length"].includes(name))
        headers.set(name, value);
    const answer = await fetch(target, { method: "POST", headers, body: Buffer.concat(parts) });
    const text = await answer.text();
    count += 1;
    if (count === 1) response.destroy();
    else response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(text);
  });
  onTestFinished(() => void server.close());
  return { url: await listeningUrl(server), count: () => count };
}

async function served(): Promise<TestService> {
  return startService({ authenticator: callersOf({ "good-token": WRITER }) });
}

describe("the bridge to a shared instance", () => {
  it("passes a whole conversation on, of revisions with a handshake", async () => {
    const { url } = await served();
    const { send, answer, lines } = talk(url.href, { token: "good-token" });
    send(INITIALIZE, { jsonrpc: "2.0", method: "notifications/initialized" });
    expect(await answer(1)).toMatchObject({ result: { protocolVersion: "2025-06-18" } });
    send({ jsonrpc: "2.0", id: 2, method: "tools/list" });
    expect(JSON.stringify(await answer(2))).toContain("learn_pattern");
    expect(lines).toHaveLength(2);
  });

  it("works in the project of the folder, as its git remote names it", async () => {
    const { url, storage } = await served();
    const folder = join(tempFolder(), "clone");
    mkdirSync(join(folder, ".git"), { recursive: true });
    const origin = '[remote "origin"]\n\turl = git@git.example.com:team/harbour.git\n';
    writeFileSync(join(folder, ".git", "config"), origin);
    const random = (bytes: number) => new Uint8Array(bytes).fill(3);
    await registerFolder({ storage, clock: Date.now, random }, folder, "/");
    const { send, answer } = talk(url.href, { token: "good-token", cwd: folder });
    send(call(2, "create_plan", { title: "Mend the pier" }));
    expect(await answer(2)).not.toHaveProperty("result.isError");
    send(call(3, "query_plans", { project: "another" }), call(4, "list_projects", {}));
    expect(JSON.stringify(await answer(3))).toContain("not_found");
    expect(JSON.stringify(await answer(4))).toContain("harbour");
  });

  it("says why the instance refuses, and that it cannot be reached", async () => {
    const { url } = await served();
    const refused = talk(url.href, { token: "bad-token" });
    refused.send(INITIALIZE);
    expect(await refused.answer(1)).toMatchObject({
      error: { message: "This token does not count. Use another one." },
    });
    const lost = talk("http://127.0.0.1:9/", { token: "good-token" });
    lost.send(INITIALIZE);
    expect(JSON.stringify(await lost.answer(1))).toContain("cannot be reached");
    expect(lost.lines.join("")).not.toContain("good-token");
  });

  it("answers a line that is no JSON, and each message of a batch", async () => {
    const { url } = await served();
    const { send, answer, lines } = talk(url.href, { token: "good-token" });
    const ping = (id: number) => ({ jsonrpc: "2.0", id, method: "ping" });
    send("{oops", [ping(7), ping(8)]);
    await Promise.all([answer(7), answer(8)]);
    expect(lines.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({ id: null, error: expect.objectContaining({ code: -32_700 }) }),
    );
  });

  it("asks a busy instance again after the time it says, and follows it nowhere else", async () => {
    let asked = 0;
    const elsewhere: string[] = [];
    const server = createServer((request, response) => {
      asked += 1;
      if (request.url === "/elsewhere") elsewhere.push(String(request.headers.authorization));
      if (asked === 1) response.writeHead(503, { "retry-after": "0" }).end();
      else if (asked === 2)
        response
          .writeHead(200, { "content-type": "application/json" })
          .end('{"jsonrpc":"2.0","id":1,"result":{}}');
      else response.writeHead(307, { location: "/elsewhere" }).end();
    });
    onTestFinished(() => void server.close());
    const { send, answer } = talk(await listeningUrl(server), { token: "good-token" });
    send(INITIALIZE);
    expect(await answer(1)).toMatchObject({ result: {} });
    send({ ...INITIALIZE, id: 2 });
    expect(await answer(2)).toHaveProperty("error");
    expect(elsewhere).toEqual([]);
  });

  it("sends a fact to record again when its connection is cut, and it is recorded once", async () => {
    const { url, storage } = await served();
    const project = await newProject(storage);
    const proxy = await cuttingProxy(url);
    const { send, answer } = talk(proxy.url, { token: "good-token", project });
    send(call(1, "record_event", { type: "note", data: { text: "The pier was cut." } }));
    expect(await answer(1)).toMatchObject({ result: { structuredContent: { type: "note" } } });
    expect(proxy.count()).toBe(2);
    send(call(2, "query_events", {}));
    expect(await answer(2)).toMatchObject({ result: { structuredContent: { events: [{ type: "note" }] } } });
  });

  it("sends nothing else again when its connection is cut", async () => {
    const { url, storage } = await served();
    const project = await newProject(storage);
    const proxy = await cuttingProxy(url);
    const { send, answer } = talk(proxy.url, { token: "good-token", project });
    send(call(1, "create_plan", { title: "Mend the pier" }));
    expect(await answer(1)).toHaveProperty("error");
    expect(proxy.count()).toBe(1);
  });

  it("ends a request that the client has cancelled", async () => {
    const server = createServer();
    onTestFinished(() => void server.close());
    const { send, lines } = talk(await listeningUrl(server));
    const asked = once(server, "request");
    send(call(5, "get_status", {}));
    const [, response] = await asked;
    const gone = once(response, "close");
    send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 5 } });
    await gone;
    expect(lines).toEqual([]);
  });
});

describe("the address of a shared instance", () => {
  it("may be absent", () => {
    expect(remoteSettings(() => " ")).toBeUndefined();
  });

  it.each([
    ["https://kb.example.com", "https://kb.example.com/mcp"],
    ["https://kb.example.com/mcp/", "https://kb.example.com/mcp"],
    ["https://kb.example.com/team/mcp//", "https://kb.example.com/team/mcp"],
    ["https://kb.example.com/team/", "https://kb.example.com/team/"],
  ])("may leave the path out, or end with a slash: %s", (address, meant) => {
    const read = (name: string) => (name === "AIKNOWSYS_REMOTE_URL" ? address : undefined);
    expect(remoteSettings(read)?.url.href).toBe(meant);
  });

  it.each(["aiks_x…", "two words", "one\nline: more", "é", '"quoted"'])(
    "is not called with what is no token: %j",
    (token) => {
      const read = (name: string) => (name === "AIKNOWSYS_TOKEN" ? token : "https://kb.example.com");
      const refused = () => remoteSettings(read);
      expect(refused).toThrow("AIKNOWSYS_TOKEN is no token");
      try {
        refused();
      } catch (error) {
        expect(asKnowledgeError(error).code).toBe("invalid_input");
        expect(JSON.stringify(asKnowledgeError(error))).not.toContain(token.slice(-4));
      }
    },
  );

  it.each([
    "kb.example.com",
    "ftp://kb.example.com",
    "https://user:password@kb.example.com",
    "https://kb.example.com/mcp?token=a",
    "http://kb.example.com/mcp",
    "http://127.0.0.1.example.com/mcp",
  ])("is refused as %s, with a token", (address) => {
    const refused = () => remoteSettings((name) => (name === "AIKNOWSYS_TOKEN" ? "a-token" : address));
    expect(refused).toThrow(/AIKNOWSYS_REMOTE_URL/);
    try {
      refused();
    } catch (error) {
      expect(asKnowledgeError(error).message).not.toMatch(/a-token|password/);
    }
  });
});

describe("a stream of events", () => {
  it("is read the same wherever it is cut", async () => {
    const events = fc.array(
      fc.string().filter((text) => !/[\r\n]/.test(text)),
      { maxLength: 5 },
    );
    await fc.assert(
      fc.asyncProperty(events, fc.infiniteStream(fc.integer({ min: 1, max: 7 })), async (texts, sizes) => {
        const bytes = Buffer.from(
          texts.map((text) => `: alive\n\nevent: message\ndata: ${text}\n\n`).join(""),
        );
        async function* cut() {
          for (let at = 0; at < bytes.length; ) {
            const size: number = sizes.next().value ?? 1;
            yield bytes.subarray(at, at + size);
            at += size;
          }
        }
        const read: string[] = [];
        for await (const data of eventData(cut())) read.push(data);
        expect(read).toEqual(texts);
      }),
    );
  });
});
