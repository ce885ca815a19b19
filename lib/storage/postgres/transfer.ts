import { KnowledgeError } from "../../domain/error.ts";
import type { SnapshotId, Transfer } from "../contract/transfer.ts";
import type { Client, Database } from "./driver.ts";
import { translated } from "./errors.ts";
import { countRecords, type Present, readPresent, readRecords } from "./transfer-read.ts";
import { readOfRows, readSealsAfter } from "./transfer-read-rows.ts";
import { openWriter } from "./transfer-write.ts";

/** An open view: a transaction that lives until `end` is called. */
interface View {
  readonly client: Client;
  /** What there is of an older schema. */
  readonly present: Present | undefined;
  readonly end: () => Promise<void>;
}

export interface TransferSettings {
  /** True for a schema that may lack what this program knows. Default false. */
  readonly older?: boolean;
  /** Connections that can be lent at once. Default 1. */
  readonly connections?: number;
}

/** The facet `transfer`; see its contract. Views keep a connection each. */
export function openTransfer(
  database: Database,
  { older = false, connections = 1 }: TransferSettings = {},
): Transfer {
  const views = new Map<SnapshotId, View>();
  let last = 0;
  const viewOf = (snapshot: SnapshotId): View => {
    const view = views.get(snapshot);
    if (view === undefined) throw closedView();
    return view;
  };
  return {
    open: async () => {
      const view = await openView(database, older);
      last += 1;
      views.set(last, view);
      return last;
    },
    read: (snapshot, kind, options) =>
      told(() => {
        const { client, present } = viewOf(snapshot);
        return readRecords(client, kind, { ...options, present });
      }),
    count: (snapshot) =>
      told(() => {
        const { client, present } = viewOf(snapshot);
        return countRecords(client, present);
      }),
    ofRows: (snapshot, rows) => told(() => readOfRows(viewOf(snapshot).client, rows)),
    sealsAfter: (snapshot, project, seq) => told(() => readSealsAfter(viewOf(snapshot).client, project, seq)),
    close: async (snapshot) => {
      const view = views.get(snapshot);
      views.delete(snapshot);
      await view?.end();
    },
    write: openWriter(database, connections),
  };
}

/** How long a statement of a transfer may take: a batch has thousands of records. */
export const TRANSFER_TIMEOUT_MS = 60_000;
/** How long the reader of a batch may be busy with it. */
const IDLE_MS = 600_000;

/**
 * Batches come in the order of an index. Of tables that were filled a moment ago the planner knows nothing, and would
 * read and sort all that is left for each of them.
 */
const ALONG_INDEXES = ["sort", "incremental_sort"]
  .map((way) => `set_config('enable_${way}', 'off', true)`)
  .join(", ");

async function openView(database: Database, older: boolean): Promise<View> {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  let opened: (client: Client) => void = () => undefined;
  const opening = new Promise<Client>((resolve) => {
    opened = resolve;
  });
  let attempts = 0;
  const finished = database.read(async (client) => {
    // Done again after a lost connection it would see another moment.
    attempts += 1;
    if (attempts > 1) throw closedView();
    await client.rows(
      `SELECT set_config('idle_in_transaction_session_timeout', '${IDLE_MS}', true), ${ALONG_INDEXES}`,
    );
    opened(client);
    await ended;
  });
  const client = await Promise.race([opening, finished.then(failedToOpen)]);
  return {
    client,
    present: older ? await readPresent(client) : undefined,
    end: async () => {
      end();
      // What went wrong meanwhile was told to whoever read.
      await finished.catch(() => undefined);
    },
  };
}

/** Statements of a view run outside the call that began its transaction: what fails is told here. */
async function told<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw translated(error, "PostgreSQL");
  }
}

function failedToOpen(): never {
  throw closedView();
}

function closedView(): KnowledgeError {
  return new KnowledgeError("unavailable", "This view of the store is closed.", {
    hint: "Open another one.",
  });
}
