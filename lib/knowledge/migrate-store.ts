import { timestampOf } from "../domain/timestamp.ts";
import { nameOfRecord, type RecordKind, type TransferRecord } from "../domain/transfer-record.ts";
import type { StorageAdapter } from "../storage/adapter.ts";
import type { ConflictPolicy, TransferOptions, UnreadRecord } from "../storage/contract/transfer.ts";
import { openBatchWriter } from "./batch-writer.ts";
import { compareRows, type RowComparison, RowSample } from "./compare-rows.ts";
import type { Deps } from "./deps.ts";
import { fittingRecords } from "./fitting-records.ts";
import type { RowStore } from "./read-back.ts";
import { readStore, type StoreReading } from "./read-store.ts";
import { TransferLog, type TransferReport } from "./transfer-report.ts";
import { verifySources } from "./verify-against.ts";
import type { VerifyReport } from "./verify-stores.ts";

type Side = Pick<StorageAdapter, "transfer"> & RowStore;

export interface MigrationRequest {
  readonly source: Side;
  readonly target: Side;
  /** Records of one batch, which is one transaction; of passages and changes, five times as many. */
  readonly batchSize?: number | undefined;
  /** Read and check everything, write nothing. */
  readonly dryRun?: boolean | undefined;
  /** What becomes of a record that stands in the target with another content. Default `refuse`. */
  readonly onConflict?: ConflictPolicy | undefined;
  /** Leave vectors behind: they are made again. */
  readonly withoutVectors?: boolean | undefined;
  /** Besides, so many rows chosen at random are compared member by member, as everybody reads them. Default 0. */
  readonly sampleRows?: number | undefined;
  readonly onProgress?: ((step: "copy" | "verify", done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How quickly records were read, decided and written. */
export interface Speed {
  readonly records: number;
  readonly tookMs: number;
  readonly perSecond: number;
}

/** INTERFACE: the report of `migrate-to-postgres` and `migrate-to-sqlite`. */
export interface StoreMigrationReport extends TransferReport {
  readonly dryRun: boolean;
  /** Of the copy, without what comes after it. */
  readonly speed: Speed & { readonly kinds: Readonly<Partial<Record<RecordKind, Speed>>> };
  /** Everything of the source compared with the target, which may hold more; absent in a dry run. */
  readonly verified?: VerifyReport & { readonly tookMs: number };
  /** Rows chosen at random, read from both stores as everybody reads them. */
  readonly sampled?: RowComparison;
  /** True when it was told to stop before everything was copied and compared; then it is not ok. */
  readonly interrupted?: boolean;
  readonly tookMs: number;
}

/**
 * Copies everything of one store into another and compares both. The source is only read. Every batch can be done
 * again, so a copy that was broken off is finished by doing it again, and one that is whole copies nothing.
 */
export async function migrateBetween(
  deps: Pick<Deps, "clock" | "actor"> & Partial<Pick<Deps, "random">>,
  request: MigrationRequest,
): Promise<StoreMigrationReport> {
  const { clock, random } = deps;
  const startedAt = clock();
  const { source, target, dryRun = false, sampleRows = 0, onProgress, signal } = request;
  const sample = random && new RowSample(sampleRows, random);
  const { report, speed, total } = await copy(deps, request, sample);
  const tookMs = () => clock() - startedAt;
  const broken = { ...report, ok: false, dryRun, speed, interrupted: true };
  const isStopped = () => signal?.aborted === true;
  if (isStopped()) return { ...broken, tookMs: tookMs() };
  if (dryRun) return { ...report, dryRun, speed, tookMs: tookMs() };
  const comparedFrom = clock();
  const compared = await verifySources(
    (onUnread) => recordsOf(source, request, { onUnread: onUnread.here }),
    (onUnread) => recordsOf(target, request, { onUnread: onUnread.there }),
    { mayHoldMore: true, onProgress: (done) => onProgress?.("verify", done, total), signal },
  );
  // What was compared so far proves nothing of the rest.
  if (isStopped()) return { ...broken, tookMs: tookMs() };
  const verified = { ...compared, tookMs: clock() - comparedFrom };
  const sampled = sampleRows > 0 && sample && (await compareRows(source, target, sample.names));
  const isSame = verified.equal && (!sampled || sampled.differences.length === 0);
  return {
    ...report,
    ok: report.ok && isSame,
    ...{ dryRun, speed, verified },
    ...(sampled && { sampled }),
    tookMs: tookMs(),
  };
}

interface Copied {
  readonly report: TransferReport;
  readonly speed: StoreMigrationReport["speed"];
  /** Records that the source holds. */
  readonly total: number;
}

async function copy(
  { clock, actor }: Pick<Deps, "clock" | "actor">,
  request: MigrationRequest,
  sample: RowSample | undefined,
): Promise<Copied> {
  const { source, target, dryRun, onConflict = "refuse", onProgress, signal } = request;
  const options: TransferOptions = { onConflict, dryRun, at: timestampOf(clock()), actor };
  const log = new TransferLog();
  const watch = new SpeedWatch(clock);
  let total = 0;
  let done = 0;
  const writer = openBatchWriter(target, options, ({ records, result }) => {
    log.batch(records, result);
    watch.lap(records);
    sample?.add(records);
    done += records.length;
    onProgress?.("copy", done, total);
  });
  const leave = ({ record, reason }: UnreadRecord) => {
    log.fault(record.record, { item: nameOfRecord(record), reason });
    writer.leave(record);
  };
  const onCounted = (records: number) => {
    total = records;
  };
  for await (const records of recordsOf(source, request, { onCounted, onUnread: leave })) {
    await writer.write(fittingRecords(records, leave));
    if (signal?.aborted === true) break;
  }
  await writer.finish();
  return { report: log.report(), speed: watch.speed(), total };
}

/** Takes the time of each kind: from when the one before was written to when it was itself. */
class SpeedWatch {
  readonly #clock: () => number;
  readonly #kinds = new Map<RecordKind, { records: number; tookMs: number }>();
  #last: number;

  constructor(clock: () => number) {
    this.#clock = clock;
    this.#last = clock();
  }

  lap(records: readonly TransferRecord[]): void {
    const [first] = records;
    if (first === undefined) return;
    const known = this.#kinds.get(first.record) ?? { records: 0, tookMs: 0 };
    const now = this.#clock();
    known.records += records.length;
    known.tookMs += now - this.#last;
    this.#last = now;
    this.#kinds.set(first.record, known);
  }

  speed(): StoreMigrationReport["speed"] {
    const all = [...this.#kinds.values()];
    const sum = (member: "records" | "tookMs") => all.reduce((total, kind) => total + kind[member], 0);
    const kinds = [...this.#kinds].map(([kind, of]) => [kind, speedOf(of)] as const);
    return {
      ...speedOf({ records: sum("records"), tookMs: sum("tookMs") }),
      kinds: Object.fromEntries(kinds),
    };
  }
}

function speedOf({ records, tookMs }: { readonly records: number; readonly tookMs: number }): Speed {
  return { records, tookMs, perSecond: Math.round((records * 1_000) / Math.max(1, tookMs)) };
}

interface Telling extends Pick<StoreReading, "onUnread"> {
  readonly onCounted?: (records: number) => void;
}

async function* recordsOf(
  store: Pick<StorageAdapter, "transfer">,
  { batchSize, withoutVectors = false }: MigrationRequest,
  { onCounted, onUnread }: Telling,
): AsyncGenerator<readonly TransferRecord[], void> {
  const batches = readStore(store, {
    ...{ batchSize, onUnread },
    onCounted: ({ vector, space, ...counts }) => {
      const vectors = withoutVectors ? 0 : vector + space;
      onCounted?.(Object.values(counts).reduce((sum, count) => sum + count, vectors));
    },
  });
  for await (const records of batches) {
    const kind = records[0]?.record;
    if (!withoutVectors || (kind !== "vector" && kind !== "space")) yield records;
  }
}
