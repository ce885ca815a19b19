import { canonicalJson } from "../domain/canonical-json.ts";
import { nameOfRecord } from "../domain/transfer-record.ts";
import type { StorageAdapter } from "../storage/adapter.ts";
import type { RecordCounts, UnreadRecord } from "../storage/contract/transfer.ts";
import { nameOf, type OpenOutput, writeTextFile } from "./compressed-file.ts";
import type { Deps } from "./deps.ts";
import { fittingRecords } from "./fitting-records.ts";
import { findOutputPlace } from "./output-place.ts";
import { readStore } from "./read-store.ts";
import { HEADER, isHeader, LineCount, renderTrailer, type Trailer } from "./record-lines.ts";
import { TransferLog, type TransferReport } from "./transfer-report.ts";

export interface ExportRequest {
  /** Packed by its ending: `.gz`, `.zst`. */
  readonly output: string | OpenOutput;
  /** Replace a file that is no export; a database is never replaced. */
  readonly force?: boolean | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** INTERFACE: the report of `export-db`. */
export interface ExportReport extends Trailer, Pick<TransferReport, "failed" | "unlisted"> {
  /** Nothing was left behind. */
  readonly ok: boolean;
  readonly output: string;
  /** found = done + failed. */
  readonly found: number;
  readonly done: number;
  readonly bytes: number;
  readonly tookMs: number;
}

/**
 * Writes everything of the store, as it is now, to a file: equal stores give equal files, byte for byte. A record that
 * is damaged, so that no import would take it, is left out and named. Memory does not grow with the store.
 * @throws KnowledgeError `conflict` for what may not be replaced, `unavailable`, `unsupported`; an AbortError when told
 * to stop.
 */
export async function exportStore(
  { storage, clock }: { readonly storage: Pick<StorageAdapter, "transfer"> } & Pick<Deps, "clock">,
  { output, force, onProgress, signal }: ExportRequest,
): Promise<ExportReport> {
  const startedAt = clock();
  const place = await findOutputPlace(output, { isOwn: isHeader, force });
  const count = new LineCount();
  const log = new TransferLog();
  const leave = ({ record, reason }: UnreadRecord) =>
    log.fault(record.record, { item: nameOfRecord(record), reason });
  let total = 0;
  let done = 0;
  async function* pieces(): AsyncGenerator<string> {
    yield `${HEADER}\n`;
    const onCounted = (counts: RecordCounts) => {
      total = sum(counts);
    };
    for await (const records of readStore(storage, { onCounted, onUnread: leave })) {
      let piece = "";
      const fitting = fittingRecords(records, leave);
      for (const record of fitting) {
        const line = canonicalJson(record);
        count.add(record.record, line);
        piece += `${line}\n`;
      }
      done += fitting.length;
      onProgress?.(done, total);
      yield piece;
    }
    yield `${renderTrailer(count.trailer())}\n`;
  }
  const bytes = await writeTextFile(place, pieces(), signal);
  const { ok, found: leftOut, failed, unlisted } = log.report();
  return {
    ...{ ok, output: nameOf(output), found: done + leftOut, done, bytes, ...count.trailer(), failed },
    ...(unlisted !== undefined && { unlisted }),
    tookMs: clock() - startedAt,
  };
}

function sum(counts: RecordCounts): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
