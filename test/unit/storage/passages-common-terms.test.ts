import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bm25 } from "../../../lib/ranking/bm25.ts";
import { chunkDraft, makeTempFolder } from "../../helpers/store.ts";
import { openStore, type PassageStoreForTests } from "./passage-store.ts";

const PASSAGES = 13_200;
const { folder, remove } = makeTempFolder();
const releases: (() => void)[] = [];
let store: PassageStoreForTests;

/** Four in five passages have `sea`; the first, which is the oldest, has most of it and is short. */
function textOf(i: number): string {
  if (i === 0) return "sea sea sea sea kraken";
  const words = Array.from({ length: i % 5 === 4 ? 0 : 1 + (i % 3) }, () => "sea");
  words.push(i % 7 === 0 ? "sand" : "salt");
  if (i % 2 === 0) words.push("wind");
  if (i % 80 === 0) words.push("whale", ...Array.from({ length: i % 3 }, () => "blubber"));
  if (i % 3_000 === 0) words.push("kraken");
  return words.join(" ");
}

const texts = Array.from({ length: PASSAGES }, (_, i) => textOf(i));
const words = texts.map((text) => text.split(" "));
const averageLength = words.reduce((sum, { length }) => sum + length, 0) / PASSAGES;

beforeAll(() => {
  store = openStore({ file: join(folder, "knowledge.db") }, (work) => releases.push(work));
  store.put(...texts.map((text) => [chunkDraft(text)]));
}, 120_000);

afterAll(() => {
  for (const release of releases) release();
  remove();
});

function search(query: string, limit = 1_000) {
  const terms = query.split(" ").map((term) => ({ term, weight: 1 }));
  const answer = store.all.search.byWords({ projects: [store.project], terms, filter: {}, limit });
  const passages = store.all.chunks.byIds(answer.hits.map(({ chunk }) => chunk));
  return { ...answer, passages: passages.map(({ text }) => text) };
}

/** The scores of the passages that hold one of `among`, over all words of the query, best first. */
function naive(query: string, among: readonly string[]): number[] {
  const terms = query.split(" ").map((term) => ({
    term,
    df: words.filter((own) => own.includes(term)).length,
  }));
  const scoreOf = (own: readonly string[]) =>
    terms.reduce((sum, { term, df }) => {
      const tf = own.filter((word) => word === term).length;
      return sum + bm25({ tf, df, n: PASSAGES, length: own.length, averageLength });
    }, 0);
  return words
    .filter((own) => among.some((term) => own.includes(term)))
    .map(scoreOf)
    .sort((a, b) => b - a);
}

it.each([
  ["by the index", "whale sea"],
  ["in the rows of few candidates", "whale sea salt"],
  ["beside a middling one", "wind sea salt"],
])("scores common words exactly among the passages that rarer words brought, %s", (_, query) => {
  const { hits, degraded } = search(query);
  const expected = naive(
    query,
    ["whale", "wind"].filter((term) => query.includes(term)),
  );
  expect(degraded).toBeNull();
  expect(hits).toHaveLength(Math.min(1_000, expected.length));
  for (const [i, { score }] of hits.entries()) expect(score).toBeCloseTo(expected[i] ?? 0, 5);
});

it("reads a common word alone from the newest passages on and says so", () => {
  const { passages, degraded } = search("sea");
  expect(degraded).toBe("bounded");
  const [best = 0, second = 0] = naive("sea", ["sea"]);
  expect(best).toBeGreaterThan(second + 0.01);
  expect(passages).toHaveLength(1_000);
  expect(passages).not.toContain(texts[0]);
});

it("scores what a rare word brought exactly even where the common one is read in part", () => {
  const { hits, degraded, passages } = search("kraken sea");
  expect(degraded).toBe("bounded");
  expect(passages).toContain(texts[0]);
  const expected = naive("kraken sea", ["kraken"]);
  for (const [i, score] of expected.entries()) expect(hits[i]?.score).toBeCloseTo(score, 5);
});

it("takes no older passages for candidates that only common words share", () => {
  const { hits } = search("kraken sea salt", 20_000);
  const seas = words.flatMap((own, i) => (own.includes("sea") ? [i] : []));
  const oldest = seas.at(-10_000) ?? 0;
  const candidates = words.filter((own, i) => (own.includes("sea") && i >= oldest) || own.includes("kraken"));
  expect(hits).toHaveLength(candidates.length);
});
