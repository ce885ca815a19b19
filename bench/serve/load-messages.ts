/** What the process that loads the server is told. */
export interface LoadJob {
  readonly url: string;
  readonly tokens: readonly string[];
  readonly projects: readonly string[];
  readonly phase: OpenLoop | ClosedLoop;
  readonly seed: number;
}

/** Calls come at random moments (a Poisson process), whether earlier ones were answered or not. */
export interface OpenLoop {
  readonly kind: "open";
  readonly ratePerSecond: number;
  readonly seconds: number;
}

/** So many callers, each of whom asks again as soon as it is answered. */
export interface ClosedLoop {
  readonly kind: "closed";
  readonly callers: number;
  readonly seconds: number;
}

/** What it tells. */
export interface LoadResult {
  /** From the moment a call was due to its answer's last byte, in ms. */
  readonly searchMs: readonly number[];
  readonly writeMs: readonly number[];
  /** How often each error came. */
  readonly errors: Readonly<Record<string, number>>;
  /** How often searches said what was missing. */
  readonly degraded: Readonly<Record<string, number>>;
  readonly perSecond: number;
  /** Processor time of the loading process while it asked, in ms. */
  readonly cpuMs: number;
  /** Events that the server has acknowledged. */
  readonly written: number;
}
