import type { StoredEvent, StoredPattern, StoredPlan, StoredRow, StoredSession } from "../domain/document.ts";
import type { Event } from "../domain/event.ts";
import type { Pattern } from "../domain/pattern.ts";
import type { Plan } from "../domain/plan.ts";
import type { Session } from "../domain/session.ts";

type Stored = StoredPlan | StoredSession | StoredPattern | StoredEvent;

/** A row in its public shape (INTERFACE §4): without content and bookkeeping, without absent members. */
export function publicRow(row: StoredPlan): Plan;
export function publicRow(row: StoredSession): Session;
export function publicRow(row: StoredPattern): Pattern;
export function publicRow(row: StoredEvent): Event;
export function publicRow(row: Stored): Plan | Session | Pattern | Event;
export function publicRow(row: Stored): object {
  const hidden = new Set(["content", "fileHash", "pendingFile", "deletedAt"]);
  return Object.fromEntries(
    Object.entries(row).filter(([key, value]) => value !== undefined && !hidden.has(key)),
  );
}

/** What people call a row. */
export function titleOf({ row }: StoredRow): string {
  return "title" in row ? row.title : row.summary;
}

/** The markdown of a document; nothing for an event. */
export function contentOf(found: StoredRow): string | undefined {
  return found.kind === "event" ? undefined : found.row.content;
}
