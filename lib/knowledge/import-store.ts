import { KINDS } from "../domain/ids.ts";
import { isAsHashed } from "../domain/record-fault.ts";
import { timestampOf } from "../domain/timestamp.ts";
import { nameOfRecord, type TransferRecord } from "../domain/transfer-record.ts";
import type { StorageAdapter } from "../storage/adapter.ts";
import type { ConflictPolicy, TransferOptions } from "../storage/contract/transfer.ts";
import { type BatchWriter, openBatchWriter } from "./batch-writer.ts";
import { nameOf, type TextSource } from "./compressed-file.ts";
import type { Deps } from "./deps.ts";
import { type ExportEnd, type ExportLine, readExport } from "./read-export.ts";
import { BATCH_RECORDS } from "./read-store.ts";
import { TransferLog, type TransferReport } from "./transfer-report.ts";
import { UndoneRows } from "./undone-rows.ts";

export interface ImportRequest {
  /** Packed by gzip or zstd, or not. */
  readonly input: TextSource;
  readonly onConflict?: ConflictPolicy | undefined;
  /** Under what it can be undone. None: it cannot. */
  readonly batch?: string | undefined;
  /** The file was compared with a checksum: rows are taken as they are, also one whose content is not what its hash says. */
  readonly proved?: boolean | undefined;
  /** Read and check everything, write nothing. */
  readonly dryRun?: boolean | undefined;
  /** Bytes of the file. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** INTERFACE: the report of `import-db`. */
export interface ImportReport extends TransferReport {
  readonly input: string;
  readonly dryRun: boolean;
  /** What `undo` takes; absent where no row was written. */
  readonly batch?: string;
  /** The line where the file ends too early or cannot be read on; what stands before it was taken. */
  readonly cut?: { readonly line: number; readonly reason: string };
  /** True when it was told to stop before the end of the file; then it is not ok. */
  readonly interrupted?: boolean;
  readonly tookMs: number;
}

/** Characters of a batch's lines after which it is written, whatever its number of records. */
const BATCH_CHARACTERS = 4_000_000;

interface Batch {
  readonly records: TransferRecord[];
  readonly lines: number[];
  characters: number;
}

/**
 * Writes the records of an export into the store. Done again, it writes nothing. A file that was cut off is taken as
 * far as it is whole. @throws KnowledgeError `not_found`, `invalid_input` for what is no export, `unsupported`.
 */
export async function importStore(
  { storage, clock, actor }: Pick<Deps, "storage" | "clock" | "actor">,
  request: ImportRequest,
): Promise<ImportReport> {
  const startedAt = clock();
  const { input, onConflict = "refuse", dryRun = false, signal, batch: undoneBy } = request;
  const options: TransferOptions = { onConflict, dryRun, at: timestampOf(startedAt), actor, batch: undoneBy };
  const log = new TransferLog();
  const undone = new UndoneRows(storage);
  const taker = openTaker(openWriter(storage, options, { log, undone }), log, request);
  const file = readExport(input, request.onProgress);
  let step = await file.next();
  for (; step.done !== true && signal?.aborted !== true; step = await file.next())
    await taker.take(step.value);
  await taker.finish();
  for (const { list, item } of undone.items()) log.note(list, item);
  await file.return(INTERRUPTED);
  const { cut, faults, warnings } = step.done === true ? step.value : INTERRUPTED;
  for (const fault of faults) log.fault(undefined, fault);
  for (const warning of warnings) log.note("warnings", warning);
  const report = log.report();
  return {
    ...report,
    ...{ ok: report.ok && cut === undefined, input: nameOf(input), dryRun },
    ...stoppedOf(step.done),
    ...batchOf(report, request),
    ...(cut !== undefined && { cut }),
    tookMs: clock() - startedAt,
  };
}

interface LineWriter extends Pick<BatchWriter, "leave" | "finish"> {
  write(batch: Pick<Batch, "records" | "lines">): Promise<void>;
}

/** Writes batches and tells the log of their lines. */
function openWriter(
  { transfer }: Pick<StorageAdapter, "transfer">,
  options: TransferOptions,
  { log, undone }: { readonly log: TransferLog; readonly undone: UndoneRows },
): LineWriter {
  const linesOf = new Map<readonly TransferRecord[], readonly number[]>();
  const writer = openBatchWriter({ transfer }, options, async ({ records, result }) => {
    log.batch(records, result, (i) => linesOf.get(records)?.[i], await undone.among(records, result));
    linesOf.delete(records);
  });
  return {
    ...writer,
    write: ({ records, lines }) => {
      linesOf.set(records, lines);
      return writer.write(records);
    },
  };
}

/** Gathers the lines of a file to batches of one kind. */
function openTaker(writer: LineWriter, log: TransferLog, request: ImportRequest) {
  let batch: Batch = { records: [], lines: [], characters: 0 };
  const flush = async (): Promise<void> => {
    const full = batch;
    batch = { records: [], lines: [], characters: 0 };
    await writer.write(full);
  };
  return {
    take: async ({ line, said: read, length }: ExportLine): Promise<void> => {
      const said = judged(read, request);
      if (said.is === "fault") {
        log.fault(said.kind, { item: said.item, reason: said.reason, line });
        if (said.members !== undefined) writer.leave(said.members);
        return;
      }
      const { record, adjusted } = said;
      const isFull = batch.records.length >= BATCH_RECORDS || batch.characters > BATCH_CHARACTERS;
      if (isFull || batch.records[0]?.record !== record.record) await flush();
      batch.records.push(record);
      batch.lines.push(line);
      batch.characters += length;
      if (adjusted) log.note("warnings", { item: record.record, reason: ADJUSTED, line });
    },
    finish: async (): Promise<void> => {
      await flush();
      await writer.finish();
    },
  };
}

function judged(said: ExportLine["said"], { proved = false }: ImportRequest): ExportLine["said"] {
  if (said.is === "fault" || proved || isAsHashed(said.record)) return said;
  const { record } = said;
  return { is: "fault", kind: record.record, item: nameOfRecord(record), reason: EDITED, members: record };
}

const EDITED = "is not what its contentHash says: the line was edited, or the row was altered in its store";

function stoppedOf(isWhole: boolean | undefined): { readonly ok?: false; readonly interrupted?: true } {
  return isWhole === true ? {} : { ok: false, interrupted: true };
}

/** What can be undone, where anything can. */
function batchOf({ kinds }: TransferReport, { batch, dryRun }: ImportRequest): { readonly batch?: string } {
  const hasRows = KINDS.some((kind) => (kinds[kind]?.done ?? 0) > 0);
  return batch !== undefined && dryRun !== true && hasRows ? { batch } : {};
}

const ADJUSTED = "held U+0000 or half a surrogate pair, which came as U+2400 and U+FFFD";
const INTERRUPTED: ExportEnd = { cut: undefined, faults: [], warnings: [] };
