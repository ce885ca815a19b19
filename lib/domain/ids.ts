import { createHash } from "node:crypto";
import * as z from "zod";

/** A UUID in lower-case text. */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const projectIdSchema = z.string().regex(UUID).brand<"ProjectId">();
export const rowIdSchema = z.string().regex(UUID).brand<"RowId">();

/** UUID of a project. */
export type ProjectId = z.infer<typeof projectIdSchema>;
/** UUID of a plan, session, pattern or event. */
export type RowId = z.infer<typeof rowIdSchema>;

/** What a row can be. Chunks and vectors are derived and have no public id. */
export const KINDS = ["plan", "session", "pattern", "event"] as const;
export type Kind = (typeof KINDS)[number];
/** A kind whose rows carry markdown content. */
export type DocumentKind = Exclude<Kind, "event">;

/** The tenant that every SQLite store holds and that migration 1 creates. */
export const DEFAULT_TENANT = "00000000-0000-4000-8000-000000000001";

const PREFIX = {
  project: "prj",
  plan: "pln",
  session: "ses",
  event: "evt",
  pattern: "ptn",
  token: "tok",
} as const;
const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
const REF = /^(prj|pln|ses|evt|ptn)_[a-z2-7]{8}$/;

export function isUuid(text: string): boolean {
  return UUID.test(text.toLowerCase());
}

export function isRef(text: string): boolean {
  return REF.test(text.toLowerCase());
}

/** The kind that a ref's prefix names, or `undefined` for text that is no ref. */
export function kindOfRef(text: string): Kind | "project" | undefined {
  if (!isRef(text)) return undefined;
  const prefix = text.slice(0, 3).toLowerCase();
  return [...KINDS, "project" as const].find((kind) => PREFIX[kind] === prefix);
}

/**
 * The refs that an id may take, best first: prefix + successive groups of 8 base32 characters of
 * SHA-256(id). A row takes the first that is free in its project (RULES 9).
 */
export function refsOf(kind: Kind | "project" | "token", id: string): readonly string[] {
  const text = base32(createHash("sha256").update(id).digest());
  const groups = text.match(/.{8}/g) ?? [];
  return groups.map((group) => `${PREFIX[kind]}_${group}`);
}

/** UUIDv7 (RFC 9562) of a moment in ms since 1970 and 16 random bytes. */
export function rowIdFrom(atMs: number, random: Uint8Array): RowId {
  const bytes = Uint8Array.from(random.subarray(0, 16));
  for (let i = 0; i < 6; i++) bytes[i] = Math.floor(atMs / 2 ** (8 * (5 - i))) % 256;
  return rowIdSchema.parse(stamp(bytes, 7));
}

/** The id that a file's document has in every clone: UUIDv8 from SHA-256(project, kind, relative path with `/`). */
export function rowIdOfFile(project: ProjectId, kind: DocumentKind, path: string): RowId {
  const hash = createHash("sha256").update([project, kind, path].join("\u0000")).digest();
  return rowIdSchema.parse(stamp(Uint8Array.from(hash.subarray(0, 16)), 8));
}

/**
 * The id that another tool's record has however often it is imported: UUIDv8 from SHA-256(project, kind, tool, the
 * record's own id). No file's id can be the same: no path begins so.
 */
export function rowIdOfImport(project: ProjectId, kind: Kind, tool: string, own: string): RowId {
  const parts = [project, kind, "\u0000import", tool, own];
  const hash = createHash("sha256").update(parts.join("\u0000")).digest();
  return rowIdSchema.parse(stamp(Uint8Array.from(hash.subarray(0, 16)), 8));
}

/**
 * The id of what a call writes however often it is sent: UUIDv8 from SHA-256(project, kind, the key that its sender
 * gave it). No file's id can be the same: no path begins so.
 */
export function rowIdOfRetry(project: ProjectId, kind: Kind, key: string): RowId {
  const hash = createHash("sha256").update([project, kind, "\u0000retry", key].join("\u0000")).digest();
  return rowIdSchema.parse(stamp(Uint8Array.from(hash.subarray(0, 16)), 8));
}

/** A new project's UUIDv7. */
export function projectIdFrom(atMs: number, random: Uint8Array): ProjectId {
  return projectIdSchema.parse(rowIdFrom(atMs, random));
}

/** SHA-256 in lower-case hex of text (as UTF-8) or bytes. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

function stamp(bytes: Uint8Array, version: 7 | 8): string {
  bytes[6] = (version << 4) | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = Buffer.from(bytes).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function base32(bytes: Uint8Array): string {
  let out = "";
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += BASE32[(held >> bits) & 31];
    }
    held &= (1 << bits) - 1;
  }
  return out;
}
