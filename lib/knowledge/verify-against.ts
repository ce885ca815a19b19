import type { ReportItem } from "../domain/report.ts";
import type { StorageAdapter } from "../storage/adapter.ts";
import { exportSource } from "./export-source.ts";
import { readStore } from "./read-store.ts";
import { type RecordSource, type VerifyOptions, type VerifyReport, verifyStores } from "./verify-stores.ts";

/** Another store, or an export of one. */
export type Place =
  | { readonly is: "store"; readonly storage: StorageAdapter }
  | { readonly is: "export"; readonly path: string };

/** Compares a store with another one, or with an export; what of an export cannot be read makes them unequal. */
export async function verifyAgainst(
  here: RecordSource,
  place: Place,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  if (place.is === "store") return verifyStores(here, readStore(place.storage), options);
  const faults: ReportItem[] = [];
  const there = exportSource(place.path, (fault) => faults.length < 1_000 && void faults.push(fault));
  const report = await verifyStores(here, there, options);
  return faults.length === 0 ? report : { ...report, equal: false, faults };
}
