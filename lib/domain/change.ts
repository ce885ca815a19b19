import type { Kind, ProjectId, RowId } from "./ids.ts";
import type { Timestamp } from "./timestamp.ts";

export const OPERATIONS = ["create", "update", "delete", "restore", "retract", "supersede"] as const;
export type Operation = (typeof OPERATIONS)[number];

/** One line of the change log: who did what to which row, when. */
export interface Change {
  /** Public sequence number in its project, given by the sealer; absent while unsealed. */
  readonly seq?: number | undefined;
  readonly at: Timestamp;
  readonly actor: string;
  readonly project: ProjectId;
  readonly kind: Kind;
  readonly id: RowId;
  readonly revision: number;
  readonly operation: Operation;
  readonly contentHash: string;
  /** An import, or an undoing: what can be undone together. */
  readonly batch?: string | undefined;
}

/** INTERFACE: History. */
export interface History {
  readonly id: RowId;
  readonly entries: readonly HistoryEntry[];
  /** Absent where the row never came with an export. */
  readonly imports?: readonly RowImport[] | undefined;
}

export interface HistoryEntry {
  readonly seq?: number | undefined;
  readonly at: Timestamp;
  readonly actor: string;
  readonly operation: Operation;
  readonly revision: number;
  readonly contentHash: string;
  /** Ref of the project that the row was in then; absent for the one that it is in. */
  readonly project?: string | undefined;
  /** The import, or the undoing, that wrote it. */
  readonly batch?: string | undefined;
}

/** A row as a batch found and left it. */
export interface BatchRow {
  readonly kind: Kind;
  readonly id: RowId;
  /** Its revision before, 0 where it was not there. */
  readonly before: number;
  /** Its revision after. */
  readonly revision: number;
}

/** That a row came, or was replaced, by `import-db`: with its own history, in which no line tells of it. */
export interface RowImport {
  readonly at: Timestamp;
  readonly actor: string;
  readonly batch: string;
}
