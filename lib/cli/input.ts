import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { KnowledgeError } from "../domain/error.ts";
import type { Door } from "./door.ts";

/** More than any use case takes: reading stops here, so that an endless stream cannot fill the memory. */
const MAX_BYTES = 16_000_000;

export interface TextSources {
  readonly content?: string | undefined;
  readonly file?: string | undefined;
  /** The argument `-`: read stdin. */
  readonly input?: string | undefined;
}

/**
 * The text that was given by `--content`, `--file` or `-`, exactly as it is; `undefined` when by none.
 * @throws KnowledgeError `invalid_input` (several, no text, too big), `not_found` (no such file), `unavailable` (unreadable).
 */
export async function readText(door: Door, sources: TextSources): Promise<string | undefined> {
  const { content, file, input } = sources;
  if (input !== undefined && input !== "-") {
    throw new KnowledgeError("invalid_input", `"${input.slice(0, 60)}" is one argument too many.`, {
      hint: "Put text that contains spaces in quotes; a single - reads the content from stdin.",
    });
  }
  const given = [content, file, input].filter((source) => source !== undefined);
  if (given.length > 1) {
    throw new KnowledgeError("invalid_input", "The content is given more than once.", {
      field: "content",
      hint: "Use one of --content, --file and - (stdin).",
    });
  }
  if (input === "-" || file === "-" || content === "-") return readStdin(door);
  return file === undefined ? content : readTextFile(resolve(door.cwd, file), file);
}

/** The value of an option, read from stdin when it is `-`. */
export async function readOption(door: Door, value: string | undefined): Promise<string | undefined> {
  return value === "-" ? readStdin(door) : value;
}

async function readStdin(door: Door): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of door.stdin) {
    const bytes = Buffer.from(part);
    size += bytes.length;
    if (size > MAX_BYTES) throw tooBig("stdin");
    parts.push(bytes);
  }
  return decode(Buffer.concat(parts), "The text on stdin");
}

async function readTextFile(path: string, shown: string): Promise<string> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      if (size > MAX_BYTES) throw tooBig(`the file ${shown}`);
      return decode(await file.readFile(), `The file ${shown}`);
    } finally {
      await file.close();
    }
  } catch (thrown) {
    throw thrown instanceof KnowledgeError ? thrown : unreadable(shown, thrown);
  }
}

function decode(bytes: Buffer, what: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new KnowledgeError(
      "invalid_input",
      `${what} is not UTF-8 text (first wrong byte at ${firstWrongByte(bytes)}).`,
      {
        field: "file",
        hint: "Save it as UTF-8 and try again.",
        cause,
      },
    );
  }
}

/** Offset of the first byte at which decoding and encoding again does not give the same bytes. */
function firstWrongByte(bytes: Buffer): number {
  const again = Buffer.from(bytes.toString("utf8"));
  const at = bytes.findIndex((byte, index) => again[index] !== byte);
  return at === -1 ? bytes.length : at;
}

function tooBig(what: string): KnowledgeError {
  return new KnowledgeError(
    "invalid_input",
    `The content from ${what} is bigger than ${MAX_BYTES / 1e6} MB.`,
    {
      field: "content",
      hint: "Split it into several documents.",
    },
  );
}

function unreadable(shown: string, cause: unknown): KnowledgeError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new KnowledgeError("not_found", `There is no file ${shown}.`, {
      field: "file",
      hint: "Check the path.",
      cause,
    });
  }
  if (code === "EISDIR") {
    return new KnowledgeError("invalid_input", `${shown} is a folder, not a file.`, {
      field: "file",
      hint: "Name one file; `aiknowsys index` reads whole folders.",
      cause,
    });
  }
  return new KnowledgeError(
    "unavailable",
    `The file ${shown} cannot be read (${code || "unknown reason"}).`,
    {
      field: "file",
      hint: "Check its permissions.",
      cause,
    },
  );
}
