import type { Kind } from "../../domain/ids.ts";

/** How a value stands in its column: as it is, as JSON text, or as 0 and 1. Absent values are NULL. */
export type Codec = "plain" | "json" | "flag";

export interface Field {
  readonly column: string;
  /** The member of the domain's row. */
  readonly key: string;
  readonly codec: Codec;
}

/** A column made from others: their texts folded, one a line; `enclosed` puts a line feed at both ends too. */
export interface FoldedField {
  readonly column: string;
  readonly keys: readonly string[];
  readonly enclosed: boolean;
}

/** How the rows of one kind lie in their table. */
export interface Shape {
  readonly kind: Kind;
  readonly table: string;
  /** What pages return. */
  readonly fields: readonly Field[];
  /** What only whole rows have besides. */
  readonly body: readonly Field[];
  readonly folded: readonly FoldedField[];
}

const IDENTITY = [plain("id"), plain("project", "project_id"), plain("ref")];
const DOCUMENT = [
  plain("author"),
  plain("source"),
  plain("path"),
  plain("createdAt"),
  plain("updatedAt"),
  plain("revision"),
  plain("contentHash"),
];
const BODY = [plain("deletedAt"), plain("fileHash"), flag("pendingFile"), plain("content")];

const PLAN: Shape = {
  kind: "plan",
  table: "plans",
  fields: [
    ...IDENTITY,
    ...["slug", "title", "status", "statusText", "priority", "type", "description"].map((key) => plain(key)),
    json("topics"),
    plain("startedAt"),
    plain("completedAt"),
    ...DOCUMENT,
  ],
  body: BODY,
  folded: [
    lines("title_folded", "title"),
    lines("author_folded", "author"),
    lines("topics_folded", "title", "topics"),
  ],
};

const SESSION: Shape = {
  kind: "session",
  table: "sessions",
  fields: [
    ...IDENTITY,
    ...["slug", "date", "title", "status", "statusText", "plan", "durationMinutes"].map((key) => plain(key)),
    json("topics"),
    json("phases"),
    json("files"),
    ...DOCUMENT,
  ],
  body: BODY,
  folded: [lines("plan_folded", "plan"), lines("topics_folded", "title", "topics")],
};

const PATTERN: Shape = {
  kind: "pattern",
  table: "patterns",
  fields: [...IDENTITY, plain("slug"), plain("title"), plain("category"), json("triggers"), ...DOCUMENT],
  body: BODY,
  folded: [lines("category_folded", "category"), lines("triggers_folded", "title", "triggers")],
};

const EVENT: Shape = {
  kind: "event",
  table: "events",
  fields: [
    ...IDENTITY,
    plain("type"),
    plain("summary"),
    json("data"),
    json("tags"),
    ...["author", "agent", "session", "plan"].map((key) => plain(key)),
    plain("commit", "commit_hash"),
    json("files"),
    ...["occurredAt", "recordedAt", "supersedes", "supersededBy", "retractedAt", "retractedWhy"].map((key) =>
      plain(key),
    ),
    plain("revision"),
    plain("contentHash"),
  ],
  body: [plain("deletedAt")],
  folded: [
    { column: "tags_folded", keys: ["tags"], enclosed: true },
    lines("session_folded", "session"),
    lines("plan_folded", "plan"),
  ],
};

export const SHAPES = {
  plan: PLAN,
  session: SESSION,
  pattern: PATTERN,
  event: EVENT,
} as const satisfies Record<Kind, Shape>;

function plain(key: string, column = snakeCase(key)): Field {
  return { column, key, codec: "plain" };
}

function json(key: string): Field {
  return { column: snakeCase(key), key, codec: "json" };
}

function flag(key: string): Field {
  return { column: snakeCase(key), key, codec: "flag" };
}

function lines(column: string, ...keys: readonly string[]): FoldedField {
  return { column, keys, enclosed: false };
}

function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
