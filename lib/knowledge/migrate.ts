import type { Deps } from "./deps.ts";

/** INTERFACE: the report of `migrate`. */
export interface MigrationReport {
  readonly from: number;
  readonly to: number;
  /** Names of the migrations that were (or, dry, would be) applied, in order. */
  readonly applied: readonly string[];
}

/** Brings the store's schema to this program's, or to version `to`. @throws KnowledgeError `schema_mismatch`, `invalid_input`. */
export async function migrateStore(
  deps: Pick<Deps, "storage">,
  options: { readonly to?: number; readonly dryRun?: boolean },
): Promise<MigrationReport> {
  return deps.storage.upkeep.migrate(options);
}
