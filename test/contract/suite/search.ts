import fc from "fast-check";
import { expect, it } from "vitest";
import type { ProjectId } from "../../../lib/domain/ids.ts";
import type { SearchFilter } from "../../../lib/domain/search.ts";
import { bm25 } from "../../../lib/ranking/bm25.ts";
import type { Hit, SpaceIdentity } from "../../../lib/storage/contract/passages.ts";
import {
  after,
  changed,
  chunkDraft,
  context,
  eventDraft,
  newProject,
  nextRowId,
  planDraft,
  sessionDraft,
  write,
} from "../../helpers/store.ts";
import type { Store } from "./describe-storage.ts";

const space: SpaceIdentity = { model: "s", revision: "1", dimensions: 4, pooling: "mean", normalised: true };

function terms(text: string) {
  return text.split(" ").map((term) => ({ term, weight: 1 }));
}

function round(score: number): number {
  return Math.round(score * 1e6) / 1e6;
}

/** BM25 of texts from nothing but their words. */
function naiveScores(texts: readonly string[], query: readonly { term: string; weight: number }[]): number[] {
  const words = texts.map((text) => text.split(" "));
  const averageLength = words.reduce((sum, { length }) => sum + length, 0) / texts.length;
  return words.map((own) =>
    query.reduce((sum, { term, weight }) => {
      const tf = own.filter((word) => word === term).length;
      const df = words.filter((other) => other.includes(term)).length;
      return sum + weight * bm25({ tf, df, n: texts.length, length: own.length, averageLength });
    }, 0),
  );
}

export function describeSearch(store: Store): void {
  /** Writes an event with one passage; returns the event's id. */
  async function record(project: ProjectId, text: string, values: EventValues = {}) {
    const { date = after(0), ...row } = values;
    const draft = eventDraft(project, { occurredAt: date, ...row });
    const chunk = chunkDraft(text, {
      date,
      eventType: draft.row.type,
      hidden: row.retractedAt !== undefined,
    });
    await store().transaction(context(project), [write(draft, { chunks: [chunk] })]);
    return draft.row.id;
  }

  function words(projects: readonly ProjectId[], text: string, filter: SearchFilter = {}, limit = 10) {
    return store().search.byWords({ projects, terms: terms(text), filter, limit });
  }

  function nearest(projects: readonly ProjectId[], vector: readonly number[], filter: SearchFilter = {}) {
    const request = { projects, space, vector: Float32Array.from(vector), filter, limit: 10 };
    return store().search.byVector(request);
  }

  /** Gives every owed passage the vector made from its text: four numbers. */
  async function embed(project: ProjectId): Promise<void> {
    const owed = await store().chunks.owed([project], space, 100);
    const vectors = owed.map(({ id, textHash, text }) => {
      const numbers = text.split(" ").slice(0, 4).map(Number);
      const norm = Math.hypot(...numbers);
      return { chunk: id, textHash, embedding: Float32Array.from(numbers, (number) => number / norm) };
    });
    await store().chunks.putVectors(space, vectors);
  }

  const owners = ({ hits }: { readonly hits: readonly Hit[] }) => hits.map(({ owner }) => owner);

  it("ranks by BM25 over the passages of the projects, equal to a plain count of words", async () => {
    const word = fc.constantFrom("a", "b", "c", "d", "e_1", "_0f");
    const text = fc.array(word, { minLength: 1, maxLength: 24 }).map((list) => list.join(" "));
    const term = fc.record({ term: word, weight: fc.constantFrom(1, 0.7, 2) });
    const corpus = fc.array(text, { minLength: 1, maxLength: 12 });
    const query = fc.uniqueArray(term, { minLength: 1, maxLength: 5, selector: (one) => one.term });
    await fc.assert(
      fc.asyncProperty(corpus, query, async (texts, wanted) => {
        const project = await newProject(store());
        const ids = texts.map(() => nextRowId());
        const writes = texts.map((passage, i) =>
          write(eventDraft(project, { id: ids[i] }), { chunks: [chunkDraft(passage)] }),
        );
        await store().transaction(context(project), writes);
        const { hits } = await store().search.byWords({
          projects: [project],
          terms: wanted,
          filter: {},
          limit: 100,
        });
        const scores = naiveScores(texts, wanted);
        const expected = texts
          .flatMap((_, i) => ((scores[i] ?? 0) > 0 ? [{ owner: ids[i], score: scores[i] ?? 0 }] : []))
          .sort((x, y) => round(y.score) - round(x.score) || (String(x.owner) < String(y.owner) ? -1 : 1));
        expect(hits.map(({ owner }) => owner)).toEqual(expected.map(({ owner }) => owner));
        for (const [i, { score }] of hits.entries()) expect(score).toBeCloseTo(expected[i]?.score ?? 0, 5);
      }),
      { numRuns: 30 },
    );
  });

  it("orders equal scores by date, newest first, then by owner, then by ordinal", async () => {
    const project = await newProject(store());
    const first = await record(project, "harbour", { date: after(1) });
    const second = await record(project, "harbour", { date: after(1) });
    const newest = await record(project, "harbour", { date: after(2) });
    const plan = planDraft(project);
    const chunks = [1, 0].map((ordinal) => chunkDraft("harbour", { ordinal, date: after(0) }));
    await store().transaction(context(project), [write(plan, { chunks })]);
    const answer = await words([project], "harbour");
    expect(owners(answer)).toEqual([newest, first, second, plan.row.id, plan.row.id]);
    expect(answer.hits.map(({ ordinal }) => ordinal)).toEqual([0, 0, 0, 0, 1]);
    expect(answer.hits[3]).toMatchObject({ project, kind: "plan", date: after(0) });
    expect(owners(await words([project], "harbour", {}, 2))).toEqual([newest, first]);
  });

  it("says which terms occur at all, and finds nothing for those that do not", async () => {
    const project = await newProject(store());
    await record(project, "rope and anchor");
    expect((await words([project], "anchor kraken rope")).known).toEqual(["anchor", "rope"]);
    expect(await words([project], "kraken")).toEqual({ hits: [], known: [], degraded: null });
    expect(await words([project], "anchor anchor")).toMatchObject({ known: ["anchor"] });
  });

  it("filters by kind, event type and date before it ranks", async () => {
    const project = await newProject(store());
    const bug = await record(project, "sail torn", {
      type: "bug_encountered",
      data: { symptom: "x" },
      date: after(5),
    });
    const note = await record(project, "sail white", { type: "note", data: { text: "x" }, date: after(9) });
    const session = sessionDraft(project);
    await store().transaction(context(project), [
      write(session, { chunks: [chunkDraft("sail away", { date: after(7) })] }),
    ]);
    const found = async (filter: SearchFilter) => owners(await words([project], "sail", filter));
    expect(await found({})).toEqual([note, session.row.id, bug]);
    expect(await found({ kinds: ["event"] })).toEqual([note, bug]);
    expect(await found({ kinds: ["session", "plan"] })).toEqual([session.row.id]);
    expect(await found({ kinds: [] })).toEqual([]);
    expect(await found({ eventTypes: ["bug_encountered"] })).toEqual([bug]);
    expect(await found({ after: after(7) })).toEqual([note, session.row.id]);
    expect(await found({ before: after(7) })).toEqual([bug]);
    expect(await found({ after: after(5), before: after(9), kinds: ["event"] })).toEqual([bug]);
  });

  it("leaves superseded and retracted events out unless asked for", async () => {
    const project = await newProject(store());
    const old = await record(project, "1 0 0 0 mast");
    await embed(project);
    expect(owners(await nearest([project], [1, 0, 0, 0]))).toEqual([old]);
    const replacing = await record(project, "1 0 0 0 mast again", { supersedes: old });
    const retracted = await record(project, "1 0 0 0 mast", { retractedAt: after(3) });
    await embed(project);
    expect(owners(await words([project], "mast"))).toEqual([replacing]);
    expect(owners(await nearest([project], [1, 0, 0, 0]))).toEqual([replacing]);
    const all = { includeSuperseded: true };
    expect(new Set(owners(await words([project], "mast", all)))).toEqual(
      new Set([old, replacing, retracted]),
    );
    expect(new Set(owners(await nearest([project], [1, 0, 0, 0], all)))).toEqual(
      new Set([old, replacing, retracted]),
    );
  });

  it("reads only the projects named, and counts frequencies over them alone", async () => {
    const [mine, theirs] = [await newProject(store()), await newProject(store())];
    const own = await record(mine, "1 0 0 0 tide");
    const [before] = (await words([mine], "tide")).hits;
    const foreign = await record(theirs, "1 0 0 0 tide tide secret");
    await embed(mine);
    await embed(theirs);
    expect((await words([mine], "tide")).hits).toEqual([before]);
    expect((await words([mine], "secret")).known).toEqual([]);
    expect(owners(await nearest([mine], [1, 0, 0, 0]))).toEqual([own]);
    expect(new Set(owners(await words([mine, theirs, mine], "tide")))).toEqual(new Set([own, foreign]));
    expect(owners(await words([mine, theirs, mine], "tide"))).toHaveLength(2);
    expect(await words([], "tide")).toEqual({ hits: [], known: [], degraded: null });
    expect(await nearest([], [1, 0, 0, 0])).toEqual({ hits: [], coverage: 1 });
  });

  it("finds what was replaced by its new words and not by its old ones", async () => {
    const project = await newProject(store());
    const draft = planDraft(project);
    await store().transaction(context(project), [write(draft, { chunks: [chunkDraft("1 0 0 0 galley")] })]);
    await embed(project);
    await nearest([project], [1, 0, 0, 0]);
    const next = [chunkDraft("0 1 0 0 brig")];
    await store().transaction(context(project), [
      write(changed(draft, { title: "B" }), { operation: "update", expectedRevision: 1, chunks: next }),
    ]);
    expect((await words([project], "galley brig")).known).toEqual(["brig"]);
    expect((await nearest([project], [1, 0, 0, 0])).hits).toEqual([]);
    await embed(project);
    const [hit] = (await nearest([project], [1, 0, 0, 0])).hits;
    expect(hit).toMatchObject({ owner: draft.row.id, score: 0 });
  });

  it("ranks by cosine, rounded to a millionth, and says how much is covered", async () => {
    const project = await newProject(store());
    const near = await record(project, "3 1 0 0");
    const far = await record(project, "-1 0 0 0");
    const middle = await record(project, "1 1 0 0");
    await embed(project);
    await record(project, "without a vector");
    const { hits, coverage } = await nearest([project], [2, 0, 0, 0]);
    expect(hits.map(({ owner, score }) => [owner, score])).toEqual([
      [near, round(3 / Math.sqrt(10))],
      [middle, round(Math.SQRT1_2)],
      [far, -1],
    ]);
    expect(coverage).toBe(0.75);
    expect(owners(await nearest([project], [2, 0, 0, 0], { kinds: ["plan"] }))).toEqual([]);
  });

  it("never mixes spaces", async () => {
    const project = await newProject(store());
    await record(project, "1 0 0 0");
    await embed(project);
    const vector = Float32Array.of(1, 0, 0, 0);
    const ask = (other: Partial<SpaceIdentity>) =>
      store().search.byVector({
        projects: [project],
        space: { ...space, ...other },
        vector,
        filter: {},
        limit: 5,
      });
    expect((await ask({})).hits).toHaveLength(1);
    for (const other of [{ model: "t" }, { revision: "2" }, { pooling: "cls" }, { normalised: false }]) {
      expect(await ask(other)).toEqual({ hits: [], coverage: 0 });
    }
    await expect(nearest([project], [1, 0])).rejects.toMatchObject({ code: "invalid_input" });
  });

  it.each(['"', "x OR y", "tide*", "naïve", "NEAR(a b)", "a-b", "", "p1_tide=2"])(
    "refuses %j as a term that no analyser makes",
    async (term) => {
      const project = await newProject(store());
      await record(project, "tide");
      const request = { projects: [project], terms: [{ term, weight: 1 }], filter: {}, limit: 5 };
      await expect(store().search.byWords(request)).rejects.toMatchObject({ code: "invalid_input" });
    },
  );

  it("answers as before after its index was rebuilt", async () => {
    const project = await newProject(store());
    for (const text of ["1 0 0 0 rope rope", "0 1 0 0 rope", "1 1 0 0 sail"]) await record(project, text);
    await embed(project);
    const ask = async () => [await words([project], "rope sail"), await nearest([project], [1, 0, 0, 0])];
    const before = await ask();
    await store().chunks.rebuildIndex();
    expect(await ask()).toEqual(before);
    expect(await store().chunks.owed([project], space, 5)).toEqual([]);
  });
}

type EventValues = Parameters<typeof eventDraft>[1] & { readonly date?: string };
