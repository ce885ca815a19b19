import * as z from "zod";
import { canonicalJson } from "./canonical-json.ts";
import { OPERATIONS } from "./change.ts";
import { eventSchema } from "./event.ts";
import { KINDS, projectIdSchema, rowIdSchema, sha256 } from "./ids.ts";
import { patternSchema } from "./pattern.ts";
import { planSchema } from "./plan.ts";
import { sessionSchema } from "./session.ts";
import { daySchema, timestampSchema } from "./timestamp.ts";
import { EVENT_TYPES } from "./vocabulary.ts";

/** One thing of a store as copies carry it; the same value from every engine. */

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);
const kind = z.enum(KINDS);
const documentKind = z.enum(["plan", "session", "pattern"]);
/** A moment that there is: engines that know dates refuse others. */
const moment = timestampSchema.refine(isMoment, "is no date and time that there is");
const day = daySchema.refine((text) => isMoment(`${text}T00:00:00.000Z`), "is no date that there is");

const documentBody = {
  createdAt: moment,
  updatedAt: moment,
  content: z.string(),
  fileHash: z.string().optional(),
  pendingFile: z.boolean().optional(),
  deletedAt: moment.optional(),
};

/** Which row a record belongs to. */
const owner = { project: projectIdSchema, kind, id: rowIdSchema };

const project = z.strictObject({
  record: z.literal("project"),
  id: projectIdSchema,
  ref: z.string(),
  name: z.string(),
  keys: z.array(z.string()),
  roots: z.array(z.string()),
  createdAt: moment,
});

const run = z.strictObject({
  record: z.literal("run"),
  project: projectIdSchema,
  root: z.string(),
  globs: z.string().refine(isJson, "is no JSON"),
  at: moment,
});

const file = z.strictObject({
  record: z.literal("file"),
  project: projectIdSchema,
  root: z.string(),
  path: z.string(),
  kind: documentKind,
  id: rowIdSchema,
  size: count,
  modifiedMs: z.number(),
  fileHash: z.string(),
  redact: z.boolean(),
});

const folder = z.strictObject({
  record: z.literal("folder"),
  project: projectIdSchema,
  root: z.string(),
  path: z.string(),
  modifiedMs: z.number(),
});

const space = z.strictObject({
  record: z.literal("space"),
  /** {@link spaceKey} of the rest. */
  id: hash,
  model: z.string(),
  revision: z.string(),
  dimensions: z.int().min(1),
  pooling: z.string(),
  normalised: z.boolean(),
});

const plan = z.strictObject({
  record: z.literal("plan"),
  ...planSchema.shape,
  ...documentBody,
  startedAt: moment.optional(),
  completedAt: moment.optional(),
  /** As written; what they name is looked up by each store. */
  links: z.array(z.strictObject({ rel: z.string(), target: z.string() })),
});

const session = z.strictObject({
  record: z.literal("session"),
  ...sessionSchema.shape,
  ...documentBody,
  date: day,
});

const pattern = z.strictObject({ record: z.literal("pattern"), ...patternSchema.shape, ...documentBody });

const event = z.strictObject({
  record: z.literal("event"),
  ...eventSchema.shape,
  occurredAt: moment,
  recordedAt: moment,
  retractedAt: moment.optional(),
  deletedAt: moment.optional(),
});

const revision = z.strictObject({
  record: z.literal("revision"),
  ...owner,
  revision: z.int().min(1),
  /** The row as it was, as the JSON text that the store keeps; empty once erased. */
  body: z.string().refine((text) => text === "" || isJson(text), "is no JSON"),
});

const change = z.strictObject({
  record: z.literal("change"),
  ...owner,
  revision: z.int().min(1),
  seq: z.int().min(1).optional(),
  at: moment,
  actor: z.string(),
  operation: z.enum(OPERATIONS),
  contentHash: z.string(),
  batch: z.string().optional(),
});

const seal = z.strictObject({
  record: z.literal("seal"),
  project: projectIdSchema,
  /** The store that sealed. */
  store: rowIdSchema,
  fromSeq: z.int().min(1),
  toSeq: z.int().min(1),
  hash,
  previous: hash,
  at: moment,
});

const passage = z.strictObject({
  record: z.literal("passage"),
  ...owner,
  ordinal: count,
  /** Content hash of the row that it is a passage of: it goes with no other version. */
  ownerHash: z.string(),
  heading: z.string(),
  text: z.string(),
  terms: z.string().regex(/^[a-z0-9_ ]*$/),
  length: count,
  textHash: z.string(),
  date: moment,
  eventType: z.enum(EVENT_TYPES).optional(),
  hidden: z.boolean(),
});

const vector = z.strictObject({
  record: z.literal("vector"),
  ...owner,
  ordinal: count,
  space: hash,
  textHash: z.string(),
  /** Float32 numbers, little-endian, in base64. */
  embedding: z.base64(),
});

/** Schemas by kind of record, in the order in which copies carry the kinds: nothing comes before what it needs. */
export const RECORD_SCHEMAS = {
  ...{ project, run, file, folder, space },
  ...{ plan, session, pattern, event, revision, change, seal, passage, vector },
} as const;

export type RecordKind = keyof typeof RECORD_SCHEMAS;
// SAFETY: the keys of the table are its literal names; Object.keys widens them to string.
export const RECORD_KINDS = Object.keys(RECORD_SCHEMAS) as readonly RecordKind[];

export type RecordOf<Kind extends RecordKind> = z.infer<(typeof RECORD_SCHEMAS)[Kind]>;
export type TransferRecord = { [Kind in RecordKind]: RecordOf<Kind> }[RecordKind];
/** Rows of truth: what people and assistants write. */
export type RowRecord = RecordOf<"plan" | "session" | "pattern" | "event">;
/** What a store knows of folders. */
export type FolderRecord = RecordOf<"run" | "file" | "folder">;

/** SHA-256 of a space's identity: names it in records, whatever number a store gives it. */
export function spaceKey(space: Omit<RecordOf<"space">, "record" | "id">): string {
  const { model, revision, dimensions, pooling, normalised } = space;
  return sha256(canonicalJson({ model, revision, dimensions, pooling, normalised }));
}

/** A record's name for people: its kind and what finds it. */
export function nameOfRecord(record: TransferRecord): string {
  switch (record.record) {
    case "project":
      return `project ${record.ref}`;
    case "plan":
    case "session":
    case "pattern":
    case "event":
      return `${record.record} ${record.ref} (${record.id})`;
    case "run":
      return `index run of ${record.root}`;
    case "file":
    case "folder":
      return `${record.record} ${record.path} in ${record.root}`;
    case "space":
      return `space ${record.model}`;
    case "seal":
      return `seal of ${record.fromSeq} to ${record.toSeq} by ${record.store}`;
    case "revision":
    case "change":
      return `${record.record} ${record.revision} of ${record.kind} ${record.id}`;
    case "passage":
    case "vector":
      return `${record.record} ${record.ordinal} of ${record.kind} ${record.id}`;
    default:
      return record satisfies never;
  }
}

function isMoment(text: string): boolean {
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && new Date(ms).toISOString() === text;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
