import type { BatchRow, Change, HistoryEntry, RowImport } from "../../domain/change.ts";
import type { StoredRow } from "../../domain/document.ts";
import type { Kind, ProjectId, RowId } from "../../domain/ids.ts";
import type { Timestamp } from "../../domain/timestamp.ts";
import type { SpaceIdentity } from "./passages.ts";

export interface Changes {
  /** A row's changes, oldest first. */
  ofRow(project: ProjectId, id: RowId): Promise<readonly HistoryEntry[]>;
  /** A row as it was at a revision, or `undefined` when that revision is not kept. */
  revision(project: ProjectId, kind: Kind, id: RowId, revision: number): Promise<StoredRow | undefined>;
  /** Gives sequence numbers and a seal to what is not sealed yet; returns the project's newest sequence number (0 without any). */
  seal(project: ProjectId, at: Timestamp): Promise<number>;
  /** Sealed changes after a sequence number, oldest first. */
  since(project: ProjectId, seq: number, limit: number): Promise<readonly Change[]>;
  /** Changes at or after a moment, sealed or not, newest first. */
  sinceTime(project: ProjectId, at: Timestamp, limit: number): Promise<readonly Change[]>;
  /**
   * The rows that a batch wrote, each once with its first and last revision in it, by kind, then id; those after `after`.
   * A row's supersession by another row of the batch counts as written. None where there is no such batch.
   */
  ofBatch(project: ProjectId, batch: string, page: BatchPage): Promise<readonly BatchRow[]>;
  /** How many rows {@link Changes.ofBatch} has in all. */
  batchSize(project: ProjectId, batch: string): Promise<number>;
  /** When a row came by `Transfer.write` with a batch, oldest first. */
  importsOf(project: ProjectId, id: RowId): Promise<readonly RowImport[]>;
}

export interface BatchPage {
  readonly after?: Pick<BatchRow, "kind" | "id"> | undefined;
  readonly limit: number;
}

export interface Upkeep {
  /** Figures of the store as a whole. */
  figures(): Promise<StoreFigures>;
  /** Deep check: file integrity, rows against chunks, word index and vectors. Slow (about 10 s per 500 MB). */
  check(): Promise<readonly Finding[]>;
  /** Repairs what is derived; returns what was done, one sentence each. Rows of truth are never touched. */
  repair(): Promise<readonly string[]>;
  /** Chores under a lock that one process holds at a time: seals, folds, checkpoints, optimises. False when another holds it. */
  janitor(at: Timestamp): Promise<boolean>;
  /**
   * Brings the schema forward; stores are usually opened with the newest one already.
   * @throws KnowledgeError `invalid_input` for a version that cannot be reached, `schema_mismatch` for an edited migration.
   */
  migrate(options: MigrateOptions): Promise<MigrateReport>;
}

export interface MigrateOptions {
  /** The version to reach; default the newest. */
  readonly to?: number | undefined;
  /** Say what would be applied and apply nothing. */
  readonly dryRun?: boolean | undefined;
}

export interface MigrateReport {
  readonly from: number;
  readonly to: number;
  /** Names of the migrations, such as `000001_rows`, in order. */
  readonly applied: readonly string[];
}

export interface StoreFigures {
  readonly engine: string;
  /** Version of the engine itself. */
  readonly engineVersion: string;
  readonly schemaVersion: number;
  /** Where it lives, without credentials. */
  readonly location: string;
  readonly bytes: number;
  readonly projects: number;
  readonly plans: number;
  readonly sessions: number;
  readonly patterns: number;
  readonly events: number;
  readonly chunks: number;
  readonly vectors: number;
  readonly spaces: readonly (SpaceIdentity & { readonly vectors: number })[];
  readonly lastWriteAt?: Timestamp | undefined;
  readonly unsealedChanges: number;
  /** What the owner of the store should do, one sentence each; absent where there is never anything. */
  readonly advice?: readonly string[] | undefined;
  /** The copy that follows this store on this machine, where there is one. */
  readonly copy?: CopyFigures | undefined;
}

export interface CopyFigures {
  readonly location: string;
  /** True when the store that counts is away, and the copy answers for it. */
  readonly isReadFrom: boolean;
  /** The copy holds everything up to this moment; absent until it has been filled. */
  readonly asOf?: Timestamp | undefined;
  /**
   * Changes that the copy does not hold yet; while the store that counts is away, those that were acknowledged through
   * this machine.
   */
  readonly changesBehind: number;
  readonly behindSince?: Timestamp | undefined;
  readonly problem?: string | undefined;
}

export interface Finding {
  readonly severity: "error" | "warning";
  readonly what: string;
  /** What to do about it. */
  readonly advice: string;
}

/** How much of one table of a damaged store can be read. */
export interface SalvagedTable {
  readonly table: string;
  /** Rows that can be read. */
  readonly rows: number;
  /** Of those, rows that a new store took; absent in a mere report. */
  readonly kept?: number | undefined;
  /** False when reading broke off somewhere: rows are missing. */
  readonly whole: boolean;
}

/** What can be saved of a store that is too damaged to be opened. */
export interface SalvageReport {
  readonly file: string;
  readonly tables: readonly SalvagedTable[];
  /** Why nothing at all can be read, when that is so. */
  readonly unreadable?: string | undefined;
}
