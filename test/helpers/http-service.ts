import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { onTestFinished } from "vitest";
import { DEFAULT_TENANT } from "../../lib/domain/ids.ts";
import type { Deps } from "../../lib/knowledge/deps.ts";
import { type Authenticator, type Caller, NotAuthenticated } from "../../lib/server/caller.ts";
import { openJsonLog } from "../../lib/server/json-log.ts";
import { type ServerSettings, serverSettings } from "../../lib/server-settings.ts";
import type { StorageAdapter } from "../../lib/storage/adapter.ts";
import { createStorageAdapter } from "../../lib/storage/factory.ts";
import { openService, type Service, type ServiceOptions } from "../../mcp-server/service.ts";
import { tempFolder } from "./store.ts";

/** The stateless revision, as a client names it. */
const MODERN = "2026-07-28";

export interface TestService {
  readonly service: Service;
  readonly port: number;
  readonly url: URL;
  readonly storage: StorageAdapter;
  /** Lines of the server's log so far. */
  readonly logged: readonly string[];
}

/** What differs from a service on SQLite where everybody is trusted. */
export interface TestServiceOptions extends Partial<Omit<ServiceOptions, "settings" | "deps">> {
  readonly settings?: Partial<ServerSettings>;
  readonly storage?: StorageAdapter;
  readonly embedder?: Deps["embedder"];
  readonly clock?: Deps["clock"];
}

/** A service at a free port of this machine; it ends with the test. */
export async function startService(options: TestServiceOptions = {}): Promise<TestService> {
  const logged: string[] = [];
  const log = openJsonLog("debug", { write: (line) => logged.push(line) }, Date.now);
  const { settings, storage = await sqliteStore(), embedder, clock = Date.now, ...more } = options;
  const deps: Deps = {
    storage,
    embedder,
    embeddingProvider: "none",
    documents: "store",
    clock,
    random: (bytes) => randomBytes(bytes),
    log,
    actor: "server",
    cursors: { read: () => undefined, write: () => undefined },
  };
  const service = await openService({
    deps,
    settings: { ...serverSettings({ port: "0" }, () => undefined), ...settings },
    authenticator: callersOf({}),
    log,
    ...more,
  });
  let isOpen = true;
  onTestFinished(() => (isOpen ? service.close(100) : undefined));
  const close = (graceMs: number) => {
    isOpen = false;
    return service.close(graceMs);
  };
  const url = new URL("/mcp", service.address);
  return { service: { ...service, close }, port: Number(url.port), url, storage, logged };
}

export async function sqliteStore(): Promise<StorageAdapter> {
  const file = join(tempFolder(), "knowledge.db");
  const storage = await createStorageAdapter({ type: "sqlite", file, thread: "inline" });
  onTestFinished(() => storage.close());
  return storage;
}

export const WRITER: Caller = {
  tenant: DEFAULT_TENANT,
  name: "writer",
  tokenId: "tok_writer",
  scopes: "write",
  projects: "all",
};

/** Knows callers by the words of their tokens; any other word does not count. Without any, everybody is the writer. */
export function callersOf(callers: Readonly<Record<string, Caller>>): Authenticator {
  return {
    authenticate: async (authorization) => {
      if (Object.keys(callers).length === 0) return WRITER;
      const word = /^Bearer (\S+)$/.exec(authorization ?? "")?.[1] ?? "";
      const caller = callers[word];
      if (caller === undefined) throw new NotAuthenticated("This token does not count.", "Use another one.");
      return caller;
    },
    close: async () => undefined,
  };
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Writes bytes to a socket of its own and reads the first answer, as no client library would. */
export function rawRequest(port: number, request: string | Uint8Array): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(request));
    const parts: Buffer[] = [];
    const answer = () => parseAnswer(Buffer.concat(parts).toString("utf8"));
    socket.setTimeout(5_000, () => socket.destroy(new Error("No answer came.")));
    socket.on("data", (part: Buffer) => {
      parts.push(part);
      const so = answer();
      if (so !== undefined && isWhole(so)) socket.end();
    });
    // A server that ends a connection early may reset it after its answer has come.
    socket.on("error", (error) => (answer() === undefined ? reject(error) : undefined));
    socket.on("close", () => {
      const so = answer();
      if (so === undefined) reject(new Error("The connection was closed without an answer."));
      else resolve(so);
    });
  });
}

function isWhole({ status, headers, body }: RawAnswer): boolean {
  if (status === 204) return true;
  if (headers.get("transfer-encoding") === "chunked") return body.endsWith("0\r\n\r\n");
  return Buffer.byteLength(body) >= Number(headers.get("content-length") ?? Number.NaN);
}

function parseAnswer(text: string): RawAnswer | undefined {
  const [head = "", ...rest] = text.split("\r\n\r\n");
  const [line = "", ...lines] = head.split("\r\n");
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(line)?.[1] ?? Number.NaN);
  if (Number.isNaN(status) || !text.includes("\r\n\r\n")) return undefined;
  const headers = lines.map((each): [string, string] => {
    const at = each.indexOf(":");
    return [each.slice(0, at).toLowerCase(), each.slice(at + 1).trim()];
  });
  return { status, headers: new Map(headers), body: rest.join("\r\n\r\n") };
}

/** The text of a request; the body's length is added. */
export function httpText(
  line: string,
  headers: Readonly<Record<string, string | readonly string[]>>,
  body = "",
): string {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    (typeof value === "string" ? [value] : value).map((each) => `${name}: ${each}`),
  );
  return `${[`${line} HTTP/1.1`, ...lines].join("\r\n")}\r\n\r\n${body}`;
}

/** One tool call in a request of its own. */
export function callOver(
  { url }: TestService,
  token: string,
  name: string,
  args: object,
  toolset = "core",
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "x-mcp-toolset": toolset,
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args } }),
  });
}

/** The SDK's own client over HTTP. */
export async function httpClient(
  url: URL,
  era: "2025" | "2026",
  headers: Readonly<Record<string, string>> = {},
): Promise<Client> {
  const client = new Client(
    { name: "test-client", version: "1" },
    era === "2026" ? { versionNegotiation: { mode: { pin: MODERN } } } : {},
  );
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
  onTestFinished(() => client.close());
  return client;
}
