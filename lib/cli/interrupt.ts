import type { Call } from "./command.ts";

/** Does work that the first Ctrl-C asks to end after the step it is in; the second ends the process. */
export async function withInterrupt<Result>(
  { door, output }: Call,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const stop = door.onInterrupt(() => {
    if (controller.signal.aborted) {
      door.abort(130);
      return;
    }
    controller.abort();
    output.note("Stopping after the step that is under way; press Ctrl-C again to end at once.");
  });
  try {
    return await work(controller.signal);
  } finally {
    stop();
  }
}
