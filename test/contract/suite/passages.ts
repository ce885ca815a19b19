import { expect, it } from "vitest";
import type { ProjectId, RowId } from "../../../lib/domain/ids.ts";
import type { SpaceIdentity } from "../../../lib/storage/contract/passages.ts";
import type { ChunkDraft } from "../../../lib/storage/contract/writes.ts";
import {
  changed,
  chunkDraft,
  context,
  eventDraft,
  newProject,
  planDraft,
  write,
} from "../../helpers/store.ts";
import type { Store } from "./describe-storage.ts";

let spaces = 0;

/** A space that no other test has. */
function newSpace(dimensions = 4): SpaceIdentity {
  spaces += 1;
  return { model: `model ${spaces}`, revision: "1", dimensions, pooling: "mean", normalised: true };
}

function unit(...numbers: readonly number[]): Float32Array {
  const norm = Math.hypot(...numbers);
  return Float32Array.from(numbers, (number) => number / norm);
}

export function describePassages(store: Store): void {
  /** Writes a new plan with these passages and returns its id. */
  async function planWith(project: ProjectId, chunks: readonly ChunkDraft[]): Promise<RowId> {
    const draft = planDraft(project);
    await store().transaction(context(project), [write(draft, { chunks })]);
    return draft.row.id;
  }

  /** Passages that are owed a vector, in one list however small the steps. */
  function owedTexts(project: ProjectId, space: SpaceIdentity) {
    return store()
      .chunks.owed([project], space, 100)
      .then((chunks) => chunks.map(({ text }) => text));
  }

  async function embed(project: ProjectId, space: SpaceIdentity, vector = unit(1, 0, 0, 0)): Promise<number> {
    const owed = await store().chunks.owed([project], space, 100);
    const vectors = owed.map(({ id, textHash }) => ({ chunk: id, textHash, embedding: vector }));
    return store().chunks.putVectors(space, vectors);
  }

  it("keeps a row's passages by ordinal and gives them back by id, in the order asked for", async () => {
    const project = await newProject(store());
    const drafts = [chunkDraft("second", { ordinal: 1 }), chunkDraft("first", { heading: "Title › Part" })];
    const id = await planWith(project, drafts);
    const [first, second] = await store().chunks.ofRow(project, "plan", id);
    expect(first).toMatchObject({ project, kind: "plan", owner: id, ordinal: 0, heading: "Title › Part" });
    expect(first).toMatchObject({ text: "first", textHash: drafts[1]?.textHash, date: drafts[1]?.date });
    expect(second).toMatchObject({ ordinal: 1, text: "second" });
    const [a, b] = [first?.id ?? 0, second?.id ?? 0];
    expect(await store().chunks.byIds([b, 987_654_321, a])).toEqual([second, first]);
    expect(await store().chunks.ofRow(project, "session", id)).toEqual([]);
    expect(await store().chunks.byIds([])).toEqual([]);
  });

  it("replaces what changed, leaves what is equal, and removes what is gone", async () => {
    const project = await newProject(store());
    const draft = planDraft(project);
    const texts = ["stays", "changes", "goes"];
    const chunks = texts.map((text, ordinal) => chunkDraft(text, { ordinal }));
    await store().transaction(context(project), [write(draft, { chunks })]);
    const before = await store().chunks.ofRow(project, "plan", draft.row.id);
    const again = write(changed(draft, { title: "Again" }), {
      operation: "update",
      expectedRevision: 1,
      chunks: [chunkDraft("stays"), chunkDraft("is another", { ordinal: 1 })],
    });
    await store().transaction(context(project), [again]);
    const now = await store().chunks.ofRow(project, "plan", draft.row.id);
    expect(now.map(({ text }) => text)).toEqual(["stays", "is another"]);
    expect(now[0]?.id).toBe(before[0]?.id);
    expect(now[1]?.id).not.toBe(before[1]?.id);
    expect(await store().chunks.byIds(before.map(({ id }) => id))).toEqual([before[0]]);
  });

  it("keeps passages on `keep` and takes them away with a tombstone", async () => {
    const project = await newProject(store());
    const draft = planDraft(project);
    await store().transaction(context(project), [write(draft, { chunks: [chunkDraft("anchor")] })]);
    const kept = changed(draft, { title: "Kept" });
    await store().transaction(context(project), [
      write(kept, { operation: "update", expectedRevision: 1, chunks: "keep" }),
    ]);
    expect(await store().chunks.ofRow(project, "plan", draft.row.id)).toHaveLength(1);
    const gone = changed(draft, { deletedAt: "2026-03-02T00:00:00.000Z" });
    await store().transaction(context(project), [
      write(gone, { operation: "delete", expectedRevision: 2, chunks: "keep" }),
    ]);
    expect(await store().chunks.ofRow(project, "plan", draft.row.id)).toEqual([]);
  });

  it("owes every passage a vector in every space, oldest first, no more than asked for", async () => {
    const project = await newProject(store());
    await planWith(project, [chunkDraft("one"), chunkDraft("two", { ordinal: 1 })]);
    await planWith(project, [chunkDraft("three")]);
    const space = newSpace();
    expect(await owedTexts(project, space)).toEqual(["one", "two", "three"]);
    expect((await store().chunks.owed([project], space, 2)).map(({ text }) => text)).toEqual(["one", "two"]);
    expect(await embed(project, space)).toBe(3);
    expect(await owedTexts(project, space)).toEqual([]);
    expect(await owedTexts(project, newSpace())).toEqual(["one", "two", "three"]);
    await planWith(project, [chunkDraft("four")]);
    expect(await owedTexts(project, space)).toEqual(["four"]);
  });

  it("gives equal texts the vector that one of them has, and owes of several equal ones the first", async () => {
    const project = await newProject(store());
    const space = newSpace();
    await planWith(project, [chunkDraft("same"), chunkDraft("same", { ordinal: 1 })]);
    expect(await owedTexts(project, space)).toEqual(["same"]);
    expect(await embed(project, space)).toBe(1);
    expect(await owedTexts(project, space)).toEqual([]);
    const other = await newProject(store());
    await planWith(other, [chunkDraft("same"), chunkDraft("different", { ordinal: 1 })]);
    expect(await owedTexts(other, space)).toEqual(["different"]);
    expect(await store().chunks.coverage([project, other], space)).toEqual({ chunks: 4, embedded: 3 });
  });

  it("keeps the vector of a passage whose text did not change when its place did", async () => {
    const project = await newProject(store());
    const space = newSpace();
    const draft = planDraft(project);
    const chunks = ["moved", "dropped"].map((text, ordinal) => chunkDraft(text, { ordinal }));
    await store().transaction(context(project), [write(draft, { chunks })]);
    await embed(project, space);
    const next = ["new", "moved"].map((text, ordinal) => chunkDraft(text, { ordinal }));
    await store().transaction(context(project), [
      write(changed(draft, { title: "N" }), { operation: "update", expectedRevision: 1, chunks: next }),
    ]);
    expect(await store().chunks.coverage([project], space)).toEqual({ chunks: 2, embedded: 1 });
    expect(await owedTexts(project, space)).toEqual(["new"]);
  });

  it("passes over vectors of passages that are gone or say something else, and of those that have one", async () => {
    const project = await newProject(store());
    const space = newSpace();
    await planWith(project, [chunkDraft("here")]);
    const [here] = await store().chunks.owed([project], space, 1);
    const [chunk, textHash, embedding] = [here?.id ?? 0, here?.textHash ?? "", unit(1, 2, 3, 4)];
    const put = (vector: { chunk: number; textHash: string }) =>
      store().chunks.putVectors(space, [{ embedding, ...vector }]);
    expect(await put({ chunk: 987_654_321, textHash })).toBe(0);
    expect(await put({ chunk, textHash: "of an earlier text" })).toBe(0);
    expect(await put({ chunk, textHash })).toBe(1);
    expect(await put({ chunk, textHash })).toBe(0);
    expect(await store().chunks.putVectors(space, [])).toBe(0);
  });

  it.each([
    ["too short", Float32Array.of(1, 0)],
    ["not a number", Float32Array.of(1, Number.NaN, 0, 0)],
    ["infinite", Float32Array.of(1, Number.POSITIVE_INFINITY, 0, 0)],
    ["without direction", new Float32Array(4)],
  ])("refuses a vector that is %s", async (_, embedding) => {
    const project = await newProject(store());
    await planWith(project, [chunkDraft("text")]);
    const space = newSpace();
    const [owed] = await store().chunks.owed([project], space, 1);
    const vector = { chunk: owed?.id ?? 0, textHash: owed?.textHash ?? "", embedding };
    await expect(store().chunks.putVectors(space, [vector])).rejects.toMatchObject({ code: "invalid_input" });
  });

  it("counts coverage per project and over all", async () => {
    const [project, other] = [await newProject(store()), await newProject(store())];
    const space = newSpace();
    expect(await store().chunks.coverage([project], space)).toEqual({ chunks: 0, embedded: 0 });
    await planWith(project, [chunkDraft("covered")]);
    await planWith(other, [chunkDraft("bare")]);
    await embed(project, space);
    expect(await store().chunks.coverage([project], space)).toEqual({ chunks: 1, embedded: 1 });
    expect(await store().chunks.coverage([other], space)).toEqual({ chunks: 1, embedded: 0 });
    expect(await store().chunks.coverage([other], newSpace())).toEqual({ chunks: 1, embedded: 0 });
    const all = await store().chunks.coverage([], space);
    expect(all.embedded).toBe(1);
    expect(all.chunks).toBeGreaterThanOrEqual(2);
  });

  it("leaves no passage behind of a transaction that failed", async () => {
    const project = await newProject(store());
    const [good, bad] = [planDraft(project), eventDraft(project)];
    const failing = store().transaction(context(project), [
      write(good, { chunks: [chunkDraft("phantom")] }),
      write(bad, { expectedRevision: 7 }),
    ]);
    await expect(failing).rejects.toMatchObject({ code: "conflict" });
    expect(await store().chunks.ofRow(project, "plan", good.row.id)).toEqual([]);
    expect(await store().chunks.coverage([project], newSpace())).toEqual({ chunks: 0, embedded: 0 });
    await planWith(project, [chunkDraft("real")]);
    expect(await store().chunks.coverage([project], newSpace())).toEqual({ chunks: 1, embedded: 0 });
    const terms = ["phantom", "real"].map((term) => ({ term, weight: 1 }));
    const { known } = await store().search.byWords({ projects: [project], terms, filter: {}, limit: 5 });
    expect(known).toEqual(["real"]);
  });
}
