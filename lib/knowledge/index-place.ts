import { realpath } from "node:fs/promises";
import { relative, resolve, sep } from "node:path";
import { canonicalJson } from "../domain/canonical-json.ts";
import { KnowledgeError } from "../domain/error.ts";

/** Which files an index run reads. */
export interface IndexedPlace {
  /** The project's top folder: paths are relative to it. */
  readonly root: string;
  /** The folder to read, the root or one below it. Default the root. */
  readonly folder?: string | undefined;
  /** Globs relative to `folder` that say what is a plan, session or pattern. */
  readonly plans?: string | undefined;
  readonly sessions?: string | undefined;
  readonly patterns?: string | undefined;
}

/** A place on disk, by real paths. */
export interface Place {
  readonly root: string;
  readonly folder: string;
  /** The folder's path below the root with a trailing `/`; empty for the root. */
  readonly under: string;
}

/** @throws KnowledgeError `not_found` or `invalid_input` for the folder. */
export async function placeOf(request: IndexedPlace): Promise<Place> {
  const folder = await realpath(resolve(request.folder ?? request.root)).catch((cause: unknown) => {
    throw new KnowledgeError("not_found", `The folder ${request.folder ?? request.root} does not exist.`, {
      field: "dir",
      hint: "Give a folder that exists, or leave it out for the current one.",
      cause,
    });
  });
  if (Buffer.byteLength(folder) > LONGEST_KEY) throw tooLong("The path of the folder", "dir");
  const root = await realpath(request.root);
  const below = relative(root, folder).split(sep).join("/");
  if (below.startsWith("..")) return { root: folder, folder, under: "" };
  return { root, folder, under: below === "" ? "" : `${below}/` };
}

/** Bytes of what tells runs apart: both engines keep it in a key. */
const LONGEST_KEY = 1_000;

/** What tells the runs over one root apart. @throws KnowledgeError `invalid_input` when it is too long to be kept. */
export function globsOf({ plans, sessions, patterns }: IndexedPlace, { under }: Place): string {
  const globs = canonicalJson({ plans, sessions, patterns, ...(under !== "" && { under }) });
  if (Buffer.byteLength(globs) > LONGEST_KEY + under.length) throw tooLong("What the globs say", "plans");
  return globs;
}

function tooLong(what: string, field: string): KnowledgeError {
  return new KnowledgeError("invalid_input", `${what} is longer than ${LONGEST_KEY} bytes.`, {
    field,
    hint: "Give a shorter one: a glob such as docs/**/*.md stands for many names.",
  });
}
