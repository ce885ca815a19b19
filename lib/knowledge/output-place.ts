import { readlink, realpath, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { KnowledgeError } from "../domain/error.ts";
import { type OpenOutput, type OutputPlace, readLines } from "./compressed-file.ts";
import { isSqliteFile } from "./sqlite-file.ts";

interface Replacing {
  /** Whether a file that begins with this line may be replaced without being told so. */
  readonly isOwn: (firstLine: string) => boolean;
  /** Replace another file too; never a database. */
  readonly force?: boolean | undefined;
}

/** Longer than the first line of anything that is exported. */
const LONGEST_FIRST_LINE = 1_000;

/**
 * Looks at what stands at a path before an export is written there: an earlier export, an empty file and nothing may
 * be replaced.
 * @throws KnowledgeError `conflict` for a SQLite file, and without `force` for any other; `invalid_input` for a folder.
 */
export async function findOutputPlace(
  path: string | OpenOutput,
  { isOwn, force }: Replacing,
): Promise<OutputPlace> {
  if (typeof path !== "string") return path;
  const state = await stat(path).catch(() => undefined);
  if (state === undefined) return { path: await endOfLink(path), isStream: false };
  if (state.isFIFO() || state.isCharacterDevice()) return { path, isStream: true };
  if (state.isDirectory()) throw folder(path);
  const file = await realpath(path);
  if (await isOfDatabase(file)) throw database(path);
  if (force !== true && state.size > 0 && !(await beginsAs(file, isOwn))) throw foreign(path);
  return { path: file, isStream: false };
}

/** Where a link leads that leads to nothing yet. */
async function endOfLink(path: string): Promise<string> {
  const target = await readlink(path).catch(() => undefined);
  return target === undefined ? path : resolve(dirname(path), target);
}

/** A SQLite file, or one of those that SQLite keeps beside it. */
async function isOfDatabase(file: string): Promise<boolean> {
  const beside = file.replace(/-(?:wal|shm|journal)$/, "");
  const looked = await Promise.all([file, beside].map((one) => isSqliteFile(one).catch(() => false)));
  return looked.includes(true);
}

async function beginsAs(file: string, isOwn: Replacing["isOwn"]): Promise<boolean> {
  try {
    for await (const { bytes } of readLines(file, undefined, LONGEST_FIRST_LINE))
      return isOwn(bytes.toString("utf8"));
    return false;
  } catch {
    // What cannot be read, or unpacked, is nobody's export.
    return false;
  }
}

function folder(path: string): KnowledgeError {
  return new KnowledgeError("invalid_input", `${path} is a folder; an export is a single file.`, {
    hint: "Name a file in it, for example one ending in .jsonl.gz.",
  });
}

function database(path: string): KnowledgeError {
  return new KnowledgeError("conflict", `${path} is a SQLite database, which no export replaces.`, {
    hint: "Name another file.",
  });
}

function foreign(path: string): KnowledgeError {
  return new KnowledgeError("conflict", `A file that is no export stands at ${path}.`, {
    hint: "Name another file, or give --force to replace this one.",
  });
}
