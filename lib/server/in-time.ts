import type { Refusal } from "./refusal.ts";

/** What work gives, unless its time is up first. */
export async function orAborted<Result>(
  work: Promise<Result>,
  signal: AbortSignal,
): Promise<Result | undefined> {
  let stop: (() => void) | undefined;
  const aborted = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener("abort", stop);
    // Its answer comes too late for anybody.
    work.catch(() => undefined);
  }
}

/** Said to a caller whose call took too long. */
export function tooLate(timeoutMs: number): Refusal {
  return {
    status: 504,
    code: "unavailable",
    message: `The call was not answered within ${timeoutMs / 1_000} s.`,
    hint: "Ask for less at once, or try again in a moment.",
  };
}
