import type * as z from "zod";
import { contentHashOf } from "./document.ts";
import { RECORD_SCHEMAS, type TransferRecord } from "./transfer-record.ts";

/** Why no store may hold a record, whatever else it holds; `undefined` for one that it may. */
export function recordFault(record: TransferRecord): string | undefined {
  const result = RECORD_SCHEMAS[record.record].safeParse(record);
  return result.success ? undefined : reasonOf(result.error);
}

/** Whether a row's content is what its hash says; a record that is no row has none. */
export function isAsHashed(record: TransferRecord): boolean {
  switch (record.record) {
    case "plan":
    case "session":
    case "pattern":
    case "event": {
      const { record: _, ...row } = record;
      return contentHashOf(row) === row.contentHash;
    }
    default:
      return true;
  }
}

/** What of a record is not as its schema says: the first of it. */
export function reasonOf(error: z.ZodError): string {
  const [issue] = error.issues;
  const path = issue?.path.join(".") ?? "";
  return `${path === "" ? "" : `${path}: `}${issue?.message ?? "is not as it should be"}`;
}
