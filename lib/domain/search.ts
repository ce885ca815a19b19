import type { Kind, ProjectId, RowId } from "./ids.ts";
import type { Timestamp } from "./timestamp.ts";
import type { EventType } from "./vocabulary.ts";

export const SEARCH_MODES = ["hybrid", "semantic", "text"] as const;
export type SearchMode = (typeof SEARCH_MODES)[number];

/** Why an answer is less than it could be (RULES 26). */
export const DEGRADATIONS = [
  "embedding_warming",
  "embedding_unavailable",
  "index_behind",
  "bounded",
  "reading_from_copy",
] as const;
export type Degradation = (typeof DEGRADATIONS)[number];

/** Conditions that candidates meet inside the engine, before ranking. */
export interface SearchFilter {
  readonly kinds?: readonly Kind[] | undefined;
  readonly eventTypes?: readonly EventType[] | undefined;
  /** Inclusive lower bound of the row's date. */
  readonly after?: Timestamp | undefined;
  /** Exclusive upper bound of the row's date. */
  readonly before?: Timestamp | undefined;
  /** Also superseded and retracted events. Default false. */
  readonly includeSuperseded?: boolean | undefined;
}

/** INTERFACE: one result of Search. */
export interface SearchResult {
  readonly id: RowId;
  readonly ref: string;
  readonly kind: Kind;
  readonly project: ProjectId;
  readonly title: string;
  /** Heading path of the best passage. */
  readonly section?: string | undefined;
  readonly snippet: string;
  readonly score: number;
  /** Cosine of query and best passage, −1 to 1. */
  readonly similarity?: number | undefined;
  readonly date: Timestamp;
  readonly author?: string | undefined;
  readonly why: {
    /** Rank in the list found by words, from 1. */
    readonly text?: number | undefined;
    /** Rank in the list found by meaning, from 1. */
    readonly semantic?: number | undefined;
    /** The query's words that the passage holds. */
    readonly terms?: readonly string[] | undefined;
  };
  /** True when the document changed after the passage was indexed. */
  readonly stale?: boolean | undefined;
}

/** INTERFACE: Search. */
export interface SearchAnswer {
  readonly query: string;
  /** What really ran. */
  readonly mode: SearchMode;
  readonly count: number;
  readonly results: readonly SearchResult[];
  readonly degraded: Degradation | null;
  /** Share of the searched passages that have a vector, 0 to 1. */
  readonly coverage: number;
  /** True when nothing found seems to answer the question. */
  readonly abstained: boolean;
  /** Estimated o200k tokens of the results. */
  readonly tokens: number;
  /** Results left out for the budget. */
  readonly omitted: number;
  readonly nextCursor?: string | undefined;
}
