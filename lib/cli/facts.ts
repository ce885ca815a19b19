import type { Output } from "./output.ts";
import { asLine, columnsOf, padToColumns } from "./terminal-text.ts";

/** Lines of `name  value`, the names one under the other; empty values are left out. */
export function renderFacts(output: Output, facts: readonly (readonly [string, string])[]): string {
  const shown = facts.filter(([, value]) => value !== "");
  const width = Math.max(0, ...shown.map(([name]) => columnsOf(name)));
  return shown
    .map(([name, value]) => `${output.style("dim", padToColumns(name, width))}  ${asLine(value)}`)
    .join("\n");
}

/** Bytes as people read them. */
export function renderBytes(bytes: number): string {
  const units = ["bytes", "KB", "MB", "GB", "TB"];
  const step = bytes < 1_000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1_000 ** step;
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[step] ?? ""}`;
}
