import type { Door } from "./door.ts";
import type { Output } from "./output.ts";

/** Shows how far long work is; ends with `stop`, which leaves nothing half drawn. */
export interface Progress {
  update(done: number, total: number): void;
  stop(): void;
}

/** Off a terminal a line is written this often. */
const LINE_EVERY_MS = 3_000;

export interface ProgressOptions {
  /** One word that says what is counted. */
  readonly label: string;
  /** Ends the display, before anything is said about the interruption. */
  readonly signal?: AbortSignal;
}

/** A bar on a terminal, a line every few seconds elsewhere, nothing with `--quiet`; always on stderr. */
export async function startProgress(door: Door, output: Output, options: ProgressOptions): Promise<Progress> {
  if (output.quiet) return { update: () => undefined, stop: () => undefined };
  const isTerminal = door.stderr.isTTY === true;
  const progress = isTerminal ? await startBar(door, options.label) : startLines(door, output, options.label);
  options.signal?.addEventListener("abort", () => progress.stop());
  return progress;
}

async function startBar(door: Door, label: string): Promise<Progress> {
  const { default: progress } = await import("cli-progress");
  const startedAt = door.now();
  // SAFETY: on a terminal stderr is the process's own write stream, which is what the bar needs.
  const stream = door.stderr as NodeJS.WriteStream;
  const barsize = Math.max(5, Math.min(24, (stream.columns ?? 80) - 56));
  const format = `${label.padEnd(8)} {bar} {percentage}%  {value}/{total}  {speed}`;
  // The terminal's own settings (cursor, line wrapping) stay: a killed process could not give them back.
  const bar = new progress.SingleBar(
    { stream, format, barsize, hideCursor: false, linewrap: true },
    progress.Presets.shades_classic,
  );
  let started = false;
  let stopped = false;
  return {
    update: (done, total) => {
      // A late first report must not begin a bar that nobody ends.
      if (stopped) return;
      const speed = speedOf(done, total, door.now() - startedAt);
      if (started) bar.setTotal(total);
      else bar.start(total, done, { speed });
      started = true;
      bar.update(done, { speed });
    },
    stop: () => {
      if (started && !stopped) bar.stop();
      stopped = true;
    },
  };
}

function startLines(door: Door, output: Output, label: string): Progress {
  const startedAt = door.now();
  let lastAt = startedAt;
  return {
    update: (done, total) => {
      const now = door.now();
      if (now - lastAt < LINE_EVERY_MS || done >= total) return;
      lastAt = now;
      output.note(`${label}: ${done} of ${total}, ${speedOf(done, total, now - startedAt)}`);
    },
    stop: () => undefined,
  };
}

/** Speed and rest time in words: `14/s, 2 min left`. */
export function speedOf(done: number, total: number, tookMs: number): string {
  if (done === 0 || tookMs <= 0) return "starting";
  const perSecond = (done * 1000) / tookMs;
  const speed = `${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond)}/s`;
  return done >= total ? speed : `${speed}, ${renderDuration((total - done) / perSecond)} left`;
}

/** Seconds in words for people: `40 s`, `3 min`, `2 h`. */
export function renderDuration(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3_600).toFixed(1)} h`;
}
