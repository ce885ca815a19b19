import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { KnowledgeError } from "../domain/error.ts";
import { answerRequest } from "./answer-request.ts";
import type { Exchange, HttpParts } from "./http-parts.ts";
import { type Refusal, sendRefusal } from "./refusal.ts";
import { METADATA_PATHS, withMetadata } from "./resource-metadata.ts";

/** The server's ear: opened once, closed gracefully. */
export interface HttpDoor {
  /** Where it can be reached, such as `http://127.0.0.1:3000`. */
  readonly address: string;
  /** Takes nothing new, lets calls under way finish for `graceMs`, then ends what is left. */
  close(graceMs: number): Promise<void>;
}

/** Bytes of a request's head. */
const MOST_HEAD = 16 * 1024;
/** A request whose head or body comes slower is ended. */
const HEAD_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** Longer than load balancers keep theirs, so that none sends into a connection that is just being closed. */
const KEEP_ALIVE_MS = 65_000;
/** For how long the rest of a refused body is taken off a client that is still sending. */
const LINGER_MS = 1_000;

/** For how long calls that were cut off are given to end. */
const SETTLING_MS = 500;

/** Routes that have a name in metrics and logs; whatever else was asked is not repeated there. */
const ROUTES: ReadonlySet<string> = new Set([
  ...["/mcp", "/documents", "/healthz", "/readyz", "/metrics"],
  ...METADATA_PATHS,
]);

/** Listens. @throws KnowledgeError `unavailable` when the address is taken or not ours. */
export async function openHttpDoor(parts: HttpParts): Promise<HttpDoor> {
  let isDraining = false;
  const answering = new Set<ServerResponse>();
  const streams = new Set<() => void>();
  const server = createServer({
    maxHeaderSize: MOST_HEAD,
    headersTimeout: HEAD_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: 1_000,
    requireHostHeader: true,
  });
  server.on("request", (request, response) => {
    answering.add(response);
    if (isDraining) response.shouldKeepAlive = false;
    const gone = new AbortController();
    let onEnd: (() => void) | undefined;
    const onStream = (end: () => void): void => {
      onEnd = end;
      streams.add(end);
      if (isDraining) end();
    };
    const exchange: Exchange = { isDraining: () => isDraining, gone: gone.signal, onStream };
    response.on("close", () => {
      answering.delete(response);
      if (onEnd !== undefined) streams.delete(onEnd);
      if (!response.writableFinished) gone.abort();
      // Once its answer is out, a connection that could be used again would keep the server from ending.
      if (isDraining) setImmediate(() => server.closeIdleConnections());
    });
    void serve(parts, exchange, request, response);
  });
  await listening(server, parts.settings);
  return {
    address: addressOf(server),
    close: async (graceMs) => {
      isDraining = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const response of answering) response.shouldKeepAlive = false;
      for (const end of streams) end();
      const ended = Promise.all([closed, parts.inFlight.settled()]);
      const isEnded = await inTime(ended, graceMs);
      if (isEnded) return;
      server.closeAllConnections();
      // What hangs on a store that does not answer is left to itself.
      await inTime(ended, SETTLING_MS);
    },
  };
}

/** Whether something ended in time. */
async function inTime(ending: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const isEnded = await Promise.race([ending.then(() => true), late]);
  clearTimeout(timer);
  return isEnded;
}

async function serve(
  parts: HttpParts,
  exchange: Exchange,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const startedAt = performance.now();
  response.on("close", () =>
    note(parts, exchange, { request, response, tookMs: performance.now() - startedAt }),
  );
  try {
    const refusal = await answerRequest(parts, exchange, request, response);
    if (refusal !== undefined) refuse(parts, request, response, refusal);
  } catch (error) {
    if (exchange.gone.aborted || response.headersSent) {
      response.destroy();
      return;
    }
    parts.log.error("A request failed.", { cause: error instanceof Error ? error.stack : String(error) });
    refuse(parts, request, response, { status: 500, code: "internal", message: "Internal error." });
  }
}

function refuse(
  parts: HttpParts,
  request: IncomingMessage,
  response: ServerResponse,
  refusal: Refusal,
): void {
  if (response.headersSent || response.destroyed) return;
  if (refusal.status === 503) parts.metrics.count("aiknowsys_refused_busy_total");
  const isRpc = request.url === "/mcp";
  sendRefusal(response, challenging(parts, request, refusal), { isRpc, closes: !request.complete });
  if (request.complete) return;
  // Closed at once, the connection would be reset before the client has read why.
  request.resume();
  setTimeout(() => request.destroy(), LINGER_MS).unref();
}

/** Whoever is asked for a token is told where it is had, when a provider gives it. */
function challenging({ provider }: HttpParts, request: IncomingMessage, refusal: Refusal): Refusal {
  const challenge = refusal.headers?.["www-authenticate"];
  if (provider === undefined || challenge === undefined) return refusal;
  const told = withMetadata(challenge, provider, request);
  return { ...refusal, headers: { ...refusal.headers, "www-authenticate": told } };
}

function note(
  { metrics, log }: HttpParts,
  { tokenId }: Exchange,
  answered: { readonly request: IncomingMessage; readonly response: ServerResponse; readonly tookMs: number },
): void {
  const { request, response, tookMs } = answered;
  const route = ROUTES.has(request.url ?? "") ? (request.url ?? "") : "other";
  const status = response.headersSent ? String(response.statusCode) : "none";
  metrics.count("aiknowsys_http_requests_total", { route, status });
  metrics.observe("aiknowsys_http_request_seconds", { route }, tookMs / 1_000);
  log.info("Request answered.", {
    method: request.method,
    route,
    status,
    ms: Math.round(tookMs),
    ...(tokenId !== undefined && { token: tokenId }),
    ...(!response.writableFinished && { cut: true }),
  });
}

async function listening(server: Server, { host, port }: HttpParts["settings"]): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const fail = (cause: NodeJS.ErrnoException): void => {
      const what =
        cause.code === "EADDRINUSE" ? "is taken by another program" : `cannot be used (${cause.code})`;
      const hint = "Choose another one with --port and --host (PORT and HOST).";
      reject(
        new KnowledgeError("unavailable", `The address ${host}, port ${port}, ${what}.`, { hint, cause }),
      );
    };
    server.once("error", fail);
    server.listen(port, host.replace(/^\[|\]$/g, ""), () => {
      server.off("error", fail);
      resolve();
    });
  });
}

function addressOf(server: Server): string {
  // SAFETY: a server that listens at a port has such an address.
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}
