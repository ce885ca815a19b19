import { KnowledgeError } from "../lib/domain/error.ts";
import { includesScope } from "../lib/domain/token.ts";
import type { Deps, Logger } from "../lib/knowledge/deps.ts";
import type { Caller } from "../lib/server/caller.ts";
import type { McpCall } from "../lib/server/http-parts.ts";
import type { Refusal } from "../lib/server/refusal.ts";
import { withArgumentsAsObject } from "./lenient-call.ts";
import { retryKeyOf } from "./retry-key.ts";
import type { JSONRPCMessage, McpServer } from "./sdk.ts";
import { createMcpHandler, type McpRequestContext } from "./sdk-http.ts";
import { buildServer } from "./server.ts";
import type { FinishedCall, ServerOptions } from "./server-options.ts";
import type { Tool } from "./tool.ts";
import { parseProfile, toolsOf } from "./tools.ts";

export interface EndpointOptions {
  readonly version: string;
  /** The store as a caller may see it. */
  readonly depsFor: (caller: Caller) => Deps;
  readonly log: Logger;
  /** Told of each tool call. */
  readonly onCall: (caller: Caller, call: FinishedCall) => void;
  /** Makes the server of one request; tests of conformance put more into it. Default: {@link buildServer}. */
  readonly build?: ((options: ServerOptions) => McpServer) | undefined;
}

/** The protocol over HTTP: one message a request, nothing kept between two. */
export interface HttpEndpoint {
  answer(call: McpCall): Promise<Response | Refusal>;
  /** Ends what is under way. */
  close(): Promise<void>;
}

/** Subscriptions that may be open at once: each holds a connection. */
const MOST_SUBSCRIPTIONS = 512;
/** Without a folder: `/` is no project, so that a project is named or granted. */
const NOWHERE = { cwd: "/", userHome: "/", allProjects: false };
const WRITING: ReadonlySet<string> = new Set(
  toolsOf("full")
    .filter(({ writes }) => writes)
    .map(({ name }) => name),
);

export function openHttpEndpoint(options: EndpointOptions): HttpEndpoint {
  const { log, build = buildServer } = options;
  const handler = createMcpHandler((context) => build(optionsOf(options, requestIn(context))), {
    maxSubscriptions: MOST_SUBSCRIPTIONS,
    onerror: (error) => log.debug("A message was refused.", { cause: error.message }),
  });
  return {
    answer: async ({ caller, message, request }) => {
      const refused = findForbidden(caller, message);
      if (refused !== undefined) return refused;
      const retry = retryKeyOf(caller, request.headers.get("idempotency-key"), message);
      if ("status" in retry) return retry;
      const tools = toolsFor(caller, request.headers.get("x-mcp-toolset"));
      if ("status" in tools) return tools;
      const authInfo = {
        token: "",
        clientId: caller.tokenId,
        scopes: [caller.scopes],
        extra: { served: new Served(caller, tools, retry.key) },
      };
      return handler.fetch(request, { authInfo, parsedBody: lenient(message) });
    },
    close: () => handler.close(),
  };
}

/** What a request's server is made for; it goes through the SDK beside the message. */
class Served {
  readonly caller: Caller;
  readonly tools: readonly Tool[];
  readonly retryKey: string | undefined;
  constructor(caller: Caller, tools: readonly Tool[], retryKey: string | undefined) {
    this.caller = caller;
    this.tools = tools;
    this.retryKey = retryKey;
  }
}

function requestIn({ authInfo }: McpRequestContext): Served {
  const served: unknown = authInfo?.extra?.served;
  if (served instanceof Served) return served;
  throw new KnowledgeError("internal", "A request came without its caller.");
}

function optionsOf(options: EndpointOptions, { caller, tools, retryKey }: Served): ServerOptions {
  const [only, ...others] = caller.projects === "all" ? [] : caller.projects;
  const project = others.length === 0 ? only : undefined;
  return {
    version: options.version,
    tools,
    config: () => ({ ...NOWHERE, project }),
    opener: { open: async () => ({ deps: { ...options.depsFor(caller), log: options.log } }) },
    distant: caller.scopes,
    log: options.log,
    actor: caller.name,
    retryKey,
    onCall: (call) => options.onCall(caller, call),
  };
}

/** The profile's tools that this caller may use: fixed for everyone with the same rights. */
function toolsFor(caller: Caller, profile: string | null): readonly Tool[] | Refusal {
  try {
    const mayWrite = includesScope(caller.scopes, "write");
    return toolsOf(profile === null ? "core" : parseProfile(profile)).filter(
      ({ writes, readsFolder }) => readsFolder !== true && (mayWrite || !writes),
    );
  } catch (error) {
    if (!(error instanceof KnowledgeError)) throw error;
    const message = `The header X-MCP-Toolset is ${JSON.stringify(String(profile).slice(0, 40))}, which is no profile.`;
    return { status: 400, code: "invalid_input", message, hint: error.hint };
  }
}

/** A tool that writes is not there for a caller who may only read; asking for it all the same is told by status. */
function findForbidden(caller: Caller, message: unknown): Refusal | undefined {
  if (includesScope(caller.scopes, "write")) return undefined;
  const messages: readonly unknown[] = Array.isArray(message) ? message : [message];
  const name = messages.map(calledTool).find((tool) => tool !== undefined && WRITING.has(tool));
  if (name === undefined) return undefined;
  return {
    status: 403,
    code: "forbidden",
    message: `This token may read, but ${name} writes.`,
    hint: "Ask for a token with the scope write.",
    headers: { "www-authenticate": 'Bearer error="insufficient_scope", scope="write"' },
  };
}

function calledTool(message: unknown): string | undefined {
  if (typeof message !== "object" || message === null) return undefined;
  if (!("method" in message) || message.method !== "tools/call" || !("params" in message)) return undefined;
  const { params } = message;
  if (typeof params !== "object" || params === null || !("name" in params)) return undefined;
  return typeof params.name === "string" ? params.name : undefined;
}

/** Calls with arguments as text or null, as the object that is meant; also in a batch. */
function lenient(message: unknown): unknown {
  if (Array.isArray(message)) return message.map(lenient);
  if (calledTool(message) === undefined) return message;
  // SAFETY: it has a method and params, which is all that is read.
  return withArgumentsAsObject(message as JSONRPCMessage);
}
