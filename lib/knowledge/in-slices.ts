import { setImmediate as nextTurn } from "node:timers/promises";

/** How long one piece of work keeps everybody else of the process waiting. */
const SLICE_MS = 15;

/** Work that says where it may be interrupted. */
export type SlicedWork<Result> = Generator<undefined, Result>;

/**
 * Does work in slices between which the process answers others; several pieces of work that are handed to it one after
 * another count as one. Work of a few milliseconds is not interrupted.
 * @param now milliseconds from any beginning
 */
export function openSlices(
  now: () => number = () => performance.now(),
): <Result>(work: SlicedWork<Result>) => Promise<Result> {
  let sinceMs = now();
  return async (work) => {
    for (;;) {
      const step = work.next();
      if (step.done === true) return step.value;
      if (now() - sinceMs < SLICE_MS) continue;
      await nextTurn();
      sinceMs = now();
    }
  };
}
