import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../lib/knowledge/deps.ts";
import type { RemoteSettings } from "../lib/remote-settings.ts";
import { eventData } from "./event-stream.ts";

/** Serves a local client from a shared instance: passes its messages on and the answers back. */
export interface Bridge {
  /** Passes one message of the client's on; resolves when everything that answers it was written. */
  pass(message: unknown): Promise<void>;
  /** Ends what is under way. */
  close(): void;
}

export interface BridgeOptions {
  readonly remote: RemoteSettings;
  /** Writes one message to the client. */
  readonly write: (message: string) => void;
  /** The project to work in where a call names none: a name, ref or key. */
  readonly project: string | undefined;
  readonly toolset: string;
  readonly log: Logger;
}

interface Message {
  readonly method?: unknown;
  readonly id?: unknown;
  readonly params?: unknown;
}

/** JSON-RPC: a server's own error. */
const SERVER_ERROR = -32_000;
/** How often a request that was not taken is sent again, and how long is waited at the most. */
const ATTEMPTS = 4;
const LONGEST_WAIT_MS = 5_000;
/** Before a cut call is sent again, times the attempts so far: another process of the instance takes over meanwhile. */
const CUT_WAIT_MS = 250;
/** Lets the shared instance tell a call that is sent again from a new one. */
const RETRY_KEY = "idempotency-key";
const PROTOCOL = "io.modelcontextprotocol/protocolVersion";
/** Takes no project: it lists them. */
const OF_ALL_PROJECTS = "list_projects";

export function openBridge(options: BridgeOptions): Bridge {
  const underWay = new Map<unknown, AbortController>();
  const closing = new AbortController();
  /** What the handshake of revisions before 2026-07-28 settled on. */
  let agreed: string | undefined;
  const answerWith = (text: string): void => {
    agreed = versionIn(text) ?? agreed;
    options.write(text);
  };
  const passOn = async (message: unknown, signal: AbortSignal): Promise<void> => {
    try {
      const headers = headersOf(options, message, agreed);
      const body = JSON.stringify(withProject(message, options.project));
      const isRepeatable = headers[RETRY_KEY] !== undefined;
      await send(options, { headers, body, signal, answerWith, isRepeatable });
    } catch (error) {
      if (!signal.aborted) tellFailure(options, message, error);
    }
  };
  return {
    pass: async (message) => {
      const { method, id, params } = asMessage(message);
      // Nobody is asked to stop where nothing is kept between two requests: the request itself is ended.
      if (method === "notifications/cancelled") return underWay.get(memberOf(params, "requestId"))?.abort();
      const own = new AbortController();
      if (id !== undefined) underWay.set(id, own);
      await passOn(message, AbortSignal.any([own.signal, closing.signal]));
      underWay.delete(id);
    },
    close: () => closing.abort(),
  };
}

function tellFailure({ remote, log, write: answer }: BridgeOptions, message: unknown, error: unknown): void {
  log.warn("A message could not be passed on.", { cause: String(error) });
  const { id } = asMessage(message);
  const said = error instanceof Refused ? error.message : unreachable(remote.url);
  if (id !== undefined)
    answer(JSON.stringify({ jsonrpc: "2.0", id, error: { code: SERVER_ERROR, message: said } }));
}

/** The shared instance's own words for why it did not serve. */
class Refused extends Error {}

interface Sending {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
  readonly answerWith: (text: string) => void;
  /** Whether it may be sent again when the connection is cut before its answer has come. */
  readonly isRepeatable: boolean;
}

async function send({ remote }: BridgeOptions, sending: Sending): Promise<void> {
  const { headers, body, signal, isRepeatable } = sending;
  let isAnswered = false;
  const answerWith = (text: string): void => {
    isAnswered = true;
    sending.answerWith(text);
  };
  for (let attempt = 1; ; attempt++) {
    const isLast = attempt === ATTEMPTS;
    let wait: number | undefined = CUT_WAIT_MS * attempt;
    try {
      // A token is for the address that was named, not for one that this leads on to.
      const answer = await fetch(remote.url, { method: "POST", headers, body, signal, redirect: "error" });
      wait = isLast ? undefined : waitOf(answer);
      if (wait === undefined) return await write(answer, answerWith);
      await answer.body?.cancel();
    } catch (error) {
      const isOver = isLast || isAnswered || signal.aborted || error instanceof Refused;
      if (isOver || !isRepeatable) throw error;
      wait ??= CUT_WAIT_MS * attempt;
    }
    await sleep(wait, undefined, { signal });
  }
}

/** Milliseconds after which a request that was not taken may be sent again. */
function waitOf({ status, headers }: Response): number | undefined {
  if (status !== 429 && status !== 503) return undefined;
  const waitMs = Number(headers.get("retry-after") ?? Number.NaN) * 1_000;
  return waitMs <= LONGEST_WAIT_MS ? waitMs : undefined;
}

async function write(answer: Response, answerWith: (text: string) => void): Promise<void> {
  const type = (answer.headers.get("content-type") ?? "").split(";", 1)[0];
  if (type === "text/event-stream" && answer.body !== null) {
    for await (const data of eventData(answer.body)) if (data !== "") answerWith(data);
    return;
  }
  const text = await answer.text();
  const json = type === "application/json" ? parsed(text) : undefined;
  // An answer to the message itself has its id, whatever the status; what the door refused has none.
  if (json !== undefined && memberOf(json, "id") !== null && "jsonrpc" in json)
    answerWith(JSON.stringify(json));
  else if (!answer.ok) throw new Refused(refusalIn(json) ?? `The shared instance answered ${answer.status}.`);
}

function refusalIn(json: object | undefined): string | undefined {
  const error = memberOf(json, "error");
  const message = memberOf(error, "message");
  const hint = memberOf(memberOf(error, "data"), "hint");
  if (typeof message !== "string") return undefined;
  return typeof hint === "string" ? `${message} ${hint}` : message;
}

function headersOf(
  { remote, toolset }: BridgeOptions,
  message: unknown,
  agreed: string | undefined,
): Readonly<Record<string, string>> {
  const { method, params } = asMessage(message);
  const stateless = memberOf(memberOf(params, "_meta"), PROTOCOL);
  const named = memberOf(params, "name") ?? memberOf(params, "uri");
  const isStateless = typeof stateless === "string";
  const version = isStateless ? stateless : method === "initialize" ? undefined : agreed;
  return {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    "x-mcp-toolset": toolset,
    ...(remote.token !== undefined && { authorization: `Bearer ${remote.token}` }),
    ...(version !== undefined && { "mcp-protocol-version": version }),
    ...(method === "tools/call" && named === "record_event" && { [RETRY_KEY]: randomUUID() }),
    ...(isStateless && typeof method === "string" && { "mcp-method": method }),
    ...(isStateless && typeof named === "string" && { "mcp-name": headerText(named) }),
  };
}

/** The stateless revision's way to put any text into a header. */
function headerText(text: string): string {
  return /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !text.startsWith("=?")
    ? text
    : `=?base64?${Buffer.from(text, "utf8").toString("base64")}?=`;
}

/** A tool call works in the client's project unless it names another. */
function withProject(message: unknown, project: string | undefined): unknown {
  const { method, params } = asMessage(message);
  const isCall = method === "tools/call" && memberOf(params, "name") !== OF_ALL_PROJECTS;
  if (!isCall || project === undefined || typeof params !== "object" || params === null) return message;
  const given = memberOf(params, "arguments") ?? {};
  if (typeof given !== "object" || "project" in given) return message;
  return { ...asMessage(message), params: { ...params, arguments: { ...given, project } } };
}

function versionIn(text: string): string | undefined {
  if (!text.includes('"protocolVersion"')) return undefined;
  const version = memberOf(memberOf(parsed(text), "result"), "protocolVersion");
  return typeof version === "string" ? version : undefined;
}

function asMessage(value: unknown): Message {
  return typeof value === "object" && value !== null ? value : {};
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? new Map(Object.entries(value)).get(name) : undefined;
}

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function unreachable({ host }: URL): string {
  return `The shared instance at ${host} cannot be reached. Check AIKNOWSYS_REMOTE_URL and the network, then try again.`;
}
