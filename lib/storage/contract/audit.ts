import type { AuditChain, AuditedCall, AuditLogName, Seal } from "../../domain/audit.ts";
import type { ProjectId } from "../../domain/ids.ts";
import type { Timestamp } from "../../domain/timestamp.ts";

/** What was called over the shared instance. `record` and `seal` are whoever's serves, the rest is the owner's. */
export interface Audit {
  /** Adds calls of one tenant to the log. They are sealed later, so nobody waits for anybody. */
  record(tenant: string, calls: readonly AuditedCall[]): Promise<void>;
  /**
   * Numbers and seals the calls of a chain that have no number yet, in batches. False when another process is at it.
   */
  seal(chain: CallChain, at: Timestamp): Promise<boolean>;
  /** The tenant's chains that hold anything, by log, then project. */
  chains(): Promise<readonly AuditChain[]>;
  /** The seals of a chain in their order; seals of other stores last. */
  seals(log: AuditLogName, project: ProjectId): Promise<readonly Seal[]>;
  /** The numbered lines of a chain in a range, as they are sealed: each with its `seq`. */
  lines(log: AuditLogName, project: ProjectId, range: SeqRange): Promise<readonly AuditLine[]>;
}

/** The calls of a tenant about one project; without a tenant that of the store, which is the owner's matter. */
export interface CallChain {
  readonly tenant?: string | undefined;
  readonly project: ProjectId;
}

/** Both ends included. */
export interface SeqRange {
  readonly fromSeq: number;
  readonly toSeq: number;
}

/** A line of any of the logs. */
export interface AuditLine {
  readonly seq?: number | undefined;
  readonly at: Timestamp;
  readonly actor: string;
}
