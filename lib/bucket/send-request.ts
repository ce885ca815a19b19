import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { AwsV4Signer } from "aws4fetch";
import type { BucketPlace, BucketSettings } from "../bucket-settings.ts";
import { type Asked, type Purpose, parseRefusal, type Refusal, refused, unreached } from "./refusals.ts";

/** What requests need besides what they are about. */
export interface Service {
  readonly settings: BucketSettings;
  readonly place: BucketPlace;
  readonly clock: () => number;
  /** A number from 0 to 1, for pauses that do not fall together. */
  readonly chance: () => number;
  readonly timing: Timing;
}

export interface Timing {
  /** How long an answer may take, besides the time to send what was asked. */
  readonly answerMs: number;
  /** A connection that carries less counts as one that is stuck. */
  readonly slowestBytesPerSecond: number;
  /** The longest first pause before a request is sent again; each next one is twice that. */
  readonly pauseMs: number;
}

export interface BucketRequest {
  readonly purpose: Purpose;
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  /** Of the whole bucket; absent: the bucket itself. */
  readonly key?: string | undefined;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Refusals that the caller deals with by itself. */
  readonly tolerated?: ((refusal: Refusal) => boolean) | undefined;
}

/** A success with its text read; or a refusal that is tolerated. */
export type Answer =
  | { readonly ok: true; readonly text: string; readonly headers: Headers }
  | { readonly ok: false; readonly refusal: Refusal };

/** Times that a request is sent at the most. */
export const ATTEMPTS = 6;
const LONGEST_PAUSE_MS = 20_000;

/**
 * Sends a request, signed (Signature Version 4, with the hash of its body), again where the service is out of reach,
 * busy (429) or broken (5xx), at most six times with growing pauses or as long as `Retry-After` says.
 * @throws KnowledgeError in one sentence that shows no credential; the signal's reason
 */
export async function send(service: Service, request: BucketRequest): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await tryOnce(service, request);
    if (outcome.is === "answer") return outcome.answer;
    if (!outcome.again || attempt === ATTEMPTS) throw outcome.error;
    await pause(service, { attempt, askedMs: outcome.pauseMs, signal: request.signal });
  }
}

type Outcome =
  | { readonly is: "answer"; readonly answer: Answer }
  | {
      readonly is: "failure";
      readonly error: Error;
      readonly again: boolean;
      readonly pauseMs?: number | undefined;
    };

async function tryOnce(service: Service, request: BucketRequest): Promise<Outcome> {
  const { answerMs, slowestBytesPerSecond } = service.timing;
  const length = request.body?.length ?? 0;
  const timeoutMs = Math.ceil(answerMs + (length * 1_000) / slowestBytesPerSecond);
  const timeout = AbortSignal.timeout(timeoutMs);
  const { signal } = request;
  try {
    const response = await fetchSigned(
      service,
      request,
      signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    );
    const text = await response.text();
    // Some operations begin to answer before they are done, and tell of a failure in what follows.
    if (response.ok && !/^\s*(<\?xml[^>]*>\s*)?<Error>/.test(text))
      return { is: "answer", answer: { ok: true, text, headers: response.headers } };
    return failed(service, request, response, text);
  } catch (cause) {
    signal?.throwIfAborted();
    const error = noAnswer(service, request, cause, timeout.aborted ? timeoutMs : undefined);
    return { is: "failure", again: !LASTING.test(codeOf(cause)), error };
  }
}

function failed(service: Service, request: BucketRequest, response: Response, text: string): Outcome {
  const refusal = parseRefusal(response, text, service.clock());
  if (request.tolerated?.(refusal) === true) return { is: "answer", answer: { ok: false, refusal } };
  const again = isPassing(refusal);
  return {
    is: "failure",
    again,
    error: refused(refusal, askedOf(service, request)),
    pauseMs: pauseAskedFor(response),
  };
}

/** Whether the same request may succeed a little later. */
export function isPassing({ status, code }: Refusal): boolean {
  if (code === "RequestTimeout" || code === "SlowDown" || code === "InternalError") return true;
  return status === 408 || status === 429 || (status >= 500 && status !== 501);
}

/** No answer, or half of one. */
export function noAnswer(
  service: Service,
  request: BucketRequest,
  cause: unknown,
  timeoutMs?: number,
): Error {
  const asked = askedOf(service, request);
  if (timeoutMs !== undefined)
    return unreached(`did not answer within ${Math.ceil(timeoutMs / 1_000)} seconds`, asked, cause);
  const code = codeOf(cause);
  return unreached(`cannot be reached, or the connection was cut${code && ` (${code})`}`, asked, cause);
}

/** A name that nobody has, or a certificate that does not hold: in a second it will be the same. */
const LASTING = /^ENOTFOUND$|CERT|TLS/;

function codeOf(cause: unknown): string {
  const inner = cause instanceof Error ? (cause.cause ?? cause) : cause;
  return inner instanceof Error && "code" in inner ? String(inner.code) : "";
}

/** Waits before a request is sent again. */
export function pause(
  { timing, chance }: Service,
  {
    attempt,
    askedMs,
    signal,
  }: { attempt: number; askedMs?: number | undefined; signal?: AbortSignal | undefined },
): Promise<void> {
  const ours = timing.pauseMs * 2 ** (attempt - 1) * (0.5 + chance() / 2);
  return delay(Math.min(askedMs ?? ours, LONGEST_PAUSE_MS), undefined, { signal });
}

/** One attempt; the answer's body is still to be read. */
export async function fetchSigned(
  service: Service,
  request: BucketRequest,
  signal: AbortSignal,
): Promise<Response> {
  const { settings, clock } = service;
  const { method, body, headers = {} } = request;
  const { accessKeyId, secretAccessKey, sessionToken, region } = settings;
  const signer = new AwsV4Signer({
    ...{ accessKeyId, secretAccessKey, region, method, service: "s3" },
    ...(sessionToken !== undefined && { sessionToken }),
    url: urlOf(service, request).href,
    headers: {
      ...headers,
      "x-amz-content-sha256": createHash("sha256")
        .update(body ?? "")
        .digest("hex"),
    },
    datetime: new Date(clock()).toISOString().replace(/[:-]|\.\d{3}/g, ""),
  });
  const signed = await signer.sign();
  // Not signed, because what stands between changes it; an object must come as it is stored.
  signed.headers.set("accept-encoding", "identity");
  // A redirect would be to another host, for which this signature does not hold.
  return fetch(signed.url, {
    method,
    headers: signed.headers,
    body: body ?? null,
    signal,
    redirect: "manual",
  });
}

/** Where a request goes. */
export function urlOf({ settings, place }: Service, { key, query = {} }: BucketRequest): URL {
  const url = new URL(settings.endpoint);
  if (!settings.isPathStyle) url.hostname = `${place.bucket}.${url.hostname}`;
  const bucket = settings.isPathStyle ? [place.bucket] : [];
  const path = [...bucket, ...(key === undefined ? [] : key.split("/"))];
  url.pathname = `/${path.map(encoded).join("/")}`;
  url.search = Object.entries(query)
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .join("&");
  return url;
}

/** Spelt as it is signed (RFC 3986), so that nobody has to guess: a space is no plus sign. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (letter) =>
    `%${letter.charCodeAt(0).toString(16)}`.toUpperCase(),
  );
}

export function askedOf({ settings, place }: Service, { purpose, key }: BucketRequest): Asked {
  const address = `s3://${place.bucket}${key === undefined ? "" : `/${key}`}`;
  return { host: settings.endpoint.host, bucket: place.bucket, region: settings.region, purpose, address };
}

/** `Retry-After` in seconds; the form with a date is rare and falls back to our own pauses. */
function pauseAskedFor(response: Response): number | undefined {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined;
}
