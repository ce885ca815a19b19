import { KnowledgeError } from "../../domain/error.ts";
import { grouped } from "../../domain/grouped.ts";
import {
  RECORD_KINDS,
  type RecordKind,
  type RecordOf,
  type TransferRecord,
} from "../../domain/transfer-record.ts";
import type { TransferOptions, TransferResult } from "../contract/transfer.ts";
import { DamagedCell, standsDamaged } from "../neutral/damaged-cell.ts";
import { joinResults, TransferTally } from "../neutral/transfer-notes.ts";
import { type ImportedRow, noteImported } from "./batches.ts";
import type { Database } from "./driver.ts";
import { codeOf } from "./errors.ts";
import type { Indexed, TransferBatch } from "./transfer-batch.ts";
import { writeProjects, writeSeen } from "./transfer-folders.ts";
import { canBeFresh, insertFresh, NotAllFresh } from "./transfer-fresh.ts";
import { writeChanges, writeRevisions, writeSeals } from "./transfer-history.ts";
import { writePassages, writeSpaces, writeVectors } from "./transfer-passages.ts";
import { writeRows } from "./transfer-rows.ts";

/** Writes records; see `Transfer.write`. */
export type WriteRecords = (
  records: readonly TransferRecord[],
  options: TransferOptions,
) => Promise<TransferResult>;

/** One alone is not worth a try that may fail. */
const MANY = 2;

/**
 * A writer that remembers what it found: while records of a kind are all new, the next are written as if they were,
 * and where that fails decided one by one.
 * @param connections that can be lent at once
 */
export function openWriter(database: Database, connections: number): WriteRecords {
  const standing = new Set<RecordKind>();
  const write = async ({ records, options, turn }: Writing): Promise<TransferResult> => {
    const kind = onlyKindOf(records);
    const isTried = kind !== undefined && options.dryRun !== true && records.length >= MANY;
    if (isTried && !standing.has(kind) && (await isWrittenFresh(database, { records, options, turn })))
      return { written: records.length, unchanged: 0, notes: [] };
    await turn;
    const result = await decideEach(database, records, options);
    if (kind !== undefined) {
      if (result.written === records.length) standing.delete(kind);
      else standing.add(kind);
    }
    return result;
  };
  return inTurn(write, Math.min(SIDE_BY_SIDE, connections));
}

/** More keep the database no busier: one is stored while the other is made ready. */
const SIDE_BY_SIDE = 2;

interface Writing {
  readonly records: readonly TransferRecord[];
  readonly options: TransferOptions;
  /** Settled when the rows may be put into their tables. */
  readonly turn: Promise<unknown>;
}

/**
 * So many at once, the others in the order in which they come: a pool lets callers wait a few seconds only. Changes are
 * made ready side by side too, but put into the log one batch after the other.
 */
function inTurn(write: (writing: Writing) => Promise<TransferResult>, most: number): WriteRecords {
  const waiting: (() => void)[] = [];
  let free = most;
  let log: Promise<unknown> = Promise.resolve();
  return async (records, options) => {
    if (records.length === 0) return NOTHING;
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => void waiting.push(resolve));
    try {
      const hasChanges = records.some(({ record }) => record === "change");
      const written = write({ records, options, turn: hasChanges ? log : Promise.resolve() });
      if (hasChanges) log = written;
      return await written;
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}

const NOTHING: TransferResult = { written: 0, unchanged: 0, notes: [] };

function onlyKindOf(records: readonly TransferRecord[]): RecordKind | undefined {
  const kind = records[0]?.record;
  const isOne = kind !== undefined && canBeFresh(kind) && records.every(({ record }) => record === kind);
  return isOne ? kind : undefined;
}

/** False, and nothing written, where one of the records stands or is at fault: which one, is found out one by one. */
async function isWrittenFresh(database: Database, { records, options, turn }: Writing): Promise<boolean> {
  try {
    await database.write(async (client) => {
      await insertFresh(client, records, turn).catch((error: unknown) => {
        throw REFUSALS.test(codeOf(error) ?? "")
          ? new NotAllFresh("One was refused.", { cause: error })
          : error;
      });
      await noteImported({ client, options }, records.flatMap(asAdded));
    });
    return true;
  } catch (error) {
    if (error instanceof KnowledgeError && error.cause instanceof NotAllFresh) return false;
    throw error;
  }
}

function asAdded(record: TransferRecord): readonly ImportedRow[] {
  switch (record.record) {
    case "plan":
    case "session":
    case "pattern":
    case "event":
      return [{ row: record, before: 0 }];
    default:
      return [];
  }
}

/** In one transaction; where one of the records cannot be held, in halves until that one stands alone. */
async function decideEach(
  database: Database,
  records: readonly TransferRecord[],
  options: TransferOptions,
): Promise<TransferResult> {
  try {
    return await database.write(async (client) => {
      const tally = new TransferTally();
      await writeAllKinds({ client, options, tally }, records);
      return tally.result();
    });
  } catch (error) {
    const reason = faultOf(error);
    if (reason === undefined) throw error;
    if (records.length === 1)
      return { written: 0, unchanged: 0, notes: [{ index: 0, what: "failed", reason }] };
    const half = Math.ceil(records.length / 2);
    const first = await decideEach(database, records.slice(0, half), options);
    return joinResults(first, await decideEach(database, records.slice(half), options), half);
  }
}

type Writer<Kind extends RecordKind> = (
  batch: TransferBatch,
  records: readonly Indexed<RecordOf<Kind>>[],
) => Promise<void>;

const WRITERS: { readonly [Kind in RecordKind]: Writer<Kind> } = {
  project: writeProjects,
  run: writeSeen,
  file: writeSeen,
  folder: writeSeen,
  space: writeSpaces,
  plan: writeRows,
  session: writeRows,
  pattern: writeRows,
  event: writeRows,
  revision: writeRevisions,
  change: writeChanges,
  seal: writeSeals,
  passage: writePassages,
  vector: writeVectors,
};

async function writeAllKinds(batch: TransferBatch, records: readonly TransferRecord[]): Promise<void> {
  const indexed = records.map((record, index) => ({ record, index }));
  const kinds = grouped(indexed, ({ record }) => record.record);
  for (const kind of RECORD_KINDS) {
    const of = kinds.get(kind);
    // SAFETY: the table holds for each kind a writer of its records.
    if (of !== undefined) await (WRITERS[kind] as Writer<RecordKind>)(batch, of);
  }
}

/** {@link FAULTS}, and what PostgreSQL says of values that come in binary (XX). */
const REFUSALS = /^(22|23|54|XX)/;

/** Classes of SQLSTATEs that are a value's fault: data exceptions, constraints, limits of the program. */
const FAULTS = /^(22|23|54)/;

/** Why a record cannot be held, when the record is at fault and not the store. */
function faultOf(error: unknown): string | undefined {
  const cause = error instanceof KnowledgeError ? error.cause : error;
  if (cause instanceof DamagedCell) return standsDamaged(cause);
  if (!FAULTS.test(codeOf(cause) ?? "")) return undefined;
  return `cannot be held by this store (${cause instanceof Error ? cause.message : "unknown reason"})`;
}
