import { expect, it } from "vitest";
import { chunkDraft, nextRowId } from "../../helpers/store.ts";
import { embedAll, openStore, type PassageStoreForTests, SPACE, vectorOf } from "./passage-store.ts";

function found({ all, project }: PassageStoreForTests, term: string): string[] {
  const request = { projects: [project], terms: [{ term, weight: 1 }], filter: {}, limit: 100 };
  const { hits } = all.search.byWords(request);
  return all.chunks.byIds(hits.map(({ chunk }) => chunk)).map(({ text }) => text);
}

function nearest({ all, project }: PassageStoreForTests, seed: number, limit = 100): number[] {
  const request = { projects: [project], space: SPACE, vector: vectorOf(seed), filter: {}, limit };
  return all.search.byVector(request).hits.map(({ chunk }) => chunk);
}

it("sees what another connection wrote, replaced, hid and removed since it searched last", () => {
  const mine = openStore();
  const theirs = openStore(mine);
  const [kept, replaced, hidden, removed] = mine.put(
    ...["gull one", "gull two", "gull three", "gull four"].map((text) => [chunkDraft(text)]),
  );
  for (let i = 0; i < 3; i++) expect(found(theirs, "gull")).toHaveLength(4);
  embedAll(mine);
  expect(nearest(theirs, 1)).toHaveLength(4);
  mine.replace(replaced ?? nextRowId(), [chunkDraft("gull five")]);
  mine.replace(removed ?? nextRowId(), []);
  mine.immediate(() => {
    mine.all.passages.hide(mine.project, "event", hidden ?? nextRowId());
    mine.all.passages.flush();
  });
  mine.put([chunkDraft("gull six")]);
  expect(found(theirs, "gull").sort()).toEqual(["gull five", "gull one", "gull six"]);
  const [one] = theirs.all.chunks.ofRow(mine.project, "event", kept ?? nextRowId());
  expect(nearest(theirs, 1)).toEqual([one?.id]);
  embedAll(mine);
  expect(nearest(theirs, 1)).toHaveLength(3);
});

it("finds the best that are left when another connection removed the nearest", () => {
  const mine = openStore();
  const theirs = openStore(mine);
  mine.put(...Array.from({ length: 2_400 }, (_, i) => [chunkDraft(`tern ${i}`)]));
  embedAll(mine);
  const ranked = nearest(theirs, 7, 2_400);
  const owners = theirs.all.chunks.byIds(ranked.slice(0, 390)).map(({ owner }) => owner);
  mine.immediate(() => {
    for (const owner of owners) mine.all.passages.replace(mine.project, "event", owner, []);
    mine.all.passages.flush();
  });
  expect(nearest(theirs, 7, 10)).toEqual(nearest(openStore(mine), 7, 10));
  expect(nearest(theirs, 7, 10)).toHaveLength(10);
});

it("does not remember what was rolled back", () => {
  const store = openStore();
  const attempt = () =>
    store.immediate(
      () => {
        store.all.passages.replace(store.project, "event", nextRowId(), [chunkDraft("phantom")]);
        throw new Error("no");
      },
      () => store.all.passages.discard(),
    );
  expect(attempt).toThrow();
  expect(found(store, "phantom")).toEqual([]);
  store.put([chunkDraft("real")]);
  expect(found(store, "real")).toEqual(["real"]);
  expect(store.all.check().filter(({ what }) => !what.includes("row that is gone"))).toEqual([]);
});
