import type { Kind, ProjectId } from "../domain/ids.ts";
import type { Audit } from "./contract/audit.ts";
import type { Copy } from "./contract/copy.ts";
import type { Chunks, Search } from "./contract/passages.ts";
import type { Events, Patterns, Plans, Projects, Sessions, Sources } from "./contract/rows.ts";
import type { Tenancy } from "./contract/tenancy.ts";
import type { Tokens } from "./contract/tokens.ts";
import type { Transfer } from "./contract/transfer.ts";
import type { Changes, Upkeep } from "./contract/upkeep.ts";
import type { Write, WriteContext, WriteResult } from "./contract/writes.ts";

/**
 * The storage contract. Two engines keep it and one contract suite (`test/contract`) proves it.
 *
 * Common to all members: arguments are validated by the caller; ids are lower-case UUIDs; nothing is read
 * outside the projects named; tombstones are invisible unless a member says otherwise. Every member may
 * throw KnowledgeError `unavailable` (locked for longer than 30 s, unreachable, read-only) and `corrupt`.
 */
export interface StorageAdapter {
  readonly capabilities: Capabilities;
  readonly projects: Projects;
  readonly sources: Sources;
  readonly plans: Plans;
  readonly sessions: Sessions;
  readonly patterns: Patterns;
  readonly events: Events;
  readonly chunks: Chunks;
  readonly changes: Changes;
  readonly search: Search;
  readonly upkeep: Upkeep;
  readonly transfer: Transfer;
  readonly tokens: Tokens;
  readonly tenancy: Tenancy;
  readonly audit: Audit;
  /**
   * Writes rows, their change lines, revisions, chunks and word index in one transaction: all or nothing.
   * Results come in the order of the writes. An empty list is a no-op.
   * @throws KnowledgeError `conflict` when a row is not at `expectedRevision`; `current` names id and revision.
   */
  transaction(context: WriteContext, writes: readonly Write[]): Promise<readonly WriteResult[]>;
  /** Releases files, threads and connections. A second call does nothing. */
  close(): Promise<void>;
}

/** Differences between engines that show. */
export interface Capabilities {
  readonly engine: "sqlite" | "postgres" | "hybrid";
  /** More than the one tenant `default`. */
  readonly tenants: boolean;
}

/** Rows that a caller may see and write: a tenant's, all or those of some projects. */
export interface Grant {
  /** UUID. */
  readonly tenant: string;
  readonly projects: "all" | readonly ProjectId[];
}

/** Connections of one process to its database. */
export interface PoolFigures {
  readonly inUse: number;
  readonly idle: number;
  /** Callers standing in line for a connection. */
  readonly waiting: number;
  readonly most: number;
}

/** A store of many tenants that serves callers with different rights over the same connections. */
export interface SharedStorage extends StorageAdapter {
  /** The same store for a caller with these rights. */
  granted(grant: Grant): StorageAdapter;
  pool(): PoolFigures;
  /** Asks the database anew. @throws KnowledgeError `unavailable` */
  schemaNow(): Promise<{ readonly version: number; readonly isCurrent: boolean }>;
  /** Rows of all tenants by kind, as the database's statistics estimate them: nothing is counted. */
  rowEstimates(): Promise<Readonly<Record<Kind, number>>>;
}

/** A store that can be the copy of another one. */
export interface CopyingStorage extends StorageAdapter {
  readonly copy: Copy;
}
