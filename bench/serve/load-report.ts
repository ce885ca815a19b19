import { type Measurement, percentiles } from "../measure.ts";
import type { LoadResult } from "./load-messages.ts";

/** Memory at one moment of a run. */
export interface MemorySample {
  readonly atS: number;
  readonly serverMb: number;
  readonly modelMb: number;
}

/** One run at a fixed rate. */
export interface OpenRun {
  readonly events: number;
  readonly rate: number;
  readonly result: LoadResult;
  readonly memory: readonly MemorySample[];
  /** Share of searches whose vector was remembered. */
  readonly cache: number;
  /** What executed the model: `native` or `wasm`. */
  readonly runtime: string;
  /** Processor time of the run, in ms. */
  readonly cpu: { readonly server: number; readonly model: number; readonly database: number };
  /** Events that the database holds more than before. */
  readonly kept: number;
}

/** The lines of one run at a fixed rate: all calls, searches, writes. */
export function openLines({
  events,
  rate,
  result,
  memory,
  cache,
  runtime,
  cpu,
  kept,
}: OpenRun): readonly Measurement[] {
  const { searchMs, writeMs, written, degraded, perSecond } = result;
  const base = { engine: "postgres", events };
  const lost = written - kept;
  const notes = [
    errorsOf(result),
    `asked ${rate}/s at random moments`,
    `query vectors remembered ${(cache * 100).toFixed(0)} %, the others made by the ${runtime} runtime`,
    ...Object.entries(degraded).map(([why, count]) => `${why} ${count}`),
    `${written} writes acknowledged, ${kept} kept${lost === 0 ? "" : `: ${lost} differ`}`,
    memoryNote(memory),
    cpuNote(result, cpu),
  ];
  return [
    {
      ...{ operation: "serve", ...base, ...spread([...searchMs, ...writeMs]), perSecond },
      ...{ errors: errorCount(result), rssMb: memory.at(-1)?.serverMb ?? 0, memory },
      note: notes.join("; "),
    },
    { operation: "serve searches", ...base, ...spread(searchMs) },
    { operation: "serve writes", ...base, ...spread(writeMs) },
  ];
}

/** The line of one step with a fixed number of callers. */
export function closedLine(run: {
  readonly events: number;
  readonly callers: number;
  readonly result: LoadResult;
  readonly memory: { readonly serverMb: number };
}): Measurement {
  const { events, callers, result, memory } = run;
  const all = [...result.searchMs, ...result.writeMs];
  return {
    ...{ operation: `serve ×${callers}`, engine: "postgres", events, ...spread(all) },
    ...{ perSecond: result.perSecond, errors: errorCount(result), rssMb: memory.serverMb },
    note: errorsOf(result),
  };
}

function spread(durationsMs: readonly number[]) {
  const sorted = durationsMs.toSorted((a, b) => a - b);
  const p99Ms = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? 0;
  return { ...percentiles(sorted), p99Ms };
}

function errorCount({ errors }: LoadResult): number {
  return Object.values(errors).reduce((sum, count) => sum + count, 0);
}

function errorsOf(result: LoadResult): string {
  const kinds = Object.entries(result.errors).map(([why, count]) => `${count} × ${why}`);
  return `${errorCount(result)} errors${kinds.length === 0 ? "" : ` (${kinds.join(", ")})`}`;
}

function cpuNote({ searchMs, writeMs, cpuMs }: LoadResult, cpu: OpenRun["cpu"]): string {
  const each = (ms: number): string => (ms / (searchMs.length + writeMs.length)).toFixed(1);
  return `processor time a call: server ${each(cpu.server)}, database ${each(cpu.database)}, model ${each(cpu.model)}, client ${each(cpuMs)} ms`;
}

/** Growth is that of the second half, when everything that is loaded once is there. */
function memoryNote(memory: readonly MemorySample[]): string {
  const half = memory.slice(Math.floor(memory.length / 2));
  const [first, last] = [half[0], half.at(-1)];
  if (first === undefined || last === undefined) return "memory unknown";
  const minutes = Math.max(1 / 60, (last.atS - first.atS) / 60);
  const growth = (last.serverMb - first.serverMb) / minutes;
  const most = Math.max(...memory.map(({ serverMb }) => serverMb));
  return `server ${memory[0]?.serverMb} → ${last.serverMb} MB (at most ${most}, ${growth.toFixed(1)} a minute in the second half), model's process ${last.modelMb} MB`;
}
