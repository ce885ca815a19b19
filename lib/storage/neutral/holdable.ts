import { wellFormed, wellFormedJson } from "../../domain/well-formed.ts";
import type { ChunkDraft, DraftRow } from "../contract/writes.ts";

/** The one rule about characters that an engine cannot hold (RULES 17); text is rarely touched. */
export function holdable(draft: DraftRow): DraftRow {
  return hasForbidden(JSON.stringify(draft.row)) ? wellFormedJson(draft) : draft;
}

export function holdableChunk(chunk: ChunkDraft): ChunkDraft {
  const { heading, text } = chunk;
  return { ...chunk, heading: wellFormed(heading), text: wellFormed(text) };
}

/** JSON.stringify writes U+0000 and lone surrogates as escapes; an escaped backslash before one is harmless here. */
function hasForbidden(json: string): boolean {
  return /\\u(0000|d[89a-f])/.test(json);
}
