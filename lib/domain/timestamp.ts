import * as z from "zod";

/** A moment as ISO 8601 UTC with milliseconds, for example `2026-02-14T09:30:00.000Z`. Sorts as text. */
export const timestampSchema = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
export type Timestamp = string;

/** A calendar day, `YYYY-MM-DD`. */
export const daySchema = z.string().regex(/^\d{4}-\d\d-\d\d$/);
export type Day = string;

/** The moment `ms` milliseconds after 1970-01-01 UTC. */
export function timestampOf(ms: number): Timestamp {
  return new Date(ms).toISOString();
}
