import type { ReportItem } from "../domain/report.ts";
import { nameOfRecord } from "../domain/transfer-record.ts";
import type { StorageAdapter } from "../storage/adapter.ts";
import type { UnreadRecord } from "../storage/contract/transfer.ts";
import { exportSource } from "./export-source.ts";
import { readStore, type StoreReading } from "./read-store.ts";
import { type RecordSource, type VerifyOptions, type VerifyReport, verifyStores } from "./verify-stores.ts";

/** Another store, or an export of one. */
export type Place =
  | { readonly is: "store"; readonly storage: StorageAdapter }
  | { readonly is: "export"; readonly path: string };

/** Compares a store with another one, or with an export; what of either cannot be read makes them unequal. */
export async function verifyAgainst(
  here: Pick<StorageAdapter, "transfer">,
  place: Place,
  { onCounted, ...options }: VerifyOptions & Pick<StoreReading, "onCounted"> = {},
): Promise<VerifyReport> {
  return verifySources(
    (onUnread) => readStore(here, { onCounted, onUnread: onUnread.here }),
    (onUnread) =>
      place.is === "store"
        ? readStore(place.storage, { onUnread: onUnread.there })
        : exportSource(place.path, onUnread.line),
    options,
  );
}

/** Whom a source tells of what of it cannot be read. */
interface Unread {
  readonly here: (unread: UnreadRecord) => void;
  readonly there: (unread: UnreadRecord) => void;
  /** Of an export. */
  readonly line: (fault: ReportItem) => void;
}

type Opened = (onUnread: Unread) => RecordSource;

/** Faults that are listed; the memory must not grow with the stores. */
const LISTED = 1_000;

/** {@link verifyStores} of two sources, with what of either cannot be read. */
export async function verifySources(
  here: Opened,
  there: Opened,
  options: VerifyOptions,
): Promise<VerifyReport> {
  const faults: ReportItem[] = [];
  const line = (fault: ReportItem) => {
    if (faults.length < LISTED) faults.push(fault);
  };
  const side =
    (where: "here" | "there") =>
    ({ record, reason }: UnreadRecord) =>
      line({ item: nameOfRecord(record), reason: `cannot be read ${where}: ${reason}` });
  const onUnread: Unread = { here: side("here"), there: side("there"), line };
  const report = await verifyStores(here(onUnread), there(onUnread), options);
  return faults.length === 0 ? report : { ...report, equal: false, faults };
}
