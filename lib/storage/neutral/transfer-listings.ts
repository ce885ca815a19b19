import type { Kind } from "../../domain/ids.ts";
import type { RecordKind, RecordOf, TransferRecord } from "../../domain/transfer-record.ts";
import { DamagedCell } from "./damaged-cell.ts";
import { unpacked } from "./revision-body.ts";
import { type Field, SHAPES } from "./shapes.ts";

/** How the records of a kind lie in a table. Engines page through it by its key and find single rows by it. */
export interface Listing<Record extends TransferRecord> {
  readonly table: string;
  readonly columns: readonly string[];
  /** Columns that order and find the rows, after the tenant, as `keyOfRecord` names them: an index of both engines. */
  readonly key: readonly string[];
  /** Which rows; all without any. */
  readonly where?: string;
  /** Columns that may hold megabytes. */
  readonly heavy: readonly string[];
  /** A record of the columns' values, without what stands in other tables. @throws DamagedCell */
  readonly make: (row: readonly unknown[]) => Record;
}

type Value = unknown;
type Values = readonly Value[];

/** Kinds that are one row of one table each, read in the order of their key. */
export type ListedKind = Exclude<RecordKind, "space" | "change" | "vector">;

export const LISTINGS: { readonly [Name in ListedKind]: Listing<RecordOf<Name>> } = {
  project: {
    ...{ table: "projects", columns: ["id", "ref", "name", "created_at"], key: ["id"], heavy: [] },
    make: ([id, ref, name, createdAt]) =>
      made<"project">({ record: "project", id, ref, name, createdAt, keys: [], roots: [] }),
  },
  run: {
    ...inFolder("sources", ["project_id", "root", "globs", "indexed_at"], ["globs"]),
    make: ([project, root, globs, at]) => made<"run">({ record: "run", project, root, globs, at }),
  },
  file: {
    ...inFolder(
      "source_files",
      ["project_id", "root", "path", "kind", "row_id", "size", "modified_ms", "file_hash", "redact"],
      ["path"],
    ),
    make: ([project, root, path, kind, id, size, modifiedMs, fileHash, redact]) =>
      made<"file">({
        ...{ record: "file", project, root, path, kind, id, size: Number(size) },
        ...{ modifiedMs: Number(modifiedMs), fileHash, redact: isTrue(redact) },
      }),
  },
  folder: {
    ...inFolder("source_folders", ["project_id", "root", "path", "modified_ms"], ["path"]),
    make: ([project, root, path, modifiedMs]) =>
      made<"folder">({ record: "folder", project, root, path, modifiedMs: Number(modifiedMs) }),
  },
  plan: rows("plan"),
  session: rows("session"),
  pattern: rows("pattern"),
  event: rows("event"),
  revision: {
    table: "revisions",
    columns: ["project_id", "kind", "row_id", "revision", "encoding", "body"],
    key: ["project_id", "kind", "row_id", "revision"],
    heavy: ["body"],
    make: ([project, kind, id, revision, encoding, body]) =>
      made<"revision">({
        ...{ record: "revision", project, kind, id, revision: Number(revision) },
        body: bodyOf(encoding, body),
      }),
  },
  seal: {
    table: "change_seals",
    columns: ["project_id", "store_id", "from_seq", "to_seq", "hash", "previous", "sealed_at"],
    key: ["project_id", "store_id", "from_seq"],
    heavy: [],
    make: ([project, store, from, to, hash, previous, at]) =>
      made<"seal">({
        ...{ record: "seal", project, store, fromSeq: Number(from), toSeq: Number(to), hash, previous, at },
      }),
  },
  passage: {
    table: "chunks",
    columns: [
      ...["project_id", "kind", "owner_id", "ordinal", "heading", "text", "terms", "length", "text_hash"],
      ...["date", "event_type", "hidden"],
    ],
    key: ["project_id", "kind", "owner_id", "ordinal"],
    heavy: ["text", "terms"],
    make: passageOf,
  },
};

const CHANGE_COLUMNS = [
  ...["project_id", "kind", "row_id", "revision", "seq", "at", "actor", "operation", "content_hash", "batch"],
];

/** The change log in its order: what is sealed by number, then what is not, by position. */
export const CHANGE_LISTINGS: readonly Listing<RecordOf<"change">>[] = [
  { ...changes(["project_id", "seq"]), where: "seq IS NOT NULL" },
  { ...changes(["project_id", "position"]), where: "seq IS NULL" },
];

/** Finds one change. */
export const CHANGE_BY_ROW = changes(["project_id", "row_id", "kind", "revision"]);

/** Tables by kind of record, for counting. */
export const TABLES: Readonly<Record<Exclude<RecordKind, "space">, string>> = {
  ...{ project: "projects", run: "sources", file: "source_files", folder: "source_folders" },
  ...{ plan: "plans", session: "sessions", pattern: "patterns", event: "events" },
  ...{ revision: "revisions", change: "changes", seal: "change_seals", passage: "chunks", vector: "vectors" },
};

function changes(key: readonly string[]): Listing<RecordOf<"change">> {
  return {
    ...{ table: "changes", columns: CHANGE_COLUMNS, key, heavy: [] },
    make: ([project, kind, id, revision, seq, at, actor, operation, contentHash, batch]) =>
      made<"change">({
        ...{ record: "change", project, kind, id, revision: Number(revision), at, actor, operation },
        ...{ contentHash, ...(seq !== null && { seq: Number(seq) }), ...(batch !== null && { batch }) },
      }),
  };
}

function rows<Name extends Kind>(kind: Name): Listing<RecordOf<Name>> {
  const { table, fields, body } = SHAPES[kind];
  const all = [...fields, ...body];
  return {
    table,
    columns: all.map(({ column }) => column),
    key: ["project_id", "id"],
    heavy: kind === "event" ? ["summary", "data"] : ["content"],
    make: (row) =>
      // SAFETY: the shape names the members of the row, and the columns' types and CHECKs hold their values.
      ({
        record: kind,
        ...(kind === "plan" && { links: [] }),
        ...decoded(all, row),
      }) as unknown as RecordOf<Name>,
  };
}

function inFolder(table: string, columns: readonly string[], below: readonly string[]) {
  return { table, columns, key: ["project_id", "root", ...below], heavy: [] };
}

function passageOf(row: Values): RecordOf<"passage"> {
  const [project, kind, id, ordinal, heading, text, terms, length, textHash, date, eventType, hidden] = row;
  return made<"passage">({
    ...{
      record: "passage",
      project,
      kind,
      id,
      ordinal: Number(ordinal),
      ownerHash: "",
      heading,
      text,
      terms,
    },
    ...{ length: Number(length), textHash, date, hidden: isTrue(hidden) },
    ...(eventType !== null && { eventType }),
  });
}

function decoded(fields: readonly Field[], row: Values): Readonly<Record<string, Value>> {
  const members: Record<string, Value> = {};
  for (const [i, { column, key, codec }] of fields.entries()) {
    const value = row[i];
    if (value === null || value === undefined) continue;
    if (codec === "json") members[key] = jsonOf(column, String(value));
    else members[key] = codec === "flag" ? isTrue(value) : value;
  }
  return members;
}

function jsonOf(column: string, text: string): Value {
  try {
    return JSON.parse(text);
  } catch {
    throw new DamagedCell(column, "is no JSON");
  }
}

function bodyOf(encoding: Value, body: Value): string {
  if (body === null) return "";
  try {
    return unpacked(encoding, body);
  } catch {
    throw new DamagedCell("body", "cannot be unpacked");
  }
}

/** SQLite's 1, PostgreSQL's true. */
function isTrue(value: Value): boolean {
  return value === 1 || value === true;
}

type Loose<Name extends RecordKind> = { readonly [Member in keyof RecordOf<Name>]: Value };

function made<Name extends RecordKind>(members: Loose<Name>): RecordOf<Name> {
  // SAFETY: the columns' types and CHECKs hold each value to its member's type.
  return members as unknown as RecordOf<Name>;
}
