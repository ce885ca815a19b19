import type { Hit } from "../contract/passages.ts";

/** The order of hits (RULES 24): score descending, date descending, owner id ascending, ordinal ascending. */
export function compareHits(a: Hit, b: Hit): number {
  return (
    b.score - a.score || compareText(b.date, a.date) || compareText(a.owner, b.owner) || a.ordinal - b.ordinal
  );
}

/** By code units, which for these ASCII texts is the order of bytes. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
