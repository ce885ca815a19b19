import { asKnowledgeError, KnowledgeError } from "../domain/error.ts";
import type { ReportItem } from "../domain/report.ts";
import { RECORD_KINDS } from "../domain/transfer-record.ts";
import { type FileLine, nameOf, readLines, sizeOfFile, type TextSource } from "./compressed-file.ts";
import { LineCount, type ParsedLine, parseLine, requireHeader, type Trailer } from "./record-lines.ts";

/** A record of an export, or what is wrong with its line. */
export interface ExportLine {
  readonly line: number;
  readonly said: Exclude<ParsedLine, { readonly is: "end" }>;
  /** Bytes of the line. */
  readonly length: number;
}

/** How an export ended. */
export interface ExportEnd {
  /** Where the file ends too early or cannot be read on. */
  readonly cut: { readonly line: number; readonly reason: string } | undefined;
  /** Where the trailer says something else than the lines before it. */
  readonly faults: readonly ReportItem[];
  readonly warnings: readonly ReportItem[];
}

/**
 * The records of an export one by one, then how it ended.
 * @throws KnowledgeError `not_found`, `invalid_input` for what is no export, `unsupported` for a later format.
 */
export async function* readExport(
  source: TextSource,
  onProgress?: (done: number, total: number) => void,
): AsyncGenerator<ExportLine, ExportEnd> {
  const lines = readLines(source, await progressOf(source, onProgress));
  const place = { line: 1 };
  try {
    const first = await lines.next();
    requireHeader(first.done === true ? undefined : textOf(first.value), nameOf(source));
    return yield* readBody(lines, place);
  } catch (thrown) {
    const error = asKnowledgeError(thrown);
    if (error.code !== "corrupt") throw error;
    return cutAt(place.line + 1, error.message);
  } finally {
    await lines.return();
  }
}

/** @param place the last line that was read whole */
async function* readBody(
  lines: AsyncGenerator<FileLine>,
  place: { line: number },
): AsyncGenerator<ExportLine, ExportEnd> {
  const count = new LineCount();
  const oddities = new Oddities();
  for await (const { number, bytes, ended } of unclosed(lines)) {
    const text = textOf({ bytes });
    if (oddities.isBlank(text)) continue;
    const own = oddities.withoutForeignEnd(bytes);
    const said: ParsedLine = text === undefined ? NOT_UTF8 : parseLine(text);
    if (said.is === "end") return endOf(said.trailer, count, lines, oddities);
    if (said.is === "fault" && !ended) return cutAt(number, "the file ends in the middle of this line");
    place.line = number;
    const kind = said.is === "record" ? said.record.record : said.kind;
    if (kind !== undefined) count.add(kind, own);
    yield { line: number, said, length: bytes.length };
  }
  return cutAt(place.line + 1, "the file ends before its last line, which gives counts and hashes");
}

const CARRIAGE_RETURN = 13;

/** What an editor or a transfer made of a file, which takes nothing from what it says. */
class Oddities {
  #hasForeignEnds = false;
  #blank = 0;

  /** Counts it, too. */
  isBlank(text: string | undefined): boolean {
    if (text === "") this.#blank += 1;
    return text === "";
  }

  /** The line as its writer counted it. */
  withoutForeignEnd(bytes: Uint8Array): Uint8Array {
    if (bytes.at(-1) !== CARRIAGE_RETURN) return bytes;
    this.#hasForeignEnds = true;
    return bytes.subarray(0, -1);
  }

  *warnings(): Generator<ReportItem> {
    if (this.#hasForeignEnds)
      yield {
        item: "file",
        reason: "has the line ends of another system (CRLF), which were read as its own",
      };
    if (this.#blank > 0)
      yield { item: "file", reason: `has blank lines (${this.#blank}), which were passed over` };
  }
}

/** Leaving a loop over it does not end it. */
function unclosed<Item>(generator: AsyncGenerator<Item>): AsyncIterable<Item> {
  return { [Symbol.asyncIterator]: () => ({ next: () => generator.next() }) };
}

const NOT_UTF8: ParsedLine = { is: "fault", item: "line", reason: "is not UTF-8 text" };

function cutAt(line: number, reason: string): ExportEnd {
  return { cut: { line, reason }, faults: [], warnings: [] };
}

/** `undefined` for what is no UTF-8. */
function textOf({ bytes }: Pick<FileLine, "bytes">): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).trim();
  } catch {
    return undefined;
  }
}

async function endOf(
  trailer: Trailer | undefined,
  count: LineCount,
  lines: AsyncGenerator<FileLine>,
  oddities: Oddities,
): Promise<ExportEnd> {
  let beyond = await lines.next();
  while (beyond.done !== true && oddities.isBlank(textOf(beyond.value))) beyond = await lines.next();
  const warnings = [...oddities.warnings()];
  const surplus: readonly ReportItem[] =
    beyond.done === true
      ? []
      : [{ item: "line", reason: "stands after the end and was not read", line: beyond.value.number }];
  if (trailer === undefined) return { cut: undefined, faults: surplus, warnings: [UNCOUNTED, ...warnings] };
  return { cut: undefined, faults: [...trailerFaults(trailer, count.trailer()), ...surplus], warnings };
}

const UNCOUNTED: ReportItem = {
  item: "file",
  reason: "has no counts and hashes in its last line: whether lines are missing cannot be told",
};

function trailerFaults(said: Trailer, read: Trailer): readonly ReportItem[] {
  return RECORD_KINDS.flatMap((kind): readonly ReportItem[] => {
    const [lines, counted] = [read.counts[kind] ?? 0, said.counts[kind] ?? 0];
    if (lines !== counted) {
      return [{ item: kind, reason: `lines: ${lines} are here, but the last line counts ${counted}` }];
    }
    if (said.hashes[kind] === read.hashes[kind]) return [];
    return [{ item: kind, reason: "lines were changed since the export: they have another hash" }];
  });
}

async function progressOf(path: TextSource, onProgress: ((done: number, total: number) => void) | undefined) {
  // How much is to come of a stream is not known.
  if (onProgress === undefined || typeof path !== "string") return undefined;
  const total = await sizeOfFile(path).catch((cause: unknown) => {
    throw new KnowledgeError("not_found", `There is no file ${path}.`, { hint: "Check the path.", cause });
  });
  let done = 0;
  return (bytes: number) => {
    done += bytes;
    onProgress(done, total);
  };
}
