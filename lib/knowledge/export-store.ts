import { canonicalJson } from "../domain/canonical-json.ts";
import type { StorageAdapter } from "../storage/adapter.ts";
import type { RecordCounts } from "../storage/contract/transfer.ts";
import { writeTextFile } from "./compressed-file.ts";
import type { Deps } from "./deps.ts";
import { findOutputPlace } from "./output-place.ts";
import { readStore } from "./read-store.ts";
import { HEADER, isHeader, LineCount, renderTrailer, type Trailer } from "./record-lines.ts";

export interface ExportRequest {
  /** Packed by its ending: `.gz`, `.zst`. */
  readonly output: string;
  /** Replace a file that is no export; a database is never replaced. */
  readonly force?: boolean | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** INTERFACE: the report of `export-db`. */
export interface ExportReport extends Trailer {
  readonly ok: true;
  readonly output: string;
  readonly found: number;
  readonly done: number;
  readonly bytes: number;
  readonly tookMs: number;
}

/**
 * Writes everything of the store, as it is now, to a file: equal stores give equal files, byte for byte. Memory does
 * not grow with the store.
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
  let total = 0;
  let done = 0;
  async function* pieces(): AsyncGenerator<string> {
    yield `${HEADER}\n`;
    for await (const records of readStore(storage, { onCounted: (counts) => (total = sum(counts)) })) {
      let piece = "";
      for (const record of records) {
        const line = canonicalJson(record);
        count.add(record.record, line);
        piece += `${line}\n`;
      }
      done += records.length;
      onProgress?.(done, total);
      yield piece;
    }
    yield `${renderTrailer(count.trailer())}\n`;
  }
  const bytes = await writeTextFile(place, pieces(), signal);
  return {
    ...{ ok: true, output, found: done, done, bytes },
    ...{ ...count.trailer(), tookMs: clock() - startedAt },
  };
}

function sum(counts: RecordCounts): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
