import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { StorageAdapter } from "../../lib/storage/adapter.ts";
import {
  callersOf,
  callOver,
  httpText,
  rawRequest,
  sqliteStore,
  startService,
  type TestService,
  WRITER,
} from "../helpers/http-service.ts";

const STATUS_CALL = {
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: { name: "get_status", arguments: {} },
};

/** Something that happens once. */
function event() {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((happened) => {
    resolve = happened;
  });
  return { promise, resolve };
}

/** A store whose figures, which get_status asks for, come when the test says so. */
async function slowStore() {
  const storage = await sqliteStore();
  const asked = event();
  const answer = event();
  onTestFinished(() => answer.resolve());
  const figures = async () => {
    asked.resolve();
    await answer.promise;
    return storage.upkeep.figures();
  };
  const slow = new Proxy(storage, {
    get: (store, name) => {
      if (name === "upkeep") return { ...store.upkeep, figures };
      const member: unknown = Reflect.get(store, name, store);
      return typeof member === "function" ? member.bind(store) : member;
    },
  });
  return { storage: slow as StorageAdapter, asked: asked.promise, answer: () => answer.resolve() };
}

function call({ url }: TestService, message: object = STATUS_CALL, signal?: AbortSignal): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json, text/event-stream" },
    body: JSON.stringify(message),
    ...(signal !== undefined && { signal }),
  });
}

const META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "raw", version: "1" },
  "io.modelcontextprotocol/clientCapabilities": {},
};

/** The same call in the stateless revision, which sends its answer as a whole. */
function callStateless({ url }: TestService, signal?: AbortSignal): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "tools/call",
      "mcp-name": "get_status",
    },
    body: JSON.stringify({ ...STATUS_CALL, params: { ...STATUS_CALL.params, _meta: META } }),
    ...(signal !== undefined && { signal }),
  });
}

async function metric(service: TestService, line: string): Promise<number> {
  const text = await (await fetch(new URL("/metrics", service.url))).text();
  const found = text.split("\n").find((each) => each.startsWith(`${line} `));
  return Number(found?.slice(line.length + 1) ?? Number.NaN);
}

describe("the rate limit", () => {
  it("lets ten seconds' worth through at once, then says how long to wait, and forgets with time", async () => {
    const service = await startService({ settings: { rateLimit: 12 } });
    expect((await call(service)).status).toBe(200);
    expect((await call(service)).status).toBe(200);
    const refused = await call(service);
    expect(refused.status).toBe(429);
    const seconds = Number(refused.headers.get("retry-after"));
    expect(seconds).toBeGreaterThanOrEqual(4);
    expect(seconds).toBeLessThanOrEqual(5);
    expect(await refused.json()).toMatchObject({ error: { data: { code: "rate_limited" } } });
  });

  it("counts each message of a batch", async () => {
    const service = await startService({ settings: { rateLimit: 30 } });
    const ping = { jsonrpc: "2.0", id: 1, method: "ping" };
    const batch = [1, 2, 3, 4].map((id) => ({ ...ping, id }));
    expect((await call(service, batch)).status).toBe(200);
    expect((await call(service)).status).toBe(200);
    expect((await call(service)).status).toBe(429);
  });
});

describe("what one token may have under way", () => {
  const authenticator = callersOf({ w: WRITER, o: { ...WRITER, name: "other", tokenId: "tok_other" } });
  const as = (token: string, service: TestService) => callOver(service, token, "get_status", {});

  it("is bounded, so that others are served; answered calls make room", async () => {
    const { storage, asked, answer } = await slowStore();
    const service = await startService({ storage, authenticator, mostPerToken: 2 });
    const open = [as("w", service), as("w", service)];
    await asked;
    await vi.waitFor(async () => expect(await metric(service, "aiknowsys_requests_in_flight")).toBe(2));
    const refused = await as("w", service);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "1"]);
    expect(await refused.json()).toMatchObject({
      error: { data: { code: "rate_limited", message: "This token has 2 calls under way already." } },
    });
    const others = as("o", service);
    await vi.waitFor(async () => expect(await metric(service, "aiknowsys_requests_in_flight")).toBe(3));
    answer();
    for (const call of [...open, others]) expect((await call).status).toBe(200);
    await vi.waitFor(async () => expect(await metric(service, "aiknowsys_requests_in_flight")).toBe(0));
    const again = await Promise.all([as("w", service), as("w", service)]);
    expect(again.map(({ status }) => status)).toEqual([200, 200]);
  });
});

describe("a call that takes long", () => {
  it("is cut off when its time is up", async () => {
    const { storage, asked } = await slowStore();
    const service = await startService({ storage, callTimeoutMs: 200 });
    const started = call(service).then((answer) => answer.text());
    await asked;
    await expect(started).rejects.toThrow();
    await vi.waitFor(async () => expect(await metric(service, "aiknowsys_requests_in_flight")).toBe(0));
  });

  it("is answered 504 where nothing of the answer was sent yet", async () => {
    const { storage } = await slowStore();
    const service = await startService({ storage, callTimeoutMs: 200 });
    expect((await callStateless(service)).status).toBe(504);
  });

  it("is let go when the client goes away before anything of the answer was sent", async () => {
    const { storage, asked } = await slowStore();
    const service = await startService({ storage });
    const leaving = new AbortController();
    const started = callStateless(service, leaving.signal);
    await asked;
    leaving.abort();
    await expect(started).rejects.toThrow();
    await vi.waitFor(async () => expect(await metric(service, "aiknowsys_requests_in_flight")).toBe(0));
  });

  it("is let go when the client goes away", async () => {
    const { storage, asked } = await slowStore();
    const service = await startService({ storage });
    const leaving = new AbortController();
    const started = call(service, STATUS_CALL, leaving.signal);
    await asked;
    expect(await metric(service, "aiknowsys_requests_in_flight")).toBe(1);
    leaving.abort();
    await expect(started.then((answer) => answer.text())).rejects.toThrow();
    await vi.waitFor(async () => expect(await metric(service, "aiknowsys_requests_in_flight")).toBe(0));
  });
});

describe("a server that is asked to end", () => {
  it("takes nothing new, finishes what is under way, and ends", async () => {
    const { storage, asked, answer } = await slowStore();
    const service = await startService({ storage });
    const started = call(service);
    await asked;
    const closed = service.service.close(5_000);
    await expect(rawRequest(service.port, httpText("GET /healthz", { Host: "localhost" }))).rejects.toThrow();
    answer();
    const finished = await started;
    expect(finished.status).toBe(200);
    expect(await finished.text()).toContain("engine");
    await closed;
  });

  it("does not wait for longer than it was told", async () => {
    const { storage, asked } = await slowStore();
    const service = await startService({ storage });
    const started = call(service).then((answer) => answer.text());
    const outcome = expect(started).rejects.toThrow();
    await asked;
    await service.service.close(100);
    await outcome;
  });

  it("says that it is not ready to those who are still connected", async () => {
    const { storage, asked, answer } = await slowStore();
    const service = await startService({ storage });
    const socket = connect(service.port, "127.0.0.1");
    await once(socket, "connect");
    socket.write("GET /readyz HTTP/1.1\r\nHo");
    await sleep(50);
    const started = call(service);
    await asked;
    const closed = service.service.close(5_000);
    socket.write("st: localhost\r\n\r\n");
    answer();
    const [head] = await once(socket, "data");
    expect(String(head)).toMatch(/^HTTP\/1\.1 503 [\s\S]*Connection: close/i);
    await started;
    await closed;
  });
});

describe("a subscription", () => {
  it("stays open, is not counted as work, and ends with the server", async () => {
    const service = await startService({ callTimeoutMs: 100 });
    const listening = await fetch(service.url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        "mcp-protocol-version": "2026-07-28",
        "mcp-method": "subscriptions/listen",
      },
      body: JSON.stringify({
        jsonrpc: "2.0",
        id: 1,
        method: "subscriptions/listen",
        params: { notifications: { toolsListChanged: true }, _meta: META },
      }),
    });
    expect(listening.status).toBe(200);
    await sleep(300);
    expect(await metric(service, "aiknowsys_requests_in_flight")).toBe(0);
    const ended = listening.text().then(
      () => "ended",
      () => "cut",
    );
    // Far longer than the test may take: it is ended at once, not when the time is up.
    await service.service.close(60_000);
    expect(await ended).toMatch(/ended|cut/);
  });
});

describe("a client that sends slowly", () => {
  it("is told 408 when its head does not come", async () => {
    const { port } = await startService();
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    socket.write("POST /mcp HTTP/1.1\r\nHost: loc");
    const [answer] = await once(socket, "data");
    expect(String(answer)).toMatch(/^HTTP\/1\.1 408 /);
  }, 20_000);
});
