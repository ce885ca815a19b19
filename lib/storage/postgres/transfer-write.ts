import { KnowledgeError } from "../../domain/error.ts";
import { grouped } from "../../domain/grouped.ts";
import {
  RECORD_KINDS,
  type RecordKind,
  type RecordOf,
  type TransferRecord,
} from "../../domain/transfer-record.ts";
import type { TransferOptions, TransferResult } from "../contract/transfer.ts";
import { joinResults, TransferTally } from "../neutral/transfer-notes.ts";
import type { Database } from "./driver.ts";
import { codeOf } from "./errors.ts";
import type { Indexed, TransferBatch } from "./transfer-batch.ts";
import { writeProjects, writeSeen } from "./transfer-folders.ts";
import { writeChanges, writeRevisions, writeSeals } from "./transfer-history.ts";
import { writePassages, writeSpaces, writeVectors } from "./transfer-passages.ts";
import { writeRows } from "./transfer-rows.ts";

/** Writes records in one transaction; where one of them cannot be held, in halves until that one stands alone. */
export async function writeRecords(
  database: Database,
  records: readonly TransferRecord[],
  options: TransferOptions,
): Promise<TransferResult> {
  if (records.length === 0) return { written: 0, unchanged: 0, notes: [] };
  try {
    return await database.write(async (client) => {
      const tally = new TransferTally();
      await client.rows(`SELECT set_config('statement_timeout', '60000', true)`);
      await writeAllKinds({ client, options, tally }, records);
      return tally.result();
    });
  } catch (error) {
    const reason = faultOf(error);
    if (reason === undefined) throw error;
    if (records.length === 1)
      return { written: 0, unchanged: 0, notes: [{ index: 0, what: "failed", reason }] };
    const half = Math.ceil(records.length / 2);
    const first = await writeRecords(database, records.slice(0, half), options);
    return joinResults(first, await writeRecords(database, records.slice(half), options), half);
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

/** Classes of SQLSTATEs that are a value's fault: data exceptions, constraints, limits of the program. */
const FAULTS = /^(22|23|54)/;

/** Why a record cannot be held, when the record is at fault and not the store. */
function faultOf(error: unknown): string | undefined {
  const cause = error instanceof KnowledgeError ? error.cause : error;
  if (!FAULTS.test(codeOf(cause) ?? "")) return undefined;
  return `cannot be held by this store (${cause instanceof Error ? cause.message : "unknown reason"})`;
}
