import { openMemoryFloor } from "../lib/storage/sqlite/vector-kernel.ts";
import { percentiles } from "./measure.ts";

/** The median time of reading so many bytes of memory once with the scan kernel, in ms; 0 without WebAssembly SIMD. */
export function memoryFloorMs(bytes: number): number {
  const read = openMemoryFloor(bytes);
  if (read === undefined) return 0;
  const durations = Array.from({ length: 9 }, () => {
    const started = performance.now();
    read();
    return performance.now() - started;
  });
  return percentiles(durations).p50Ms;
}
