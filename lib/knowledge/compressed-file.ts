import { createReadStream, createWriteStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { Readable, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import * as zlib from "node:zlib";
import { KnowledgeError } from "../domain/error.ts";

/**
 * Writes pieces of text to a file, compressed as its ending says, with no more in memory than a few pieces. The file
 * appears whole or not at all; a pipe or a device gets the pieces as they come. Returns the bytes that were written.
 * @throws KnowledgeError `unavailable` when it cannot be written, `unsupported` for `.zst` on an older Node.js.
 */
export async function writeTextFile(
  { path, isStream }: OutputPlace,
  pieces: AsyncIterable<string>,
  signal?: AbortSignal,
): Promise<number> {
  const partial = isStream ? undefined : `${path}.${process.pid}.partial`;
  const packing = packerOf(path);
  const file = createWriteStream(partial ?? path, { mode: 0o600, flush: !isStream });
  const source = Readable.from(pieces, { objectMode: false });
  try {
    if (packing === undefined) await pipeline(source, file, { signal });
    else await pipeline(source, packing, file, { signal });
    if (partial !== undefined) await rename(partial, path);
    return file.bytesWritten;
  } catch (thrown) {
    if (partial !== undefined) await rm(partial, { force: true });
    throw unwritable(thrown, path);
  }
}

/** Where an export is written. */
export interface OutputPlace {
  /** Behind a symbolic link, what the link leads to. */
  readonly path: string;
  /** True for a pipe or a device, which is written into and never replaced. */
  readonly isStream: boolean;
}

/** A line of a file as its bytes; the last may lack its end. */
export interface FileLine {
  readonly number: number;
  readonly bytes: Buffer;
  readonly ended: boolean;
}

/** A line longer than this is no record of ours; reading on would fill the memory. */
const LONGEST_LINE = 256_000_000;

/**
 * The lines of a file, unpacked as its ending says, one after the other. A packed file that was cut off gives what
 * can be unpacked of it.
 * @throws KnowledgeError `not_found`, `invalid_input`, `unavailable` or `unsupported`; `corrupt` where it is damaged.
 */
export async function* readLines(
  path: string,
  onRead: (bytes: number) => void = () => undefined,
  longest = LONGEST_LINE,
): AsyncGenerator<FileLine, void> {
  await requireFile(path);
  const unpacking = unpackerOf(path);
  const file = createReadStream(path, { highWaterMark: 1 << 18 });
  file.on("data", (piece) => onRead(piece.length));
  if (unpacking !== undefined) file.on("error", (error) => unpacking.destroy(error));
  const source: Readable = unpacking === undefined ? file : file.pipe(unpacking);
  let rest: Buffer[] = [];
  let held = 0;
  let number = 0;
  try {
    for await (const piece of source) {
      const bytes = Buffer.from(piece);
      let start = 0;
      for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
        number += 1;
        yield { number, bytes: Buffer.concat([...rest, bytes.subarray(start, end)]), ended: true };
        [rest, held, start] = [[], 0, end + 1];
      }
      rest.push(bytes.subarray(start));
      held += bytes.length - start;
      if (held > longest) throw endless(path, number + 1);
    }
  } catch (thrown) {
    throw unreadable(thrown, path, number + 1);
  } finally {
    file.destroy();
  }
  if (held > 0) yield { number: number + 1, bytes: Buffer.concat(rest), ended: false };
}

/** Size of the file in bytes, as it lies on disk. */
export async function sizeOfFile(path: string): Promise<number> {
  return (await stat(path)).size;
}

function packerOf(path: string): Transform | undefined {
  if (path.endsWith(".gz")) return zlib.createGzip();
  return path.endsWith(".zst") ? zstd("createZstdCompress") : undefined;
}

function unpackerOf(path: string): Transform | undefined {
  // Flushes what there is where the file ends too early, instead of failing.
  if (path.endsWith(".gz")) return zlib.createGunzip({ finishFlush: zlib.constants.Z_SYNC_FLUSH });
  return path.endsWith(".zst") ? zstd("createZstdDecompress") : undefined;
}

function zstd(name: "createZstdCompress" | "createZstdDecompress"): Transform {
  const make: unknown = Reflect.get(zlib, name);
  if (typeof make === "function") return make();
  throw new KnowledgeError(
    "unsupported",
    `This Node.js (${process.version}) has no zstd for files ending in .zst.`,
    {
      hint: "Use a name ending in .gz, or Node.js 22.15 or newer.",
    },
  );
}

async function requireFile(path: string): Promise<void> {
  const state = await stat(path).catch((cause: unknown) => {
    throw new KnowledgeError("not_found", `There is no file ${path}.`, { hint: "Check the path.", cause });
  });
  if (state.isFile()) return;
  throw new KnowledgeError("invalid_input", `${path} is no file.`, { hint: "Name a file." });
}

function endless(path: string, line: number): KnowledgeError {
  return new KnowledgeError("corrupt", `Line ${line} of ${path} does not end.`, {
    hint: "Give a file that `aiknowsys export-db` wrote.",
  });
}

function unwritable(thrown: unknown, path: string): unknown {
  const code = codeOf(thrown);
  if (code === undefined || thrown instanceof KnowledgeError || code === "ABORT_ERR") return thrown;
  return new KnowledgeError("unavailable", `The file ${path} cannot be written (${code}).`, {
    hint: "Check that its folder exists, may be written and has room.",
    cause: thrown,
  });
}

function unreadable(thrown: unknown, path: string, line: number): unknown {
  const code = codeOf(thrown);
  if (code === undefined || thrown instanceof KnowledgeError) return thrown;
  if (code.startsWith("Z") || code.startsWith("ERR_ZSTD")) {
    return new KnowledgeError("corrupt", `${path} cannot be unpacked beyond line ${line}.`, {
      hint: "The file is damaged; take another copy of it.",
      cause: thrown,
    });
  }
  return new KnowledgeError("unavailable", `The file ${path} cannot be read (${code}).`, {
    hint: "Check its permissions.",
    cause: thrown,
  });
}

function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && "code" in thrown ? String(thrown.code) : undefined;
}
