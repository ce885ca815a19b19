import { canonicalJson } from "./canonical-json.ts";
import type { Event } from "./event.ts";
import { sha256 } from "./ids.ts";
import type { Pattern } from "./pattern.ts";
import type { Plan } from "./plan.ts";
import type { Session } from "./session.ts";
import { wellFormedJson } from "./well-formed.ts";

/** What a stored document has besides its public shape. */
export interface DocumentBody {
  /** The whole markdown text as stored (redacted), frontmatter included. */
  readonly content: string;
  /** SHA-256 of the file's raw bytes when the document came from a file (RULES 13). */
  readonly fileHash?: string | undefined;
  /** True when the store holds a change that its file does not have yet (RULES 12). */
  readonly pendingFile?: boolean | undefined;
  /** Set on a tombstone: the document was removed at this time. */
  readonly deletedAt?: string | undefined;
}

export type StoredPlan = Plan & DocumentBody;
export type StoredSession = Session & DocumentBody;
export type StoredPattern = Pattern & DocumentBody;
/** Events may be deleted too; their tombstone keeps the row. */
export type StoredEvent = Event & { readonly deletedAt?: string | undefined };

/** Any row with the word that tells which it is. */
export type StoredRow =
  | { readonly kind: "plan"; readonly row: StoredPlan }
  | { readonly kind: "session"; readonly row: StoredSession }
  | { readonly kind: "pattern"; readonly row: StoredPattern }
  | { readonly kind: "event"; readonly row: StoredEvent };

export type StoredDocument = Exclude<StoredRow, { kind: "event" }>;

/** Fields that the store gives and fields that say when, not what. */
const NOT_CONTENT = new Set([
  "ref",
  "revision",
  "contentHash",
  "createdAt",
  "updatedAt",
  "recordedAt",
  "fileHash",
  "pendingFile",
  "slug",
]);

/**
 * SHA-256 of what a row says: its canonical JSON as stores keep it, without store-given fields and write times. Links
 * count as written, whatever they lead to now, so that a kept revision gives the same hash at any time.
 */
export function contentHashOf(row: object): string {
  const content = Object.entries(row).filter(([key]) => !NOT_CONTENT.has(key));
  const said = content.map(([key, value]) => [key, key === "links" ? asWritten(value) : value]);
  return sha256(canonicalJson(wellFormedJson(Object.fromEntries(said))));
}

function asWritten(links: unknown): unknown {
  return Array.isArray(links) ? links.map(({ rel, target }) => ({ rel, target })) : links;
}
