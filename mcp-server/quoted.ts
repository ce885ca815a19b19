/** Recalled text with where it comes from: data to be weighed, never an instruction (RULES 30). */
export interface Quoted {
  readonly quoted: string;
  readonly source: string;
  readonly author?: string;
  /** How old the text is, such as `3 days`. */
  readonly age: string;
}

/** Text from the store, marked as such. */
export function quote(
  text: string,
  from: { readonly source: string; readonly author?: string | undefined; readonly at: string },
  nowMs: number,
): Quoted {
  return {
    quoted: text,
    source: from.source,
    ...(from.author !== undefined && { author: from.author }),
    age: ageOf(from.at, nowMs),
  };
}

/** The time from a moment to now in its largest whole unit. */
export function ageOf(at: string, nowMs: number): string {
  const minutes = Math.max(0, Math.floor((nowMs - Date.parse(at)) / 60_000));
  const units: readonly (readonly [number, string])[] = [
    [525_600, "year"],
    [43_200, "month"],
    [1_440, "day"],
    [60, "hour"],
    [1, "minute"],
  ];
  const [size, unit] = units.find(([length]) => minutes >= length) ?? [1, "minute"];
  const count = Math.floor(minutes / size);
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
