import type { Timestamp } from "../../domain/timestamp.ts";
import type { TransferRecord } from "../../domain/transfer-record.ts";
import type { TransferNote } from "./transfer.ts";

/**
 * What a store can do that is the copy of another one. While it is one, `take` alone writes rows; everything else that
 * would write is refused, from whatever process.
 */
export interface Copy {
  /** `undefined` for a store of its own. */
  state(): Promise<CopyState | undefined>;
  /**
   * From now on the store is a copy, and apart until `take` says otherwise; nothing of its rows is changed.
   * @param of what it follows, without credentials
   */
  begin(of: string): Promise<void>;
  /** From now on it is a store of its own, as it stands. */
  release(): Promise<void>;
  /** Notes that the other store has acknowledged changes that are not here yet. Nothing for a store of its own. */
  owe(changes: number, at: Timestamp): Promise<void>;
  /** True when nobody else follows; to be asked again before `ms` are over. */
  lock(holder: string, at: Timestamp, ms: number): Promise<boolean>;
  unlock(holder: string): Promise<void>;
  /**
   * One step of following, in one transaction: takes records away, then puts others in place of what stands under
   * their keys, then notes the progress. Records must come in the order of `RECORD_KINDS`.
   * @returns what could not be put just as it came
   */
  take(step: CopyStep): Promise<readonly TransferNote[]>;
}

export interface CopyState {
  readonly of: string;
  /** By id of the project: the sequence number up to which its changes are here. */
  readonly cursors: Readonly<Record<string, number>>;
  /** The copy holds everything up to this moment; absent until it has been filled. */
  readonly asOf?: Timestamp | undefined;
  /** What was acknowledged by the other store through this machine and is not here yet. */
  readonly owed: { readonly changes: number; readonly since?: Timestamp | undefined };
  /** What keeps it from following: a sentence. */
  readonly problem?: string | undefined;
  /** True when the other store is not the one that was followed: nothing here may be taken for its content. */
  readonly isApart?: boolean | undefined;
}

export interface CopyStep {
  readonly remove?: readonly TransferRecord[] | undefined;
  readonly put?: readonly TransferRecord[] | undefined;
  /** Cursors that have moved. */
  readonly cursors?: Readonly<Record<string, number>> | undefined;
  readonly asOf?: Timestamp | undefined;
  /** How many of the owed changes have come; those noted meanwhile stay owed. */
  readonly paid?: number | undefined;
  /** Empty: it follows again. */
  readonly problem?: string | undefined;
  readonly isApart?: boolean | undefined;
}
