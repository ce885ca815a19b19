import type { Call } from "./command.ts";
import { type Progress, startProgress } from "./progress.ts";

/** Shows work of several steps; ends with `stop`. */
export interface StepBars {
  /** @param step one word that says what is counted */
  update(step: string, done: number, total: number): void;
  stop(): void;
}

/** One bar a step, each begun when its step is. */
export function openStepBars(
  { door, output }: Pick<Call, "door" | "output">,
  signal?: AbortSignal,
): StepBars {
  let label = "";
  let bar: Promise<Progress> | undefined;
  const stop = () => void bar?.then((one) => one.stop());
  return {
    update: (step, done, total) => {
      if (step !== label) {
        stop();
        label = step;
        bar = startProgress(door, output, { label, ...(signal !== undefined && { signal }) });
      }
      void bar?.then((one) => one.update(done, Math.max(done, total)));
    },
    stop,
  };
}
