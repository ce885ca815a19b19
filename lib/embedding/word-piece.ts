import { splitWords } from "./words.ts";

const MAX_WORD_CHARACTERS = 100;
const CACHED_WORDS = 20_000;

/** A text is read no further than this for each token wanted, so that a huge one costs no more than a long one. */
const CHARACTERS_PER_TOKEN = 256;

/** Turns text into the numbers a model reads. */
export interface Tokenizer {
  /**
   * Token ids with the start and end mark, at most `limit` in all; what lies beyond is cut.
   * Marks written out in the text ("[SEP]") are read as ordinary characters.
   */
  encode(text: string, limit: number): readonly number[];
}

interface Vocabulary {
  readonly ids: ReadonlyMap<string, number>;
  readonly unknown: number;
  readonly start: number;
  readonly end: number;
}

/**
 * The uncased WordPiece tokenizer of BERT (Devlin et al. 2019): longest match first, continuations marked `##`.
 * @param tokenizer the parsed tokenizer.json
 */
export function wordPieceTokenizer(tokenizer: unknown): Tokenizer {
  const vocabulary = readVocabulary(tokenizer);
  const cache = new Map<string, readonly number[]>();
  const piecesOf = (word: string): readonly number[] => {
    const known = cache.get(word);
    if (known !== undefined) return known;
    const pieces = splitWord(word, vocabulary);
    if (cache.size < CACHED_WORDS) cache.set(word, pieces);
    return pieces;
  };
  return {
    encode(text, limit) {
      const ids = [vocabulary.start];
      for (const word of splitWords(text.slice(0, limit * CHARACTERS_PER_TOKEN))) {
        ids.push(...piecesOf(word));
        if (ids.length >= limit) break;
      }
      ids.length = Math.min(ids.length, limit - 1);
      ids.push(vocabulary.end);
      return ids;
    },
  };
}

function splitWord(word: string, { ids, unknown }: Vocabulary): readonly number[] {
  const characters = [...word];
  if (characters.length > MAX_WORD_CHARACTERS) return [unknown];
  const pieces: number[] = [];
  let from = 0;
  while (from < characters.length) {
    const piece = longestPiece(characters, from, ids);
    if (piece === undefined) return [unknown];
    pieces.push(piece.id);
    from = piece.to;
  }
  return pieces;
}

function longestPiece(
  characters: readonly string[],
  from: number,
  ids: ReadonlyMap<string, number>,
): { readonly id: number; readonly to: number } | undefined {
  const mark = from === 0 ? "" : "##";
  for (let to = characters.length; to > from; to--) {
    const id = ids.get(mark + characters.slice(from, to).join(""));
    if (id !== undefined) return { id, to };
  }
  return undefined;
}

function readVocabulary(tokenizer: unknown): Vocabulary {
  const ids = new Map(Object.entries(vocabularyOf(tokenizer)));
  const idOf = (mark: string): number => {
    const id = ids.get(mark);
    if (id === undefined) throw new Error(`The tokenizer's vocabulary lacks ${mark}.`);
    return id;
  };
  return { ids, unknown: idOf("[UNK]"), start: idOf("[CLS]"), end: idOf("[SEP]") };
}

function vocabularyOf(tokenizer: unknown): Readonly<Record<string, number>> {
  // SAFETY: only optional members are claimed, and what is found is checked before it is used.
  const vocabulary = (tokenizer as { readonly model?: { readonly vocab?: unknown } } | null)?.model?.vocab;
  if (typeof vocabulary !== "object" || vocabulary === null) {
    throw new Error("The tokenizer file holds no vocabulary.");
  }
  // SAFETY: tokenizer.json is made by our build, its vocabulary maps pieces to ids.
  return vocabulary as Readonly<Record<string, number>>;
}
