import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { KnowledgeError } from "../domain/error.ts";
import { sha256 } from "../domain/ids.ts";

export type Dialect = "sqlite" | "postgres";

/** One numbered file of `schema/<dialect>`. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  /** SHA-256 of the text with line feeds alone, so that a checkout with CRLF is the same migration. */
  readonly checksum: string;
  readonly sql: string;
  /**
   * From the first line: `-- breaking` (older programs can neither read nor write the store any more),
   * `-- breaking writes` (they can still read it), anything else: they go on working beside newer ones.
   */
  readonly breaks: "all" | "writers" | "nothing";
  /**
   * From a line `-- no transaction` among the comments that the file begins with. PostgreSQL only; the runner
   * runs each of its statements by itself.
   */
  readonly outsideTransaction?: boolean | undefined;
}

export interface AppliedMigration {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
}

/** What a store says of the programs that may use it, in schema versions (RULES 6). */
export interface Compatibility {
  readonly oldestReader: number;
  readonly oldestWriter: number;
}

/**
 * The migrations of a dialect in order.
 * @throws KnowledgeError `internal` when the folder is missing, misnamed or has gaps: the package is broken.
 */
export function loadMigrations(dialect: Dialect, folder = schemaFolder(dialect)): readonly Migration[] {
  const files = readdirSync(folder)
    .filter((file) => /^\d/.test(file))
    .sort();
  return files.map((file, i) => {
    const [, digits, title] = /^(\d{6})_([a-z0-9_]+)\.sql$/.exec(file) ?? [];
    if (Number(digits) !== i + 1 || title === undefined) {
      throw broken(`${join(folder, file)} is not the migration number ${i + 1}`);
    }
    const sql = readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n");
    const outsideTransaction = /^(?:--.*\n)*-- no transaction\b/.test(sql);
    if (outsideTransaction && dialect === "sqlite") throw broken(`${file} asks for no transaction`);
    return {
      ...{ version: i + 1, name: `${digits}_${title}`, checksum: sha256(sql), sql, breaks: breaksOf(sql) },
      ...(outsideTransaction && { outsideTransaction }),
    };
  });
}

/**
 * What has still to be applied to reach `to` (default: the newest), after checking what has been.
 * @throws KnowledgeError `schema_mismatch` for an edited or missing migration, `invalid_input` for a wrong `to`.
 */
export function pendingMigrations(
  known: readonly Migration[],
  applied: readonly AppliedMigration[],
  to = Math.max(known.length, applied.length),
): readonly Migration[] {
  verifyApplied(known, applied);
  if (!Number.isInteger(to) || to < applied.length || to > Math.max(known.length, applied.length)) {
    throw new KnowledgeError("invalid_input", `The schema cannot be migrated to version ${to}.`, {
      field: "to",
      hint: `The store has version ${applied.length}, this program knows ${known.length}; migrations only go forward.`,
    });
  }
  return known.slice(applied.length, to);
}

/**
 * What this program may do with a store that a newer one has migrated further.
 * @throws KnowledgeError `schema_mismatch` when it may not even read it.
 */
export function accessOf(
  known: readonly Migration[],
  applied: readonly AppliedMigration[],
  { oldestReader, oldestWriter }: Compatibility,
): "write" | "read" {
  if (applied.length <= known.length || oldestWriter <= known.length) return "write";
  if (oldestReader <= known.length) return "read";
  throw newerStore(applied.length, known.length);
}

/** The compatibility after these migrations have been applied. */
export function compatibilityAfter(before: Compatibility, pending: readonly Migration[]): Compatibility {
  let { oldestReader, oldestWriter } = before;
  for (const { breaks, version } of pending) {
    if (breaks === "all") oldestReader = version;
    if (breaks !== "nothing") oldestWriter = version;
  }
  return { oldestReader, oldestWriter };
}

/** `schema/<dialect>` of this package, found upwards from this file: it runs from `lib` and from `dist/lib`. */
export function schemaFolder(dialect: Dialect): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (isThisPackage(join(folder, "package.json"))) return join(folder, "schema", dialect);
    if (folder === dirname(folder)) throw broken("its folder `schema` is missing");
  }
}

function verifyApplied(known: readonly Migration[], applied: readonly AppliedMigration[]): void {
  for (const [i, { version, name, checksum }] of applied.entries()) {
    // Which versions there are beyond its own, this program does not know.
    if (version !== i + 1 && i >= known.length) throw newerStore(version, known.length);
    if (version !== i + 1) throw mismatch(`Migration ${i + 1} of the store was never applied`);
    const ours = known[i];
    if (ours !== undefined && (ours.checksum !== checksum || ours.name !== name)) {
      throw mismatch(`Migration ${name} of the store differs from ${ours.name} of this program`);
    }
  }
}

function isThisPackage(file: string): boolean {
  return existsSync(file) && /"name":\s*"aiknowsys"/.test(readFileSync(file, "utf8"));
}

function breaksOf(sql: string): Migration["breaks"] {
  const first = sql.slice(0, sql.indexOf("\n")).trim();
  if (/^-- breaking writes\b/.test(first)) return "writers";
  return /^-- breaking\b/.test(first) ? "all" : "nothing";
}

function newerStore(schema: number, known: number): KnowledgeError {
  return new KnowledgeError(
    "schema_mismatch",
    `The store has schema version ${schema}; this program knows versions up to ${known}.`,
    { hint: "Update AIKnowSys: a newer version has used this store.", current: { schema } },
  );
}

function mismatch(what: string): KnowledgeError {
  return new KnowledgeError("schema_mismatch", `${what}.`, {
    hint: "The store was made by a changed or broken version; install the version that made it, or restore a backup.",
  });
}

function broken(what: string): KnowledgeError {
  return new KnowledgeError("internal", `This installation of AIKnowSys is broken: ${what}.`, {
    hint: "Install it again.",
  });
}
