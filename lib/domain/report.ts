/** Something that a long run passed over, with its reason in words. */
export interface ReportItem {
  readonly item: string;
  readonly reason: string;
  readonly line?: number | undefined;
}

/** INTERFACE: the report of `index`. found = indexed + unchanged + skipped + failed. */
export interface IndexReport {
  readonly ok: boolean;
  readonly found: number;
  readonly indexed: number;
  readonly unchanged: number;
  readonly skipped: number;
  readonly removed: number;
  readonly failed: number;
  readonly warnings: readonly ReportItem[];
  readonly plansIndexed: number;
  readonly sessionsIndexed: number;
  readonly patternsIndexed: number;
  readonly chunks: number;
  readonly embedded: number;
  /** Passages that still wait for their vector. */
  readonly owed: number;
  readonly tookMs: number;
}
