import { createHash, type Hash } from "node:crypto";
import { canonicalJson } from "../domain/canonical-json.ts";
import { KnowledgeError } from "../domain/error.ts";
import { reasonOf } from "../domain/record-fault.ts";
import {
  RECORD_KINDS,
  RECORD_SCHEMAS,
  type RecordKind,
  type TransferRecord,
} from "../domain/transfer-record.ts";
import { wellFormedJson } from "../domain/well-formed.ts";

/** An export is JSON Lines in RFC 8785 form: a header, the records of all kinds in their order, a trailer. */
const FORMAT = 1;

/** Says what the file is; nothing of when, where or whose, so that equal stores give equal files. */
export const HEADER = canonicalJson({ record: "header", product: "aiknowsys", format: FORMAT });

/** Whether an export begins with this line, of whatever format. */
export function isHeader(line: string): boolean {
  const { record, product } = parsed(line) ?? {};
  return record === "header" && product === "aiknowsys";
}

/** Counts and hashes by kind; the hash is SHA-256 over the kind's lines, each with its line feed. */
export interface Trailer {
  readonly counts: Readonly<Partial<Record<RecordKind, number>>>;
  readonly hashes: Readonly<Partial<Record<RecordKind, string>>>;
}

/** Counts and hashes lines as they pass. */
export class LineCount {
  readonly #kinds = new Map<RecordKind, { count: number; readonly hash: Hash }>();

  add(kind: RecordKind, line: string | Uint8Array): void {
    const known = this.#kinds.get(kind) ?? { count: 0, hash: createHash("sha256") };
    this.#kinds.set(kind, known);
    known.count += 1;
    if (typeof line === "string") known.hash.update(`${line}\n`);
    else known.hash.update(line).update("\n");
  }

  /** One that has counted the same so far. */
  copy(): LineCount {
    const copy = new LineCount();
    for (const [kind, { count, hash }] of this.#kinds) copy.#kinds.set(kind, { count, hash: hash.copy() });
    return copy;
  }

  /** Kinds without any line are left out. Counting may go on afterwards. */
  trailer(): Trailer {
    const all = RECORD_KINDS.flatMap((kind) => {
      const known = this.#kinds.get(kind);
      return known === undefined ? [] : [[kind, known] as const];
    });
    return {
      counts: Object.fromEntries(all.map(([kind, { count }]) => [kind, count])),
      hashes: Object.fromEntries(all.map(([kind, { hash }]) => [kind, hash.copy().digest("hex")])),
    };
  }
}

export function renderTrailer(trailer: Trailer): string {
  return canonicalJson({ record: "end", ...trailer });
}

/** What a line says. */
export type ParsedLine =
  /** `adjusted`: text that no store can hold was changed by the rule of RULES 17. */
  | { readonly is: "record"; readonly record: TransferRecord; readonly adjusted: boolean }
  /** Without a trailer's members where the line has none: a file made by hand. */
  | { readonly is: "end"; readonly trailer: Trailer | undefined }
  | {
      readonly is: "fault";
      readonly kind?: RecordKind;
      readonly item: string;
      readonly reason: string;
      /** What it holds, where it is of a known kind. */
      readonly members?: Members;
    };

/** @throws KnowledgeError `invalid_input` for what is no export, `unsupported` for one of a later format. */
export function requireHeader(line: string | undefined, file: string): void {
  if (line === undefined || !isHeader(line)) {
    throw new KnowledgeError(
      "invalid_input",
      `${file} is no export of AIKnowSys: its first line is no header.`,
      {
        field: "input",
        hint: "Give a file that `aiknowsys export-db` wrote.",
      },
    );
  }
  const { format } = parsed(line) ?? {};
  if (format === FORMAT) return;
  throw new KnowledgeError(
    "unsupported",
    `${file} has the export format ${String(format).slice(0, 20)}; this version reads ${FORMAT}.`,
    { hint: "Update AIKnowSys, or export again with this version." },
  );
}

export function parseLine(line: string): ParsedLine {
  const members = parsed(line);
  if (members === undefined) return { is: "fault", item: "line", reason: "is no JSON object" };
  if (members.record === "end") return { is: "end", trailer: trailerIn(members) };
  const kind = RECORD_KINDS.find((known) => known === members.record);
  if (kind === undefined) {
    return {
      is: "fault",
      item: "line",
      reason: `is of no known kind (${String(members.record).slice(0, 40)})`,
    };
  }
  const holdable = FORBIDDEN.test(line) ? withHoldableText(members) : members;
  const result = RECORD_SCHEMAS[kind].safeParse(holdable);
  if (!result.success) {
    return { is: "fault", kind, item: itemOf(kind, members), reason: reasonOf(result.error), members };
  }
  const adjusted = holdable !== members && canonicalJson(holdable) !== canonicalJson(members);
  return { is: "record", record: result.data, adjusted };
}

function trailerIn({ counts, hashes }: Members): Trailer | undefined {
  if (typeof counts !== "object" || counts === null || typeof hashes !== "object" || hashes === null)
    return undefined;
  return { counts, hashes };
}

/** U+0000 and surrogates as escapes. The escaped backslash that may stand before one does no harm here. */
const FORBIDDEN = /\\u(0000|d[89a-f])/i;

type Members = Readonly<Record<string, unknown>>;

function parsed(line: string): Members | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    // SAFETY: an object's members may be read by any name.
    return isObject ? (value as Members) : undefined;
  } catch {
    return undefined;
  }
}

/** The text of a revision is JSON inside JSON. */
function withHoldableText(members: Members): Members {
  const whole = wellFormedJson(members);
  if (members.record !== "revision" || typeof whole.body !== "string" || !FORBIDDEN.test(whole.body))
    return whole;
  const body = parsed(whole.body);
  if (body === undefined) return whole;
  const held = wellFormedJson(body);
  return canonicalJson(held) === canonicalJson(body) ? whole : { ...whole, body: canonicalJson(held) };
}

function itemOf(kind: RecordKind, { ref, id, project }: Members): string {
  const name = [ref, id, project].find((value) => typeof value === "string");
  return name === undefined ? kind : `${kind} ${String(name).slice(0, 60)}`;
}
