import type { RecordKind, RecordOf, TransferRecord } from "../../domain/transfer-record.ts";
import type { TransferOptions, TransferResult } from "../contract/transfer.ts";
import { DamagedCell, standsDamaged } from "../neutral/damaged-cell.ts";
import { joinResults, TransferTally } from "../neutral/transfer-notes.ts";
import type { Connection } from "./connection.ts";
import { primaryCode } from "./errors.ts";
import type { PassageStore } from "./passages.ts";
import type { TransferBatch } from "./transfer-batch.ts";
import { writeProject, writeSeen } from "./transfer-folders.ts";
import { writeChange, writeRevision, writeSeal } from "./transfer-history.ts";
import { writePassage, writeSpace, writeVector } from "./transfer-passages.ts";
import { writeRow } from "./transfer-rows.ts";

interface Parts {
  readonly connection: Connection;
  readonly passages: PassageStore;
}

/** Writes records in one transaction; where one of them cannot be held, in halves until that one stands alone. */
export function writeRecords(
  parts: Parts,
  records: readonly TransferRecord[],
  options: TransferOptions,
): TransferResult {
  if (records.length === 0) return { written: 0, unchanged: 0, notes: [] };
  try {
    return parts.connection.immediate(
      () => writeBatch(parts, records, options),
      () => parts.passages.discard(),
    );
  } catch (error) {
    const reason = faultOf(error);
    if (reason === undefined) throw error;
    if (records.length === 1)
      return { written: 0, unchanged: 0, notes: [{ index: 0, what: "failed", reason }] };
    const half = Math.ceil(records.length / 2);
    const first = writeRecords(parts, records.slice(0, half), options);
    return joinResults(first, writeRecords(parts, records.slice(half), options), half);
  }
}

function writeBatch(
  { connection: { db }, passages }: Parts,
  records: readonly TransferRecord[],
  options: TransferOptions,
): TransferResult {
  const tally = new TransferTally();
  const batch: TransferBatch = { db, passages, options, tally, found: new Map(), coded: new Map() };
  for (const [index, record] of records.entries()) writeRecord(batch, record, index);
  settleBatch(batch);
  return tally.result();
}

/** Once, when all records of a batch have been written. */
export function settleBatch({ passages, options, coded }: TransferBatch): void {
  if (options.dryRun !== true) passages.flush();
  for (const { space, project } of coded.values()) passages.sealVectors(space, project);
}

type Writer<Kind extends RecordKind> = (batch: TransferBatch, record: RecordOf<Kind>, index: number) => void;

const WRITERS: { readonly [Kind in RecordKind]: Writer<Kind> } = {
  project: writeProject,
  run: writeSeen,
  file: writeSeen,
  folder: writeSeen,
  space: writeSpace,
  plan: writeRow,
  session: writeRow,
  pattern: writeRow,
  event: writeRow,
  revision: writeRevision,
  change: writeChange,
  seal: writeSeal,
  passage: writePassage,
  vector: writeVector,
};

export function writeRecord(batch: TransferBatch, record: TransferRecord, index: number): void {
  // SAFETY: the table holds for each kind a writer of its records.
  (WRITERS[record.record] as Writer<RecordKind>)(batch, record, index);
}

/** Why a record cannot be held, when the record is at fault and not the store. */
function faultOf(error: unknown): string | undefined {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (cause instanceof DamagedCell) return standsDamaged(cause);
  const code = primaryCode(cause);
  if (code !== "CONSTRAINT" && code !== "MISMATCH" && code !== "TOOBIG") return undefined;
  return `cannot be held by this store (${cause instanceof Error ? cause.message : code})`;
}
