import { createHash } from "node:crypto";
import * as z from "zod";
import { AUDIT_LOGS } from "../domain/audit.ts";
import { KnowledgeError } from "../domain/error.ts";
import { projectIdSchema } from "../domain/ids.ts";
import { sealHash } from "../domain/seal.ts";
import { readLines } from "./compressed-file.ts";

/** The first line's `record`. */
export const AUDIT_HEADER = "audit";

const seal = z.object({
  record: z.literal("seal"),
  log: z.enum(AUDIT_LOGS),
  project: projectIdSchema,
  fromSeq: z.int(),
  toSeq: z.int(),
  hash: z.string(),
  previous: z.string(),
  store: z.string().optional(),
});

/** The last line: what the file holds, and the SHA-256 of all bytes before it. */
const end = z.object({
  record: z.literal("end"),
  calls: z.int(),
  changes: z.int(),
  seals: z.int(),
  hash: z.string(),
});

export type KeptSeal = Omit<z.infer<typeof seal>, "record">;

/** What an exported audit proves by itself. */
export interface KeptAudit {
  readonly calls: number;
  readonly changes: number;
  /** The store's own, each of which its lines in the file give. */
  readonly seals: readonly KeptSeal[];
}

/**
 * Reads a file of `audit --export` to its end: its counts and its hash, and every seal by the lines above it.
 * @throws KnowledgeError `invalid_input` for any other file, and for one that was cut off or altered; `not_found`.
 */
export async function readAuditFile(path: string): Promise<KeptAudit> {
  const reading = new Reading(path);
  const hash = createHash("sha256");
  for await (const { number, bytes, ended } of readLines(path)) {
    const line = parsed(bytes);
    if (reading.ended) throw reading.refuse(`Line ${number} of ${path} comes after its end.`);
    if (line === undefined || !ended)
      throw reading.refuse(`${path} is cut off at line ${number}, or no exported audit.`);
    reading.take(number, line, hash.copy().digest("hex"));
    hash.update(bytes).update("\n");
  }
  return reading.result();
}

type Line = Readonly<Record<string, unknown>>;

class Reading {
  readonly #path: string;
  readonly #seals: KeptSeal[] = [];
  /** Lines that their seal is still to follow. */
  #open: Line[] = [];
  #counts = { calls: 0, changes: 0, seals: 0 };
  ended = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** @param before SHA-256 of all bytes before the line */
  take(number: number, { record, ...line }: Line, before: string): void {
    if (number === 1) {
      if (record !== AUDIT_HEADER) throw this.#strange(number);
    } else if (record === "call" || record === "change") {
      this.#open.push(line);
      this.#counts[record === "call" ? "calls" : "changes"] += 1;
    } else if (record === "seal") this.#takeSeal(number, { record, ...line });
    else this.#takeEnd(number, { record, ...line }, before);
  }

  result(): KeptAudit {
    if (!this.ended)
      throw this.refuse(
        `${this.#path} is empty or cut off: its last line, which proves it whole, is missing.`,
      );
    const { calls, changes } = this.#counts;
    return { calls, changes, seals: this.#seals };
  }

  refuse(message: string): KnowledgeError {
    return new KnowledgeError("invalid_input", message, {
      field: "against",
      hint: "Give a whole file that `aiknowsys audit --export` wrote; take another copy of this one, if there is any.",
    });
  }

  #takeSeal(number: number, line: Line): void {
    const { data } = seal.safeParse(line);
    if (data === undefined) throw this.#strange(number);
    const lines = this.#open;
    this.#open = [];
    this.#counts.seals += 1;
    // Lines under another store's seal may have other numbers here: they are not in the file.
    if (data.store !== undefined) return;
    if (sealHash(data.previous, lines) !== data.hash)
      throw this.refuse(
        `${this.#path} was altered: the lines above line ${number} are not those that were sealed.`,
      );
    const { record: _, ...kept } = data;
    this.#seals.push(kept);
  }

  #takeEnd(number: number, line: Line, before: string): void {
    const { data } = end.safeParse(line);
    if (data === undefined) throw this.#strange(number);
    const { calls, changes, seals } = this.#counts;
    const isWhole = data.calls === calls && data.changes === changes && data.seals === seals;
    if (!isWhole || data.hash !== before)
      throw this.refuse(`${this.#path} was altered: its last line tells of other lines than stand above it.`);
    this.ended = true;
  }

  #strange(line: number): KnowledgeError {
    return this.refuse(`Line ${line} of ${this.#path} is not of an exported audit.`);
  }
}

function parsed(bytes: Buffer): Line | undefined {
  try {
    const line: unknown = JSON.parse(bytes.toString("utf8"));
    return typeof line === "object" && line !== null ? { ...line } : undefined;
  } catch {
    return undefined;
  }
}
