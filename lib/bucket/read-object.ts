import type { Watching } from "./bucket.ts";
import { parseRefusal, refused } from "./refusals.ts";
import {
  ATTEMPTS,
  askedOf,
  type BucketRequest,
  fetchSigned,
  isPassing,
  noAnswer,
  pause,
  type Service,
} from "./send-request.ts";

interface Reading extends Watching {
  readonly key: string;
}

/** How far an object was read. */
interface Progress {
  done: number;
  /** Of the object that was begun: another one must not follow its first half. */
  etag: string | undefined;
  total: number | undefined;
}

/**
 * The bytes of an object from the first to the last. Where the connection is cut, or nothing comes any more, it is
 * asked for the rest.
 * @throws KnowledgeError as `send`; the signal's reason
 */
export async function* readObject(
  service: Service,
  { key, onProgress, signal }: Reading,
): AsyncGenerator<Uint8Array, void> {
  const progress: Progress = { done: 0, etag: undefined, total: undefined };
  let failures = 0;
  while (progress.total === undefined || progress.done < progress.total) {
    const before = progress.done;
    const failure = yield* readRest(service, { key, onProgress, signal }, progress);
    if (failure === undefined) continue;
    failures = progress.done > before ? 1 : failures + 1;
    if (!failure.again || failures >= ATTEMPTS) throw failure.error;
    await pause(service, { attempt: failures, signal });
  }
}

interface Failure {
  readonly error: Error;
  readonly again: boolean;
}

async function* readRest(
  service: Service,
  { key, onProgress, signal }: Reading,
  progress: Progress,
): AsyncGenerator<Uint8Array, Failure | undefined> {
  const { answerMs } = service.timing;
  const request = restOf(key, progress);
  // Nothing for so long: every piece puts the end off.
  const idle = new AbortController();
  const timer = setTimeout(() => idle.abort(), answerMs);
  const either = signal === undefined ? idle.signal : AbortSignal.any([signal, idle.signal]);
  try {
    const response = await fetchSigned(service, request, either);
    if (!response.ok) return await refusalOf(service, request, response);
    for await (const piece of freshPieces(response, progress)) {
      onProgress?.(progress.done, progress.total ?? progress.done);
      yield piece;
      timer.refresh();
    }
    if (progress.done >= (progress.total ?? 0)) return undefined;
    return { again: true, error: noAnswer(service, request, undefined) };
  } catch (cause) {
    signal?.throwIfAborted();
    const waitedMs = idle.signal.aborted ? answerMs : undefined;
    return { again: true, error: noAnswer(service, request, cause, waitedMs) };
  } finally {
    clearTimeout(timer);
  }
}

function restOf(key: string, progress: Progress): BucketRequest {
  const request: BucketRequest = { purpose: "read", method: "GET", key };
  if (progress.done > 0) {
    const range = `bytes=${progress.done}-`;
    const { etag } = progress;
    return { ...request, headers: etag === undefined ? { range } : { range, "if-match": etag } };
  }
  progress.etag = undefined;
  progress.total = undefined;
  return request;
}

/** What of an answer has not come before. */
async function* freshPieces(response: Response, progress: Progress): AsyncGenerator<Uint8Array, void> {
  progress.etag ??= response.headers.get("etag") ?? undefined;
  progress.total ??= Number(response.headers.get("content-length") ?? Number.NaN);
  // Who does not know of ranges sends all of it again.
  let passOver = response.status === 206 ? 0 : progress.done;
  for await (const piece of response.body ?? []) {
    const fresh = piece.subarray(Math.min(passOver, piece.length));
    passOver -= piece.length - fresh.length;
    progress.done += fresh.length;
    if (fresh.length > 0) yield fresh;
  }
  // Without a length the end of the connection is the end of the object.
  if (Number.isNaN(progress.total)) progress.total = progress.done;
}

async function refusalOf(service: Service, request: BucketRequest, response: Response): Promise<Failure> {
  const refusal = parseRefusal(response, await response.text(), service.clock());
  return { again: isPassing(refusal), error: refused(refusal, askedOf(service, request)) };
}
