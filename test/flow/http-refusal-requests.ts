import { httpText } from "../helpers/http-service.ts";

/** A request that must be refused, and how. */
export interface RefusedRequest {
  readonly why: string;
  readonly request: string | Uint8Array;
  readonly status: number;
  /** A header that the refusal must have. */
  readonly header?: readonly [name: string, value: RegExp];
  /** Words of the refusal. */
  readonly says?: RegExp;
}

/** Tokens of the service that is asked; each is a word here. */
export const TOKENS = { reader: "reader-token", writer: "writer-token", admin: "admin-token" } as const;

export const LIST = rpc("tools/list");
export const WRITE = rpc("tools/call", { name: "create_plan", arguments: { title: "Not mine to write" } });
const META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "raw", version: "1" },
  "io.modelcontextprotocol/clientCapabilities": {},
};

export function rpc(method: string, params?: object): string {
  return JSON.stringify({ jsonrpc: "2.0", id: 1, method, ...(params !== undefined && { params }) });
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A good call of the writer's but for what is given. */
export function post(change: {
  readonly line?: string;
  readonly headers?: Headers;
  readonly body?: string;
  /** Sends no length. */
  readonly unmeasured?: boolean;
}): string {
  const { line = "POST /mcp", headers = {}, body = LIST, unmeasured = false } = change;
  const all: Headers = {
    Host: "localhost",
    Authorization: `Bearer ${TOKENS.writer}`,
    "Content-Type": "application/json",
    Accept: "application/json, text/event-stream",
    ...(!unmeasured && { "Content-Length": String(Buffer.byteLength(body)) }),
    ...headers,
  };
  const given = Object.entries(all).filter(
    (entry): entry is [string, string | readonly string[]] => entry[1] !== undefined,
  );
  return httpText(line, Object.fromEntries(given), body);
}

export function get(path: string, headers: Headers = {}): string {
  return post({
    line: `GET ${path}`,
    headers: { "Content-Type": undefined, "Content-Length": undefined, ...headers },
    body: "",
  });
}

/** What a browser asks before a page's call. */
export function preflight(headers: Headers, path = "/mcp"): string {
  const none = { Authorization: undefined, "Content-Type": undefined, "Content-Length": undefined };
  const asked = { Origin: "http://localhost", "Access-Control-Request-Method": "POST" };
  return post({ line: `OPTIONS ${path}`, headers: { ...none, ...asked, ...headers }, body: "" });
}

export function chunked(body: string): string {
  const head = post({ unmeasured: true, headers: { "Transfer-Encoding": "chunked" }, body: "" });
  return `${head}${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
}

/** A good call of the stateless revision but for its head. */
export function modern(headers: Headers): string {
  const body = rpc("tools/call", { name: "get_status", arguments: {}, _meta: META });
  const named = {
    "MCP-Protocol-Version": "2026-07-28",
    "Mcp-Method": "tools/call",
    "Mcp-Name": "get_status",
  };
  return post({ headers: { ...named, ...headers }, body });
}

/** One step of sending documents, by the writer. */
export function documents(change: object = {}, more: Parameters<typeof post>[0] = {}): string {
  const project = { keys: ["git:git.example.com/harbour"], name: "harbour" };
  const step = { project, copy: "ci", step: "list", under: "" };
  return post({ line: "POST /documents", body: JSON.stringify({ ...step, ...change }), ...more });
}

/** The writer's good call, which shows that the table's requests are refused for what is wrong with them alone. */
export const ACCEPTED = post({});
