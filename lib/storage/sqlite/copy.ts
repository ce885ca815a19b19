import { KnowledgeError } from "../../domain/error.ts";
import { timestampOf } from "../../domain/timestamp.ts";
import type { Copy, CopyState, CopyStep } from "../contract/copy.ts";
import type { Connection } from "./connection.ts";
import { takeRecords } from "./copy-records.ts";
import type { Database } from "./driver.ts";
import type { PassageStore } from "./passages.ts";
import type { Sync } from "./sync.ts";

/** The row of `store_info` that a copy has. */
const NAME = "copy_of";

/** Until then following it could erase what only this store holds. */
const UNCOMPARED = "The copy has not been compared with PostgreSQL yet.";

/** The facet `copy`; see its contract. */
export function openCopy(connection: Connection, passages: PassageStore): Sync<Copy> {
  const { db, immediate, file } = connection;
  return {
    state: () => readState(db),
    begin: (of) =>
      immediate(() =>
        writeState(db, { of, cursors: {}, owed: { changes: 0 }, problem: UNCOMPARED, isApart: true }),
      ),
    release: () => immediate(() => void db.prepare("DELETE FROM store_info WHERE name = ?").run(NAME)),
    owe: (changes, at) =>
      immediate(() => {
        const state = readState(db);
        if (state === undefined) return;
        const { owed } = state;
        writeState(db, {
          ...state,
          owed: { changes: owed.changes + changes, since: owed.since ?? at },
        });
      }),
    lock: (holder, at, ms) => immediate(() => lock(db, holder, { at, ms })),
    unlock: (holder) =>
      immediate(() => void db.prepare("DELETE FROM locks WHERE name = 'copy' AND holder = ?").run(holder)),
    take: (step) =>
      immediate(
        () => {
          const state = readState(db);
          if (state === undefined) throw released(file);
          const notes = takeRecords({ db, passages }, step);
          writeState(db, progressed(state, step));
          return notes;
        },
        () => passages.discard(),
      ),
  };
}

/** Whether the store follows another one: then nothing else may be written into it. */
export function isCopy(db: Database): boolean {
  return db.prepare("SELECT 1 FROM store_info WHERE name = ?").get(NAME) !== undefined;
}

/** The connection for everything that is not following: it refuses to write into a copy, whenever it became one. */
export function guardedFromCopies(connection: Connection): Connection {
  const { db, file, immediate } = connection;
  return {
    ...connection,
    immediate: (work, rolledBack) =>
      // Whoever began the transaction has been let in.
      db.inTransaction
        ? work()
        : immediate(() => {
            const state = readState(db);
            if (state !== undefined) throw followsAnother(file, state);
            return work();
          }, rolledBack),
  };
}

/**
 * Makes a copy a store of its own.
 * @throws KnowledgeError `conflict` while something is missing that the other store has acknowledged.
 */
export function releaseCopy({ db, file, immediate }: Connection): void {
  immediate(() => {
    const state = readState(db);
    if (state === undefined) return;
    const { owed, asOf, problem, of } = state;
    if (owed.changes > 0 || asOf === undefined || problem !== undefined) {
      throw new KnowledgeError(
        "conflict",
        `The store ${file} follows ${of} and is behind: it cannot stand alone yet.`,
        { hint: "Run `aiknowsys doctor --fix` with STORAGE_TYPE=hybrid, which brings it level." },
      );
    }
    db.prepare("DELETE FROM store_info WHERE name = ?").run(NAME);
  });
}

function readState(db: Database): CopyState | undefined {
  const row = db.prepare("SELECT value FROM store_info WHERE name = ?").raw(NAME)[0];
  // SAFETY: only `writeState` writes this row.
  return row === undefined ? undefined : (JSON.parse(String(row[0])) as CopyState);
}

function writeState(db: Database, state: CopyState): void {
  const sql = "INSERT OR REPLACE INTO store_info (name, value) VALUES (?, ?)";
  db.prepare(sql).run(NAME, JSON.stringify(state));
}

function progressed(state: CopyState, step: CopyStep): CopyState {
  const { cursors, asOf, paid = 0, problem, isApart = state.isApart } = step;
  const changes = Math.max(0, state.owed.changes - paid);
  const since = asOf ?? state.owed.since;
  const told = problem ?? state.problem;
  return {
    of: state.of,
    cursors: { ...state.cursors, ...cursors },
    asOf: asOf ?? state.asOf,
    owed: paid === 0 ? state.owed : { changes, ...(changes > 0 && { since }) },
    ...(told !== undefined && told !== "" && { problem: told }),
    ...(isApart === true && { isApart }),
  };
}

function lock(
  db: Database,
  holder: string,
  { at, ms }: { readonly at: string; readonly ms: number },
): boolean {
  const sql = "SELECT 1 FROM locks WHERE name = 'copy' AND holder <> ? AND expires_at > ?";
  if (db.prepare(sql).get(holder, at) !== undefined) return false;
  const expiresAt = timestampOf(Date.parse(at) + ms);
  const put = "INSERT OR REPLACE INTO locks (name, holder, expires_at) VALUES ('copy', ?, ?)";
  db.prepare(put).run(holder, expiresAt);
  return true;
}

function followsAnother(file: string, { of }: CopyState): KnowledgeError {
  return new KnowledgeError(
    "unavailable",
    `The store ${file} is a copy that follows ${of}: nothing else is written into it.`,
    {
      hint: "Write with STORAGE_TYPE=hybrid or postgres; docs/migration.md tells how a copy becomes a store of its own.",
    },
  );
}

function released(file: string): KnowledgeError {
  return new KnowledgeError("conflict", `The store ${file} is no copy any more: somebody released it.`, {
    hint: "Set STORAGE_TYPE to sqlite to work in it, or name another file with SQLITE_PATH for a new copy.",
  });
}
