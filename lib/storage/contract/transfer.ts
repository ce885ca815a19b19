import type { Kind, ProjectId, RowId } from "../../domain/ids.ts";
import type { Timestamp } from "../../domain/timestamp.ts";
import type { RecordKind, RecordOf, TransferRecord } from "../../domain/transfer-record.ts";

/**
 * Everything of a store, verbatim, out and in: what export, import, migration, verification and backup stand on
 * (RULES 17). Ids, times, revisions and vectors are kept and no change line is added, but for rows that replace
 * others under `replace` or `newer`.
 *
 * | table | carried as | |
 * |---|---|---|
 * | projects, project_keys, project_roots | `project` | |
 * | sources, source_files, source_folders | `run`, `file`, `folder` | a store's own look at a folder stands |
 * | spaces | `space` | those that have vectors, named by their identity |
 * | plans, plan_links | `plan` | links as written |
 * | sessions, patterns, events | `session`, `pattern`, `event` | tombstones too |
 * | revisions | `revision` | the kept text; each store packs it itself |
 * | changes | `change` | in the log's order; `position` is each store's own |
 * | change_seals | `seal` | under the id of the store that sealed |
 * | chunks | `passage` | with the analyser's terms; numbers are each store's own |
 * | vectors | `vector` | exact float32 numbers |
 * | term_frequencies, words, chunks.words, owed_vectors, vector_segments, project_numbers, vector indexes | – | made by the writer from what is carried |
 * | imported_rows | – | what this store took in, and when |
 * | tenants, tokens, calls, call_seals, store_info, locks, schema_migrations | – | belong to the store itself; credentials are never carried |
 */
export interface Transfer {
  /** Opens a view of the store as it is now, whatever is written later; whoever opens it closes it. */
  open(): Promise<SnapshotId>;
  /**
   * The records of a kind that come after a key, in the kind's order, in the view. Asked again with the same key it
   * gives the same. A batch ends at `limit` records or some megabytes; an empty one need not be the last.
   * A row with a damaged value is named and left out; the others come.
   * Order: by bytes of project, then of the record's own key; changes by sequence number, unsealed ones last.
   * @param after `next` of the batch before; absent for the first
   * @throws KnowledgeError `unavailable` when the view is closed or its connection was lost.
   */
  read(snapshot: SnapshotId, kind: RecordKind, options: ReadOptions): Promise<TransferBatch>;
  /**
   * Everything that belongs to these rows, in the view: the rows, their revisions, changes, passages and vectors, in the
   * order of the kinds. A row that is not there has nothing.
   */
  ofRows(snapshot: SnapshotId, rows: readonly RowName[]): Promise<readonly TransferRecord[]>;
  /** The seals of a project that end after a sequence number, whoever sealed, in the view. */
  sealsAfter(snapshot: SnapshotId, project: ProjectId, seq: number): Promise<readonly RecordOf<"seal">[]>;
  /** A second call does nothing. */
  close(snapshot: SnapshotId): Promise<void>;
  /** How many records of each kind the view holds. */
  count(snapshot: SnapshotId): Promise<RecordCounts>;
  /**
   * Writes records in one transaction, or in a few where some of them cannot be held: those alone are refused. Kinds
   * must come in the order of `RECORD_KINDS`. A record that stands already is `unchanged`; one that stands with
   * another content is settled by `onConflict`. Safe to do again. Batches of one kind may be written side by side, but for
   * documents, whose names depend on their order. Changes come into the log in the order in which writes were called.
   */
  write(records: readonly TransferRecord[], options: TransferOptions): Promise<TransferResult>;
}

/** Which row. */
export interface RowName {
  readonly project: ProjectId;
  readonly kind: Kind;
  readonly id: RowId;
}

/** Names an open view. */
export type SnapshotId = number;

export interface ReadOptions {
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface TransferBatch {
  readonly records: readonly TransferRecord[];
  /** Absent at the end of the kind. */
  readonly next?: string | undefined;
  /** Rows among them of which no record can be made, because something damaged a value. Absent without any. */
  readonly unread?: readonly UnreadRecord[] | undefined;
}

/** A row that stands and cannot be read. */
export interface UnreadRecord {
  /** Without what is damaged: it says which row is meant, and is never written. */
  readonly record: TransferRecord;
  /** Each damaged column, and what is wrong with it: `topics is no JSON`. */
  readonly reason: string;
}

export type RecordCounts = Readonly<Record<RecordKind, number>>;

/**
 * What happens to a record that stands with another content: `refuse` leaves it and counts it as failed, `keep`
 * leaves it and counts it as skipped, `replace` takes the new one, `newer` the one that was changed last. History
 * (revisions, changes, seals) is added to and never rewritten, whatever is chosen.
 */
export const CONFLICT_POLICIES = ["refuse", "keep", "replace", "newer"] as const;
export type ConflictPolicy = (typeof CONFLICT_POLICIES)[number];

export interface TransferOptions {
  readonly onConflict: ConflictPolicy;
  /** When and by whom, for the change lines of replaced rows. */
  readonly at: Timestamp;
  readonly actor: string;
  /** Under what the rows that are added or replaced are remembered, so that they can be undone together. None: they are not. */
  readonly batch?: string | undefined;
  /** Write nothing; what needs a record that is not there counts as if it came with this transfer, as far as `coming` says. */
  readonly dryRun?: boolean | undefined;
  /** In a dry run: what will have come before these records. Absent: whatever they need. */
  readonly coming?: Coming | undefined;
}

/** What a transfer brings, as far as its later records depend on it. */
export interface Coming {
  readonly projects: ReadonlySet<string>;
  /** Dimensions by {@link spaceKey}. */
  readonly spaces: ReadonlyMap<string, number>;
  /** Rows and passages that it does not bring, by `ownerKey` and `passageKey`. */
  readonly leftBehind: ReadonlySet<string>;
}

/** records = written + unchanged + notes that say `skipped` or `failed`. */
export interface TransferResult {
  readonly written: number;
  readonly unchanged: number;
  readonly notes: readonly TransferNote[];
}

export interface TransferNote {
  /** Position in the records given. */
  readonly index: number;
  /** `adjusted`: written, but not just as it came. */
  readonly what: "skipped" | "failed" | "adjusted";
  /** A sentence's end: `takes the slug plan~2, because …`. */
  readonly reason: string;
}
