import type { Operation } from "../../domain/change.ts";
import type { StoredEvent, StoredPattern, StoredPlan, StoredSession } from "../../domain/document.ts";
import type { Kind, ProjectId, RowId } from "../../domain/ids.ts";
import type { Timestamp } from "../../domain/timestamp.ts";
import type { EventType } from "../../domain/vocabulary.ts";

export interface WriteContext {
  readonly project: ProjectId;
  /** When; becomes the change lines' `at`. */
  readonly at: Timestamp;
  /** Who, as shown in history: a person, a client's name, or `aiknowsys index`. */
  readonly actor: string;
  /** Groups what can be undone together. */
  readonly batch?: string | undefined;
}

/** A row as the caller makes it; the store gives ref and revision and settles the slug. */
export type Draft<Row> = Omit<Row, "ref" | "revision" | "slug">;

export type DraftRow =
  | { readonly kind: "plan"; readonly row: Draft<StoredPlan> }
  | { readonly kind: "session"; readonly row: Draft<StoredSession> }
  | { readonly kind: "pattern"; readonly row: Draft<StoredPattern> }
  | { readonly kind: "event"; readonly row: Draft<StoredEvent> };

export interface Write {
  readonly draft: DraftRow;
  readonly operation: Operation;
  /** 0: no row with this id may exist. n: the row (tombstone included) must be at revision n. */
  readonly expectedRevision: number;
  /**
   * Wished slugs, best first; the first free one of its kind in the project is taken, else the last with
   * `~2`, `~3` … appended. Used on creation only: a slug is fixed once given. Not used for events.
   */
  readonly slugs: readonly string[];
  /** Wished refs, best first; without a free one the row takes one that its id gives. Used on creation only. */
  readonly refs?: readonly string[] | undefined;
  /** The row's passages, replacing all earlier ones; `keep` leaves them as they are. */
  readonly chunks: readonly ChunkDraft[] | "keep";
}

export interface WriteResult {
  readonly kind: Kind;
  readonly id: RowId;
  readonly ref: string;
  readonly slug?: string | undefined;
  readonly revision: number;
}

/** A searchable passage of a row. */
export interface ChunkDraft {
  /** Position in its row, from 0. */
  readonly ordinal: number;
  /** Heading path, beginning with the row's title: `Title › Section`. */
  readonly heading: string;
  readonly text: string;
  /** The analyser's terms of heading and text, space-separated, each `[a-z0-9_]+` (RULES 21). */
  readonly terms: string;
  /** What BM25 takes for the passage's length, in terms. */
  readonly length: number;
  /** SHA-256 of the text that is embedded; equal texts share a vector. */
  readonly textHash: string;
  /** The row's date for filters and order. */
  readonly date: Timestamp;
  readonly eventType?: EventType | undefined;
  /** Superseded or retracted: left out of search unless asked for. */
  readonly hidden: boolean;
}
