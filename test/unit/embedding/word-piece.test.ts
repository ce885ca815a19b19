import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wordPieceTokenizer } from "../../../lib/embedding/word-piece.ts";

const PIECES = [
  "[UNK]",
  "[CLS]",
  "[SEP]",
  "data",
  "##base",
  "##bas",
  "base",
  "##e",
  "un",
  "##s",
  ".",
  "[",
  "]",
  "sep",
];
const VOCABULARY = Object.fromEntries(PIECES.map((piece, id) => [piece, id]));
const tokenizer = wordPieceTokenizer({ model: { vocab: VOCABULARY } });

function piecesOf(text: string, limit = 256): readonly (string | undefined)[] {
  return tokenizer.encode(text, limit).map((id) => PIECES[id]);
}

describe("the WordPiece tokenizer", () => {
  it("takes the longest piece first and marks what continues a word", () => {
    expect(piecesOf("Databases. Base")).toEqual(["[CLS]", "data", "##base", "##s", ".", "base", "[SEP]"]);
  });

  it("makes a word that cannot be pieced together one unknown, however it began", () => {
    expect(piecesOf("dataxyz data")).toEqual(["[CLS]", "[UNK]", "data", "[SEP]"]);
  });

  it("makes a word of more than 100 characters unknown", () => {
    expect(piecesOf(`un${"s".repeat(98)}`)).toHaveLength(101);
    expect(piecesOf(`un${"s".repeat(99)}`)).toEqual(["[CLS]", "[UNK]", "[SEP]"]);
  });

  it("reads marks written in a text as ordinary characters", () => {
    expect(piecesOf("[SEP]")).toEqual(["[CLS]", "[", "sep", "]", "[SEP]"]);
  });

  it("is not misled by words that objects know by themselves", () => {
    expect(piecesOf("constructor __proto__")).not.toContain(undefined);
  });

  it("cuts at the limit, inside a word too, and still ends with the end mark", () => {
    expect(piecesOf("databases databases", 4)).toEqual(["[CLS]", "data", "##base", "[SEP]"]);
    expect(piecesOf("data base", 4)).toEqual(["[CLS]", "data", "base", "[SEP]"]);
  });

  it("never passes the limit and always frames the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 2, max: 40 }), (text, limit) => {
        const pieces = piecesOf(text, limit);
        expect(pieces.length).toBeLessThanOrEqual(limit);
        expect([pieces[0], pieces.at(-1)]).toEqual(["[CLS]", "[SEP]"]);
        expect(pieces.slice(1, -1)).not.toContain("[SEP]");
      }),
    );
  });

  it.each([null, {}, { model: {} }, { model: { vocab: { "[CLS]": 1 } } }])(
    "refuses %j as a tokenizer file",
    (file) => {
      expect(() => wordPieceTokenizer(file)).toThrow(/vocabulary/);
    },
  );
});
