import { timestampOf } from "../domain/timestamp.ts";
import type { TransferRecord } from "../domain/transfer-record.ts";
import type { StorageAdapter } from "../storage/adapter.ts";
import type { ConflictPolicy, TransferOptions } from "../storage/contract/transfer.ts";
import type { Deps } from "./deps.ts";
import { readStore } from "./read-store.ts";
import { TransferLog, type TransferReport } from "./transfer-report.ts";
import { type VerifyReport, verifyStores } from "./verify-stores.ts";

export interface MigrationRequest {
  readonly source: Pick<StorageAdapter, "transfer">;
  readonly target: Pick<StorageAdapter, "transfer">;
  /** Records of one batch, which is one transaction. */
  readonly batchSize?: number | undefined;
  /** Read and check everything, write nothing. */
  readonly dryRun?: boolean | undefined;
  /** What becomes of a record that stands in the target with another content. Default `refuse`. */
  readonly onConflict?: ConflictPolicy | undefined;
  /** Leave vectors behind: they are made again. */
  readonly withoutVectors?: boolean | undefined;
  readonly onProgress?: ((step: "copy" | "verify", done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** INTERFACE: the report of `migrate-to-postgres` and `migrate-to-sqlite`. */
export interface StoreMigrationReport extends TransferReport {
  readonly dryRun: boolean;
  /** Everything of the source compared with the target, which may hold more; absent in a dry run. */
  readonly verified?: VerifyReport;
  readonly tookMs: number;
}

/**
 * Copies everything of one store into another and compares both. The source is only read. Every batch can be done
 * again, so a copy that was broken off is finished by doing it again, and one that is whole copies nothing.
 */
export async function migrateBetween(
  { clock, actor }: Pick<Deps, "clock" | "actor">,
  request: MigrationRequest,
): Promise<StoreMigrationReport> {
  const startedAt = clock();
  const { source, target, dryRun = false, onConflict = "refuse", onProgress, signal } = request;
  const options: TransferOptions = { onConflict, dryRun, at: timestampOf(startedAt), actor };
  const log = new TransferLog();
  let total = 0;
  let done = 0;
  const onTotal = (records: number) => {
    total = records;
  };
  for await (const records of recordsOf(source, request, onTotal)) {
    log.batch(records, await target.transfer.write(records, options));
    done += records.length;
    onProgress?.("copy", done, total);
    if (signal?.aborted === true) break;
  }
  const report = log.report();
  const tookMs = () => clock() - startedAt;
  if (dryRun || signal?.aborted === true) return { ...report, dryRun, tookMs: tookMs() };
  const verified = await verifyStores(recordsOf(source, request), recordsOf(target, request), {
    mayHoldMore: true,
    onProgress: (compared) => onProgress?.("verify", compared, total),
    signal,
  });
  return { ...report, ok: report.ok && verified.equal, dryRun, verified, tookMs: tookMs() };
}

async function* recordsOf(
  store: Pick<StorageAdapter, "transfer">,
  { batchSize, withoutVectors = false }: MigrationRequest,
  onTotal: (records: number) => void = () => undefined,
): AsyncGenerator<readonly TransferRecord[], void> {
  const batches = readStore(store, {
    batchSize,
    onCounted: ({ vector, space, ...counts }) => {
      const vectors = withoutVectors ? 0 : vector + space;
      onTotal(Object.values(counts).reduce((sum, count) => sum + count, vectors));
    },
  });
  for await (const records of batches) {
    const kind = records[0]?.record;
    if (!withoutVectors || (kind !== "vector" && kind !== "space")) yield records;
  }
}
