import { join } from "node:path";
import { renderBackupName } from "../domain/backup.ts";
import { KnowledgeError } from "../domain/error.ts";
import type { ReportItem } from "../domain/report.ts";
import { type Timestamp, timestampOf } from "../domain/timestamp.ts";
import type { StorageAdapter } from "../storage/adapter.ts";
import {
  finishBackup,
  partialOf,
  removePartial,
  type StandingBackup,
} from "../storage/neutral/backup-files.ts";
import { deleteOlder } from "./backup-retention.ts";
import type { Deps } from "./deps.ts";
import { type ExportRequest, exportStore } from "./export-store.ts";
import { readExport } from "./read-export.ts";

/** Writes one backup of a store, checked, with its checksum, into a folder. */
export type WriteBackup = (request: {
  readonly folder: string;
  readonly at: Timestamp;
}) => Promise<WrittenBackup>;

export interface WrittenBackup extends StandingBackup {
  readonly rows: Readonly<Record<string, number>>;
  /** How many rows are damaged: a copy of a file holds them as they are, an export leaves them out. */
  readonly damaged: number;
  /** Each by its name, as far as they are listed. */
  readonly faults: readonly ReportItem[];
}

export interface BackupRequest {
  readonly folder: string;
  /** How many backups of this store stay there, the new one among them. None: all. */
  readonly keep?: number | undefined;
}

/** INTERFACE: the report of `backup`. */
export interface BackupReport {
  readonly ok: true;
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Rows by table, or records by kind, counted in the backup. */
  readonly rows: Readonly<Record<string, number>>;
  /** How many rows are damaged in the store: a SQLite backup holds them as they are, an export leaves them out. */
  readonly damaged: number;
  /** Paths of older backups that `keep` took away. */
  readonly deleted: readonly string[];
  /** Rows that are damaged in the store, each by its name; older backups that could not be deleted. */
  readonly warnings: readonly ReportItem[];
  readonly tookMs: number;
}

/**
 * Backs a store up; older backups of the same store go only after the new one stands and was checked.
 * @throws KnowledgeError `invalid_input`, `unavailable`, `corrupt` when what was written is not whole.
 */
export async function backup(
  { clock }: Pick<Deps, "clock">,
  write: WriteBackup,
  { folder, keep }: BackupRequest,
): Promise<BackupReport> {
  const startedAt = clock();
  const { faults, ...written } = await write({ folder, at: timestampOf(startedAt) });
  const gone = keep === undefined ? { deleted: [], warnings: [] } : deleteOlder(written.path, keep);
  const warnings = [...faults, ...gone.warnings];
  return { ok: true, ...written, ...gone, warnings, tookMs: clock() - startedAt };
}

export interface TenantBackup {
  readonly storage: Pick<StorageAdapter, "transfer">;
  readonly tenant: string;
  /** `storeMark` of the database and the tenant. */
  readonly store: string;
  readonly folder: string;
  readonly at: Timestamp;
  readonly onProgress?: ExportRequest["onProgress"];
  readonly signal?: AbortSignal | undefined;
}

/** One tenant's rows of a shared store as they are at one moment, exported, packed and read again. */
export async function backupTenant(
  { clock }: Pick<Deps, "clock">,
  { storage, tenant, store, folder, at, onProgress, signal }: TenantBackup,
): ReturnType<WriteBackup> {
  const target = join(folder, renderBackupName({ at, engine: "postgres", store, tenant }));
  const partial = partialOf(target);
  try {
    const watching = { onProgress, signal };
    const { found, done, counts, failed } = await exportStore(
      { storage, clock },
      { output: partial, ...watching },
    );
    await requireWhole(partial, done);
    return { ...finishBackup(partial, target), rows: counts, damaged: found - done, faults: failed };
  } catch (error) {
    removePartial(partial);
    throw error;
  }
}

/** Reads an export to its end. @throws KnowledgeError `corrupt` when it is not as it was written. */
export async function requireWhole(path: string, records: number): Promise<void> {
  const lines = readExport(path);
  let [read, bad] = [0, 0];
  let step = await lines.next();
  for (; step.done !== true; step = await lines.next()) {
    if (step.value.said.is === "record") read += 1;
    else bad += 1;
  }
  const { cut, faults } = step.value;
  const reason = cut?.reason ?? faults[0]?.reason;
  if (reason === undefined && bad === 0 && read === records) return;
  throw new KnowledgeError(
    "corrupt",
    `The backup was not written whole: ${reason ?? `${read} of ${records} records can be read from it`}.`,
    { hint: "Check the disk that it was written to, then try again." },
  );
}
