import { readFileSync } from "node:fs";
import * as z from "zod";

const tokenizerSchema = z.object({ model: z.object({ vocab: z.record(z.string(), z.number()) }) });

/** The word pieces of the built embedding model, by their number. */
export function readModelVocabulary(): readonly string[] {
  const path = new URL("../../model/all-MiniLM-L6-v2/tokenizer.json", import.meta.url);
  const { vocab } = tokenizerSchema.parse(JSON.parse(readFileSync(path, "utf8"))).model;
  return Object.entries(vocab)
    .sort(([, a], [, b]) => a - b)
    .map(([piece]) => piece);
}
