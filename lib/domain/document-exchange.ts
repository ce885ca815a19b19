import * as z from "zod";
import { type DocumentKind, KINDS } from "./ids.ts";
import type { ReportItem } from "./report.ts";
import { plainLine } from "./well-formed.ts";

/**
 * What a working copy on another machine and the shared instance say to each other, one step a request. Every step can be
 * repeated: what was done is found done.
 */

/** Files of one request: of comparing, of storing, and of removing or listing. */
export const MOST_FILES = { compare: 500, store: 50, remove: 500, list: 5_000 } as const;
/** Bytes of a request's body: a plan of the greatest length that is taken (4 million characters) fits, escapes and all. */
export const MOST_BODY_BYTES = 8 * 1024 * 1024;
/** Bytes of a path; both engines keep it in a key. */
const LONGEST_PATH = 1_000;
/** Bytes of what tells index runs apart; kept in a key, too. */
const LONGEST_GLOBS = 2_000;

const DOCUMENT_KINDS: readonly DocumentKind[] = KINDS.filter((kind) => kind !== "event");
const short = z.string().min(1).max(500);
const kind = z.enum(DOCUMENT_KINDS);

/** Below the top of the working copy, with `/`: never a way out of it, on no system that reads it. */
const path = z.string().superRefine((text, context) => {
  const problem = problemOfPath(text);
  if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
});

/** Why the instance cannot keep a path, as the end of a sentence that begins with it. */
export function problemOfPath(text: string): string | undefined {
  if (Buffer.byteLength(text) > LONGEST_PATH) return `is longer than ${LONGEST_PATH} bytes`;
  if (/\p{Cc}/u.test(text)) return "holds a control character";
  if (text.includes("\\") || /^[a-z]:/i.test(text)) return "would be another path on Windows";
  const isPlain = text.split("/").every((part) => !["", ".", ".."].includes(part));
  return isPlain ? undefined : "is no plain path below the working copy's top";
}

/** The end of the year 9999: later times have no four digits. */
const LATEST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** A file without its text. */
const seen = z.object({
  path,
  kind,
  /** What tells one text of it from another; see {@link SeenFile}. */
  fileHash: z.string().regex(/^[0-9a-f]{64}$/),
  size: z.int().nonnegative(),
  modifiedMs: z.number().max(LATEST_MS),
  redact: z.boolean(),
});

const place = z.object({
  project: z.object({
    /** As it was named: an id, ref, name or key. Else its keys tell which it is. */
    named: short.optional(),
    keys: z.array(z.string().max(500).regex(PORTABLE_KEY())).max(4),
    /** For a project that is not known yet. Others read it, in errors too. */
    name: short.transform((text) => plainLine(text) || "project"),
  }),
  /** Tells the working copies of a project apart. */
  copy: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/),
});

const beginning = z.string().max(LONGEST_PATH);

export const exchangeSchema = z.discriminatedUnion("step", [
  place.extend({ step: z.literal("compare"), files: z.array(seen).max(MOST_FILES.compare) }),
  place.extend({
    step: z.literal("store"),
    documents: z
      .array(seen.extend({ category: short.optional(), text: z.string() }))
      .min(1)
      .max(MOST_FILES.store),
  }),
  place.extend({ step: z.literal("list"), under: beginning, after: beginning.optional() }),
  place.extend({ step: z.literal("remove"), paths: z.array(path).min(1).max(MOST_FILES.remove) }),
  place.extend({
    step: z.literal("finish"),
    globs: z.string().refine((text) => Buffer.byteLength(text) <= LONGEST_GLOBS, "too long"),
  }),
]);

export type ExchangeRequest = z.infer<typeof exchangeSchema>;
export type ExchangePlace = z.infer<typeof place>;

/**
 * A file as its working copy tells of it. `fileHash` is the SHA-256 of its bytes; of a file with secrets that of its text
 * without them, because a hash over a short secret and a text that is known would give the secret away.
 */
export type SeenFile = z.infer<typeof seen>;
export type SentDocument = Extract<ExchangeRequest, { readonly step: "store" }>["documents"][number];

/** How the store stands to each file of `compare`, in their order. */
const standing = z.enum(["unchanged", "deleted", "changed"]);
export type Standing = z.infer<typeof standing>;

const item = z.object({ item: z.string(), reason: z.string(), line: z.int().optional() });
const outcome = z.object({
  path: z.string(),
  state: z.enum(["indexed", "unchanged", "skipped", "failed"]),
  kind: kind.optional(),
  chunks: z.int(),
  warnings: z.array(item) satisfies z.ZodType<readonly ReportItem[]>,
  fileHash: z.string().optional(),
  isNew: z.boolean().optional(),
});

/** What each step is answered with. */
export const EXCHANGE_ANSWERS = {
  compare: z.object({
    project: z.object({ ref: z.string(), name: z.string() }),
    standings: z.array(standing),
  }),
  store: z.object({ outcomes: z.array(outcome) }),
  list: z.object({ paths: z.array(z.string()), next: z.string().optional() }),
  remove: z.object({
    buried: z.array(z.object({ path: z.string(), ref: z.string(), fileHash: z.string() })),
  }),
  finish: z.object({ owed: z.int() }),
} as const;

export type ExchangeAnswer<Step extends keyof typeof EXCHANGE_ANSWERS> = z.infer<
  (typeof EXCHANGE_ANSWERS)[Step]
>;

/** A key that means the same project on every machine: an id, or a remote that is no path of one machine. */
export function isPortableKey(key: string): boolean {
  return PORTABLE_KEY().test(key);
}

function PORTABLE_KEY(): RegExp {
  return /^(id:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|git:[a-z0-9._-]+\/[^\s\\\p{Cc}]+)$/u;
}
