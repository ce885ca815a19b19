import type { Lent } from "./driver.ts";

/**
 * How far in its server's write-ahead log a store has written and read, so that a replica is asked only when it
 * has come at least as far: what somebody wrote or saw here stays seen.
 */
export interface Positions {
  /** What a replica must have replayed before it is read: `16/B374D848`. Undefined: not known. */
  needed(): string | undefined;
  /** Call before a transaction ends: the statements to end it with, and what to do with their answers. */
  ending(of: "read" | "write" | "replica"): Ending;
  /** Call when the outcome of a write is unknown: reads stay with the primary until it has been asked. */
  lose(): void;
  /** After a transaction on the primary: asks how far its log goes, if that is not known. Never fails. */
  settle(lent: Lent): Promise<void>;
}

export interface Ending {
  readonly sql: string;
  readonly note: (answers: Awaited<ReturnType<Lent["answers"]>>) => void;
}

/**
 * How far the log goes that holds whatever can be seen now. What is committed is on disk first, except where
 * commits do not wait for the disk; and only what is on disk is sent to replicas. NULL where the server is one.
 */
const WRITTEN = `SELECT CASE WHEN pg_is_in_recovery() THEN NULL
  WHEN current_setting('synchronous_commit') = 'off' THEN pg_current_wal_insert_lsn()
  ELSE pg_current_wal_flush_lsn() END::text`;
const REPLAYED = "SELECT pg_last_wal_replay_lsn()::text";

/** Nothing is known at first, so the first read is the primary's: what was there before counts as seen. */
export function openPositions(): Positions {
  let reached: bigint | undefined;
  // Rises with every write whose position is not known: an answer that was asked for before it comes too late.
  let losses = 0;
  const lose = () => {
    losses += 1;
    reached = undefined;
  };
  const advance = (before: number, text: unknown) => {
    const position = parsePosition(text);
    if (position === undefined || before !== losses) return;
    if (reached === undefined || position > reached) reached = position;
  };
  return {
    needed: () => (reached === undefined ? undefined : rendered(reached)),
    lose,
    ending: (of) => {
      // Asked for with COMMIT only where it has been answered before: a failure would pass for the commit's.
      if (reached === undefined) return { sql: "COMMIT", note: of === "write" ? lose : () => undefined };
      const before = losses;
      const ask = of === "replica" ? REPLAYED : WRITTEN;
      return { sql: `COMMIT; ${ask}`, note: (answers) => advance(before, answers.at(-1)?.[0]?.[0]) };
    },
    settle: async (lent) => {
      if (reached !== undefined) return;
      const before = losses;
      try {
        advance(before, (await lent.answers(WRITTEN))[0]?.[0]?.[0]);
      } catch {
        // Without a position all reads are the primary's.
      }
    },
  };
}

/** `16/B374D848`: the upper and the lower half of 64 bits, in hexadecimal digits (PostgreSQL type pg_lsn). */
function parsePosition(text: unknown): bigint | undefined {
  const [, high, low] = /^([\dA-F]{1,8})\/([\dA-F]{1,8})$/i.exec(String(text)) ?? [];
  return high === undefined || low === undefined
    ? undefined
    : (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}

function rendered(position: bigint): string {
  return `${(position >> 32n).toString(16)}/${(position & 0xffffffffn).toString(16)}`.toUpperCase();
}
