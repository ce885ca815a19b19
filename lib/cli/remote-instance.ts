import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { EXCHANGE_ANSWERS } from "../domain/document-exchange.ts";
import { ERROR_CODES, type ErrorCode, KnowledgeError } from "../domain/error.ts";
import { type Instance, NotInTime } from "../knowledge/instance.ts";
import type { RemoteSettings } from "../remote-settings.ts";

export interface RemoteOptions {
  readonly remote: RemoteSettings;
  /** Ends waiting for a busy or unreachable instance. */
  readonly signal: AbortSignal;
  /** Told why there is a pause. */
  readonly onWait: (sentence: string) => void;
  /** Milliseconds between two attempts where the instance does not say. */
  readonly pauseMs?: readonly number[];
  /** For how long an answer is waited for. */
  readonly timeoutMs?: number;
}

/** Between attempts after a connection that was cut: together half a minute, in which a server restarts. */
const PAUSES_MS = [300, 1_000, 2_000, 4_000, 8_000, 15_000];
/** An instance that asks for a longer wait than this is not waited for. */
const LONGEST_WAIT_MS = 60_000;
/** Longer than the instance itself lets a call take. */
const TIMEOUT_MS = 60_000;
/** Statuses of an instance, or of the proxy before it, that will answer later. */
const LATER: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** The shared instance over HTTP. Every step can be repeated, so one whose answer got lost is simply asked again. */
export function openRemoteInstance(options: RemoteOptions): Instance {
  const url = new URL("documents", options.remote.url);
  return {
    ask: async (request) => {
      const body = JSON.stringify(request);
      const answer = await answerTo(options, url, { body, isStoring: request.step === "store" });
      const parsed = EXCHANGE_ANSWERS[request.step].safeParse(answer);
      // SAFETY: the schema is that of the step's own answer; TypeScript does not connect the two by the step.
      if (parsed.success) return parsed.data as never;
      throw new KnowledgeError("unsupported", `What ${url.host} answers is not what this version expects.`, {
        hint: "Use the same version of AIKnowSys here and there.",
        cause: parsed.error,
      });
    },
  };
}

interface Question {
  readonly body: string;
  /** Documents go with it: each of them may be what takes so long. */
  readonly isStoring: boolean;
}

async function answerTo(options: RemoteOptions, url: URL, question: Question): Promise<unknown> {
  const { pauseMs = PAUSES_MS, onWait, signal } = options;
  for (let attempt = 0; ; attempt++) {
    const got = await attemptAt(options, url, question);
    const pause = pauseMs[attempt];
    if ("answer" in got) return got.answer;
    if (got.waitMs === undefined || pause === undefined || got.waitMs > LONGEST_WAIT_MS) throw got.error;
    const waitMs = Math.max(pause, got.waitMs);
    if (waitMs >= 1_000) onWait(`${got.error.message} Trying again in ${Math.round(waitMs / 1_000)} s.`);
    await sleep(waitMs, undefined, { signal }).catch(() => {
      throw got.error;
    });
  }
}

type Attempt =
  | { readonly answer: unknown }
  /** `waitMs`: it may be tried again, after so long at least. */
  | { readonly error: KnowledgeError; readonly waitMs?: number };

async function attemptAt(
  { remote, timeoutMs = TIMEOUT_MS }: RemoteOptions,
  url: URL,
  { body, isStoring }: Question,
): Promise<Attempt> {
  const headers = {
    "content-type": "application/json",
    ...(remote.token !== undefined && { authorization: `Bearer ${remote.token}` }),
  };
  try {
    // A token is for the address that was named, not for one that this leads on to.
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(url, { method: "POST", headers, body, redirect: "error", signal });
    const text = await response.text();
    if (response.ok) return { answer: parsed(text) };
    const error = refusalOf(response.status, parsed(text), url);
    if (response.status === 504 && isStoring) return { error: new NotInTime(error.message) };
    if (!LATER.has(response.status)) return { error };
    const seconds = Number(response.headers.get("retry-after") ?? 0);
    return { error, waitMs: Number.isFinite(seconds) ? seconds * 1_000 : 0 };
  } catch (cause) {
    if (isStoring && cause instanceof Error && cause.name === "TimeoutError") {
      const message = `The shared instance at ${url.host} gave no answer within ${timeoutMs / 1_000} s.`;
      return { error: new NotInTime(message, cause) };
    }
    const hint =
      "Check AIKNOWSYS_REMOTE_URL and the network. What was sent is kept: the same command goes on from there.";
    const message = `The shared instance at ${url.host} cannot be reached.`;
    return { error: new KnowledgeError("unavailable", message, { hint, cause }), waitMs: 0 };
  }
}

const refusalSchema = z.object({
  error: z.object({ code: z.enum(ERROR_CODES), message: z.string(), hint: z.string().optional() }),
});

/** The instance's own words; else what can be told from the status. */
function refusalOf(status: number, body: unknown, { host }: URL): KnowledgeError {
  const told = refusalSchema.safeParse(body).data?.error;
  if (status === 404 && told?.hint?.includes("/mcp") === true) return tooOld(host);
  if (told !== undefined) return new KnowledgeError(told.code, told.message, { hint: told.hint });
  return new KnowledgeError(codeOf(status), `The shared instance at ${host} answered ${status}.`, {
    hint: "Check AIKNOWSYS_REMOTE_URL: it may lead to another program, or to a proxy whose server is away.",
  });
}

function codeOf(status: number): ErrorCode {
  if (status === 401 || status === 403) return "forbidden";
  if (status === 413) return "invalid_input";
  return "unavailable";
}

function tooOld(host: string): KnowledgeError {
  return new KnowledgeError("unsupported", `The shared instance at ${host} takes no documents.`, {
    hint: "Check AIKNOWSYS_REMOTE_URL, and bring the instance to the version that is used here.",
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
