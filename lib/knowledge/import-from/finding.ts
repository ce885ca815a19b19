import type { Kind, ProjectId } from "../../domain/ids.ts";
import type { Timestamp } from "../../domain/timestamp.ts";
import type { ForeignTables } from "../../storage/contract/foreign-tables.ts";
import type { DraftRow } from "../../storage/contract/writes.ts";

/** Tools whose data can be brought in. */
export const PEERS = ["aiknowsys-0.10", "basic-memory", "claude-mem", "server-memory", "beads"] as const;
export type Peer = (typeof PEERS)[number];

/** `record`: of what would be of no kind, because it cannot be read or was passed over before. */
export type PeerKind = Kind | "record";

/** A record of another tool as a row of ours. */
export interface FoundRow {
  readonly is: "row";
  /** How the record is called in the report. */
  readonly item: string;
  readonly line?: number | undefined;
  readonly draft: DraftRow;
  /** Wished slugs of a document, best first. */
  readonly slugs?: readonly string[];
  /** The project that the other tool says it belongs to. */
  readonly belongsTo?: string | undefined;
  /** The text that files of the tool may hold too, and their paths below its folder. */
  readonly madeFrom?: { readonly text: string; readonly paths: readonly string[] };
  /** SHA-256 of the file that the record is. */
  readonly fileHash?: string;
  /** Its moment is that of its file: the row keeps the one that it was first given. */
  readonly isUndated?: boolean;
  /** What was read otherwise than it is written. */
  readonly doubts?: readonly string[];
}

/** What is no row: a record that cannot be read, one that is passed over, or a note that counts as nothing. */
export interface Remark {
  readonly is: "fault" | "skipped" | "note";
  readonly item: string;
  readonly reason: string;
  readonly line?: number | undefined;
}

/** What a reader of another tool's data comes upon. */
export type Finding = FoundRow | Remark;

/** What every reader is handed. */
export interface Reading {
  /** Absolute. */
  readonly path: string;
  readonly project: ProjectId;
  /** Stands in where a record has no time of its own and its file neither. */
  readonly now: Timestamp;
  /** Whether secrets are left out. */
  readonly redact: boolean;
  /** Opens another program's SQLite file for reading. */
  readonly openTables: (file: string) => Promise<ForeignTables>;
  readonly onProgress: (done: number, total: number) => void;
}
