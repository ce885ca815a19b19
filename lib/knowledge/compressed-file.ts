import { createReadStream, createWriteStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline as joined, Readable, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import * as zlib from "node:zlib";
import { KnowledgeError } from "../domain/error.ts";
import { RUN_MARK, sweepLeftovers } from "../storage/neutral/leftovers.ts";

/**
 * Writes pieces of text to a file, compressed as its ending says, with no more in memory than a few pieces. The file
 * appears whole or not at all; a pipe, a device or a stream gets the pieces as they come. Returns the bytes that were
 * written.
 * @throws KnowledgeError `unavailable` when it cannot be written, `unsupported` for `.zst` on an older Node.js.
 */
export async function writeTextFile(
  place: OutputPlace,
  pieces: AsyncIterable<string>,
  signal?: AbortSignal,
): Promise<number> {
  if ("write" in place) return writeStream(place, pieces, signal);
  const { path, isStream } = place;
  const partial = isStream ? undefined : `${path}.${RUN_MARK}${PARTIAL}`;
  if (!isStream) sweepLeftovers(dirname(path), (name) => name.endsWith(PARTIAL));
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
    throw unwritable(
      thrown,
      `The file ${path}`,
      "Check that its folder exists, may be written and has room.",
    );
  }
}

const PARTIAL = ".partial";

async function writeStream(
  { name, write }: OpenOutput,
  pieces: AsyncIterable<string>,
  signal?: AbortSignal,
): Promise<number> {
  let bytes = 0;
  for await (const piece of pieces) {
    signal?.throwIfAborted();
    await write(piece).catch((thrown: unknown) => {
      throw unwritable(
        thrown,
        name,
        "What was written is not whole: the program that reads it must read to the end.",
      );
    });
    bytes += Buffer.byteLength(piece);
  }
  return bytes;
}

/** Where an export is written. */
export type OutputPlace = FilePlace | OpenOutput;

export interface FilePlace {
  /** Behind a symbolic link, what the link leads to. */
  readonly path: string;
  /** True for a pipe or a device, which is written into and never replaced. */
  readonly isStream: boolean;
}

/** A stream that is open already. */
export interface OpenOutput {
  /** As messages call it. */
  readonly name: string;
  /** Ends when there is room for the next piece. */
  readonly write: (piece: string) => Promise<void>;
}

/** A file by its path, or a stream that is open already. */
export type TextSource = string | OpenInput;

export interface OpenInput {
  /** As messages call it. */
  readonly name: string;
  readonly pieces: AsyncIterable<Uint8Array | string>;
}

/** How messages and reports call what is read or written. */
export function nameOf(place: string | { readonly name: string }): string {
  return typeof place === "string" ? place : place.name;
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
 * The lines of a file one after the other, unpacked when its first bytes are those of a packed one. A packed file that
 * was cut off gives what can be unpacked of it.
 * @throws KnowledgeError `not_found`, `invalid_input`, `unavailable` or `unsupported`; `corrupt` where it is damaged.
 */
export async function* readLines(
  source: TextSource,
  onRead: (bytes: number) => void = () => undefined,
  longest = LONGEST_LINE,
): AsyncGenerator<FileLine, void> {
  if (typeof source === "string") await requireFile(source);
  const name = nameOf(source);
  let rest: Buffer[] = [];
  let held = 0;
  let number = 0;
  try {
    for await (const bytes of unpacked(piecesOf(source, onRead))) {
      let start = 0;
      for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
        number += 1;
        yield { number, bytes: Buffer.concat([...rest, bytes.subarray(start, end)]), ended: true };
        [rest, held, start] = [[], 0, end + 1];
      }
      rest.push(bytes.subarray(start));
      held += bytes.length - start;
      if (held > longest) throw endless(name, number + 1);
    }
  } catch (thrown) {
    throw unreadable(thrown, name, number + 1);
  }
  if (held > 0) yield { number: number + 1, bytes: Buffer.concat(rest), ended: false };
}

async function* piecesOf(source: TextSource, onRead: (bytes: number) => void): AsyncGenerator<Buffer, void> {
  const isPath = typeof source === "string";
  for await (const piece of isPath ? createReadStream(source, { highWaterMark: 1 << 18 }) : source.pieces) {
    const bytes = Buffer.from(piece);
    onRead(bytes.length);
    yield bytes;
  }
}

/** As many bytes as tell how a file is packed. */
const MARK_BYTES = 4;

async function* unpacked(pieces: AsyncGenerator<Buffer, void>): AsyncGenerator<Buffer, void> {
  let head = Buffer.alloc(0);
  while (head.length < MARK_BYTES) {
    const step = await pieces.next();
    if (step.done === true) break;
    head = Buffer.concat([head, step.value]);
  }
  async function* whole(): AsyncGenerator<Buffer, void> {
    yield head;
    yield* pieces;
  }
  const unpacking = unpackerOf(head);
  if (unpacking === undefined) yield* whole();
  else for await (const piece of joined(whole, unpacking, () => undefined)) yield Buffer.from(piece);
}

/** Size of the file in bytes, as it lies on disk. */
export async function sizeOfFile(path: string): Promise<number> {
  return (await stat(path)).size;
}

function packerOf(path: string): Transform | undefined {
  if (/\.gz$/i.test(path)) return zlib.createGzip();
  return /\.zst$/i.test(path) ? zstd("createZstdCompress") : undefined;
}

/** By the first bytes of gzip (RFC 1952) and zstd (RFC 8878). */
function unpackerOf(head: Buffer): Transform | undefined {
  // Flushes what there is where the file ends too early, instead of failing.
  if (isMarked(head, [0x1f, 0x8b])) return zlib.createGunzip({ finishFlush: zlib.constants.Z_SYNC_FLUSH });
  return isMarked(head, [0x28, 0xb5, 0x2f, 0xfd]) ? zstd("createZstdDecompress") : undefined;
}

function isMarked(head: Buffer, mark: readonly number[]): boolean {
  return mark.every((byte, at) => head[at] === byte);
}

function zstd(name: "createZstdCompress" | "createZstdDecompress"): Transform {
  const make: unknown = Reflect.get(zlib, name);
  if (typeof make === "function") return make();
  throw new KnowledgeError(
    "unsupported",
    `This Node.js (${process.version}) has no zstd for files that are packed with it.`,
    {
      hint: "Use gzip (a name ending in .gz), or Node.js 22.15 or newer.",
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

function endless(name: string, line: number): KnowledgeError {
  return new KnowledgeError("corrupt", `Line ${line} of ${name} does not end.`, {
    hint: "Give a file that `aiknowsys export-db` wrote.",
  });
}

function unwritable(thrown: unknown, what: string, hint: string): unknown {
  const code = codeOf(thrown);
  if (code === undefined || thrown instanceof KnowledgeError || code === "ABORT_ERR") return thrown;
  return new KnowledgeError("unavailable", `${what} cannot be written (${code}).`, { hint, cause: thrown });
}

function unreadable(thrown: unknown, name: string, line: number): unknown {
  const code = codeOf(thrown);
  if (code === undefined || thrown instanceof KnowledgeError) return thrown;
  if (code.startsWith("Z") || code.startsWith("ERR_ZSTD")) {
    return new KnowledgeError("corrupt", `${name} cannot be unpacked beyond line ${line}.`, {
      hint: "The file is damaged; take another copy of it.",
      cause: thrown,
    });
  }
  return new KnowledgeError("unavailable", `${name} cannot be read (${code}).`, {
    hint: "Check its permissions.",
    cause: thrown,
  });
}

function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && "code" in thrown ? String(thrown.code) : undefined;
}
