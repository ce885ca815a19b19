import { expect, it } from "vitest";
import { chunkDraft } from "../../helpers/store.ts";
import { embedAll, openStore, type PassageStoreForTests, SPACE, vectorOf } from "./passage-store.ts";

function nearest({ all, project }: PassageStoreForTests) {
  const request = { projects: [project], space: SPACE, vector: vectorOf(3), filter: {}, limit: 50 };
  return all.search.byVector(request).hits;
}

function segments({ db }: PassageStoreForTests): readonly unknown[] {
  return db.prepare("SELECT vectors FROM vector_segments ORDER BY last_id").raw().flat();
}

function openEmbedded(passages: number) {
  const store = openStore();
  const owners = store.put(...Array.from({ length: passages }, (_, i) => [chunkDraft(`puffin ${i}`)]));
  embedAll(store);
  return { store, owners };
}

it("seals codes when the janitor comes, and answers alike from segments and from rows", () => {
  const { store } = openEmbedded(300);
  const fromRows = nearest(store);
  expect(segments(store)).toEqual([]);
  store.all.janitor();
  expect(segments(store)).toEqual([300]);
  store.put([chunkDraft("puffin late")]);
  embedAll(store);
  const fromSegments = nearest(openStore(store));
  expect(fromSegments).toEqual(nearest(store));
  expect(fromSegments.slice(0, 5)).not.toEqual([]);
  expect(fromRows).toHaveLength(50);
  store.all.janitor();
  expect(segments(store)).toEqual([300]);
});

it("seals while vectors come in, once thousands wait", () => {
  const { store } = openEmbedded(4_200);
  expect(segments(store)).toHaveLength(1);
  expect(nearest(openStore(store))).toEqual(nearest(store));
});

it("reads rows where a segment is damaged", () => {
  const { store } = openEmbedded(300);
  store.all.janitor();
  const before = nearest(store);
  store.db.exec("UPDATE vector_segments SET body = x'00112233'");
  expect(nearest(openStore(store))).toEqual(before);
});

it("seals anew where much of what was sealed is deleted", () => {
  const { store, owners } = openEmbedded(700);
  store.all.janitor();
  expect(segments(store)).toEqual([700]);
  store.immediate(() => {
    for (const owner of owners.slice(0, 300)) store.all.passages.replace(store.project, "event", owner, []);
    store.all.passages.flush();
  });
  const before = nearest(store);
  store.all.janitor();
  expect(segments(store)).toEqual([400]);
  expect(nearest(openStore(store))).toEqual(before);
});
