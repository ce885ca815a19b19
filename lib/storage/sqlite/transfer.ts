import { KnowledgeError } from "../../domain/error.ts";
import type { SnapshotId, Transfer } from "../contract/transfer.ts";
import type { Connection } from "./connection.ts";
import type { Database } from "./driver.ts";
import { openDriver } from "./driver-choice.ts";
import type { PassageStore } from "./passages.ts";
import type { Sync } from "./sync.ts";
import { countRecords, readRecords } from "./transfer-read.ts";
import { readOfRows, readSealsAfter } from "./transfer-read-rows.ts";
import { writeRecords } from "./transfer-write.ts";

export interface OpenTransfer {
  readonly facet: Sync<Transfer>;
  /** Closes views that were left open. */
  close(): void;
}

interface View {
  readonly db: Database;
  readonly close: () => void;
}

/** The facet `transfer`; see its contract. */
export function openTransfer(connection: Connection, passages: PassageStore): OpenTransfer {
  const views = new Map<SnapshotId, View>();
  let last = 0;
  const viewOf = (snapshot: SnapshotId): Database => {
    const view = views.get(snapshot);
    if (view === undefined) throw closedView();
    return view.db;
  };
  const close = (snapshot: SnapshotId) => {
    views.get(snapshot)?.close();
    views.delete(snapshot);
  };
  return {
    facet: {
      open() {
        last += 1;
        views.set(last, openView(connection));
        return last;
      },
      read: (snapshot, kind, options) => readRecords(viewOf(snapshot), kind, options),
      ofRows: (snapshot, rows) => readOfRows(viewOf(snapshot), rows),
      sealsAfter: (snapshot, project, seq) => readSealsAfter(viewOf(snapshot), project, seq),
      count: (snapshot) => countRecords(viewOf(snapshot)),
      close,
      write: (records, options) => writeRecords({ connection, passages }, records, options),
    },
    close: () => {
      for (const snapshot of views.keys()) close(snapshot);
    },
  };
}

/** A connection of its own in a read transaction, so that others write meanwhile and it does not see that. */
function openView({ file, db: own, readonly }: Connection): View {
  // Nothing is written through a connection that only reads, and its file may be a copy.
  const db = readonly ? own : openDriver(file, { readonly: true, busyTimeoutMs: 5_000 });
  if (db.inTransaction) throw new KnowledgeError("unavailable", "A view of this store is open already.");
  db.exec("BEGIN");
  db.prepare("SELECT count(*) FROM sqlite_schema").get();
  return {
    db,
    close: () => {
      db.exec("COMMIT");
      if (db !== own) db.close();
    },
  };
}

function closedView(): KnowledgeError {
  return new KnowledgeError("unavailable", "This view of the store is closed.", {
    hint: "Open another one.",
  });
}
