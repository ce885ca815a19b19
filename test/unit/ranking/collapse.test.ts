import { expect, test } from "vitest";
import { collapse } from "../../../lib/ranking/collapse.ts";

const passage = (owner: string, ordinal: number, score: number) => ({ owner, ordinal, score });

test("gives each document the score and passage of its best one, best document first", () => {
  const found = [
    passage("b", 0, 2),
    passage("a", 0, 1),
    passage("b", 1, 4),
    passage("a", 1, 3),
    passage("b", 2, 4),
  ];
  expect(collapse(found, ({ owner }) => owner)).toEqual([
    { key: "b", score: 4, best: passage("b", 1, 4) },
    { key: "a", score: 3, best: passage("a", 1, 3) },
  ]);
});

test("keeps the order of the passages among equal documents", () => {
  const found = [passage("z", 0, 1), passage("a", 0, 1)];
  expect(collapse(found, ({ owner }) => owner).map(({ key }) => key)).toEqual(["z", "a"]);
});
