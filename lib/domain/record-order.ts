import { RECORD_KINDS, type TransferRecord } from "./transfer-record.ts";

type Key = readonly (string | number)[];

/**
 * The order in which stores give their records: by kind, then by key in bytes. Zero for two that have the same place;
 * of unsealed changes only the project tells the place. What is absent comes last.
 */
export function compareRecords(a: TransferRecord | undefined, b: TransferRecord | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  const kinds = RECORD_KINDS.indexOf(a.record) - RECORD_KINDS.indexOf(b.record);
  return kinds === 0 ? compareKeys(placeOf(a), placeOf(b)) : kinds;
}

/** Whether two records of one place are of the same thing: of the log's end the place does not tell. */
export function isSameThing(a: TransferRecord, b: TransferRecord): boolean {
  if (a.record !== "change" || b.record !== "change") return true;
  return a.id === b.id && a.kind === b.kind && a.revision === b.revision;
}

/** Where a record stands among those of its kind: of the log, changes with a number come first. */
function placeOf(record: TransferRecord): Key {
  if (record.record !== "change") return keyOfRecord(record);
  return [record.seq === undefined ? 1 : 0, record.project, record.seq ?? 0];
}

/** What finds a record among those of its kind, in any store. */
export function keyOfRecord(record: TransferRecord): Key {
  switch (record.record) {
    case "project":
    case "space":
      return [record.id];
    case "run":
      return [record.project, record.root, record.globs];
    case "file":
    case "folder":
      return [record.project, record.root, record.path];
    case "plan":
    case "session":
    case "pattern":
    case "event":
      return [record.project, record.id];
    case "revision":
      return [record.project, record.kind, record.id, record.revision];
    case "change":
      return [record.project, record.id, record.kind, record.revision];
    case "seal":
      return [record.project, record.store, record.fromSeq];
    case "passage":
      return [record.project, record.kind, record.id, record.ordinal];
    case "vector":
      return [record.project, record.kind, record.id, record.ordinal, record.space];
    default:
      return record satisfies never;
  }
}

function compareKeys(a: Key, b: Key): number {
  for (const [i, value] of a.entries()) {
    const difference = compareValues(value, b[i] ?? "");
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareValues(a: string | number, b: string | number): number {
  if (a === b) return 0;
  if (typeof a === "number" && typeof b === "number") return a - b;
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
}
