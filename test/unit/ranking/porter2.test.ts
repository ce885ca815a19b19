import { describe, expect, test } from "vitest";
import { porter2 } from "../../../lib/ranking/porter2.ts";

/** Words of ours with the stems that the published Snowball implementation gives them. */
const STEMS: readonly (readonly [string, string])[] = [
  ["caresses", "caress"],
  ["cries", "cri"],
  ["ties", "tie"],
  ["gas", "gas"],
  ["gaps", "gap"],
  ["kiwis", "kiwi"],
  ["agreed", "agre"],
  ["feed", "feed"],
  ["hopping", "hop"],
  ["hoping", "hope"],
  ["luxuriated", "luxuri"],
  ["migrating", "migrat"],
  ["migration", "migrat"],
  ["indexes", "index"],
  ["indices", "indic"],
  ["querying", "queri"],
  ["queries", "queri"],
  ["say", "say"],
  ["enjoyment", "enjoy"],
  ["generational", "generat"],
  ["generously", "generous"],
  ["relational", "relat"],
  ["hopefulness", "hope"],
  ["darkly", "dark"],
  ["apology", "apolog"],
  ["analogies", "analog"],
  ["replacement", "replac"],
  ["adoption", "adopt"],
  ["connections", "connect"],
  ["controllable", "control"],
  ["skies", "sky"],
  ["dying", "die"],
  ["news", "news"],
  ["succeeded", "succeed"],
  ["communism", "communism"],
  ["by", "by"],
  ["bee", "bee"],
  ["rate", "rate"],
  ["rolling", "roll"],
  ["formative", "format"],
];

describe("porter2", () => {
  test.each(STEMS)("stems %s to %s", (word, stem) => {
    expect(porter2(word)).toBe(stem);
  });
});
