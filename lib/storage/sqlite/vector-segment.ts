import { KnowledgeError } from "../../domain/error.ts";
import { roundedToBlock, type SlotColumns } from "./vector-memory.ts";
import { ROTATION_VERSION } from "./vector-rotation.ts";

const MAGIC = 0x53564b41; // "AKVS", little-endian
const FORMAT_VERSION = 2;
const HEADER_BYTES = 32;
const SUM_WORD = 5;
const FACT_BYTES = 8 + 4 + 4;

/**
 * A segment as one blob: header of eight uint32 (magic, format, rotation, dimensions, slots, check sum, 0,
 * 0), dates, ids, meta, codes in blocks; all little-endian.
 */
export function renderSegment(segment: SlotColumns, dimensions: number): Uint8Array {
  const count = segment.ids.length;
  const bytes = new Uint8Array(HEADER_BYTES + count * FACT_BYTES + segment.codes.length);
  new Float64Array(bytes.buffer, HEADER_BYTES, count).set(segment.dates);
  new Uint32Array(bytes.buffer, HEADER_BYTES + count * 8, count).set(segment.ids);
  new Uint32Array(bytes.buffer, HEADER_BYTES + count * 12, count).set(segment.meta);
  bytes.set(segment.codes, HEADER_BYTES + count * FACT_BYTES);
  const header = new Uint32Array(bytes.buffer, 0, HEADER_BYTES / 4);
  header.set([MAGIC, FORMAT_VERSION, ROTATION_VERSION, dimensions, count]);
  header[SUM_WORD] = checkSum(new Uint32Array(bytes.buffer));
  return bytes;
}

/**
 * Reads what {@link renderSegment} wrote.
 * @throws KnowledgeError `corrupt` for a blob that is damaged, cut off, or made for other codes than these.
 */
export function parseSegment(blob: Uint8Array, dimensions: number, codeBytes: number): SlotColumns {
  if (blob.length < HEADER_BYTES || blob.length % 4 !== 0) throw damaged("is cut off");
  const bytes = new Uint8Array(blob); // a copy that begins at an aligned address
  const words = new Uint32Array(bytes.buffer);
  const [magic, format, rotation, wide, count = 0, sum] = words;
  if (magic !== MAGIC) throw damaged("does not begin like a segment");
  if (format !== FORMAT_VERSION || rotation !== ROTATION_VERSION) {
    throw damaged("was written by another version");
  }
  if (wide !== dimensions) throw damaged(`holds vectors of ${wide} dimensions, not ${dimensions}`);
  if (bytes.length !== HEADER_BYTES + count * FACT_BYTES + roundedToBlock(count) * codeBytes) {
    throw damaged("has another length than its header says");
  }
  words[SUM_WORD] = 0;
  if (sum !== checkSum(words)) throw damaged("does not match its check sum");
  return {
    dates: new Float64Array(bytes.buffer, HEADER_BYTES, count),
    ids: new Uint32Array(bytes.buffer, HEADER_BYTES + count * 8, count),
    meta: new Uint32Array(bytes.buffer, HEADER_BYTES + count * 12, count),
    codes: bytes.subarray(HEADER_BYTES + count * FACT_BYTES),
  };
}

/** FNV-1a over 32-bit words instead of bytes: any change of one word shows, at a gigabyte a second. */
function checkSum(words: Uint32Array): number {
  let sum = 0x811c9dc5;
  for (let at = 0; at < words.length; at++) sum = Math.imul(sum ^ (words[at] ?? 0), 0x01000193);
  return sum >>> 0;
}

function damaged(what: string): KnowledgeError {
  return new KnowledgeError("corrupt", `A sealed segment of vector codes ${what}.`, {
    hint: "Nothing is lost: drop the segments and load the codes from their rows; `aiknowsys doctor --fix` does so.",
  });
}
