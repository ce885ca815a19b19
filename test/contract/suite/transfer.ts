import { beforeEach, expect, it } from "vitest";
import type { ProjectId } from "../../../lib/domain/ids.ts";
import {
  nameOfRecord,
  RECORD_KINDS,
  type RecordOf,
  type TransferRecord,
} from "../../../lib/domain/transfer-record.ts";
import type { ConflictPolicy } from "../../../lib/storage/contract/transfer.ts";
import {
  after,
  chunkDraft,
  context,
  eventDraft,
  newProject,
  nextProjectId,
  nextRowId,
  planDraft,
  write,
} from "../../helpers/store.ts";
import { linesOf, REFUSING, readAll, truthful, writeBatches } from "../../helpers/transfer.ts";
import type { Store } from "./describe-storage.ts";

/** Float32 numbers as records carry them. */
const vectorOf = (...numbers: readonly number[]) =>
  Buffer.from(Float32Array.from(numbers).buffer).toString("base64");

export function describeTransfer(store: Store): void {
  let project: ProjectId;
  let records: readonly TransferRecord[] = [];

  /** The first record of a kind in this test's project. */
  const first = <Kind extends TransferRecord["record"]>(kind: Kind): RecordOf<Kind> => {
    const found = records.find((record) => record.record === kind);
    if (found === undefined) throw new Error(`There is no ${kind}.`);
    // SAFETY: it was found by its kind.
    return found as RecordOf<Kind>;
  };
  const given = (given: readonly TransferRecord[], onConflict: ConflictPolicy = "refuse") =>
    store().transfer.write(given, { ...REFUSING, onConflict, at: after(70) });
  const inProject = async () =>
    (await readAll(store())).filter((record) => JSON.stringify(record).includes(project));

  beforeEach(async () => {
    const storage = store();
    project = await newProject(storage);
    const plan = planDraft(project, { links: [{ rel: "blocks", target: "wall" }] });
    await storage.transaction(context(project), [
      write(plan, { chunks: [chunkDraft("piers stand in the tide")] }),
      write(eventDraft(project), { chunks: [chunkDraft("one crane only")] }),
    ]);
    await storage.changes.seal(project, after(10));
    const space = { model: `of ${project}`, revision: "1", dimensions: 2, pooling: "mean", normalised: true };
    const owed = await storage.chunks.owed([project], space, 10);
    await storage.chunks.putVectors(
      space,
      owed.map(({ id, textHash }) => ({ chunk: id, textHash, embedding: Float32Array.of(0.6, -0.8) })),
    );
    records = await inProject();
  });

  it("reads the same in batches of any size, and any batch again by its key", async () => {
    const { transfer } = store();
    const whole = await linesOf(store());
    expect(await linesOf(store(), 1)).toEqual(whole);
    const snapshot = await transfer.open();
    const counts = await transfer.count(snapshot);
    expect(RECORD_KINDS.reduce((sum, kind) => sum + counts[kind], 0)).toBe(whole.length);
    for (const kind of RECORD_KINDS) {
      const { next: key } = await transfer.read(snapshot, kind, { limit: 1 });
      if (key === undefined) continue;
      const batch = await transfer.read(snapshot, kind, { after: key, limit: 2 });
      expect(await transfer.read(snapshot, kind, { after: key, limit: 2 })).toEqual(batch);
    }
    await transfer.close(snapshot);
    await transfer.close(snapshot);
    await expect(transfer.read(snapshot, "plan", { limit: 1 })).rejects.toMatchObject({
      code: "unavailable",
    });
  });

  it("remembers under a batch what was added and what was replaced, and nothing else", async () => {
    const { transfer, changes } = store();
    const batch = nextRowId();
    const options = { ...REFUSING, onConflict: "replace", at: after(70), actor: "importer" } as const;
    const plan = first("plan");
    const id = nextRowId();
    const [added, replacing, unnamed] = truthful([
      { ...plan, id, ref: "pln_zzzzzzzz", slug: `added-${id}` },
      { ...plan, title: "Replaced" },
      { ...plan, title: "Without a batch" },
    ] as const);
    const rows = [added, replacing, first("event")];
    await transfer.write(rows, { ...options, batch, dryRun: true });
    expect(await changes.batchSize(project, batch)).toBe(0);
    for (const each of rows) await transfer.write([each], { ...options, batch });
    const event = first("event");
    const others = [nextRowId(), nextRowId()];
    const many = truthful(others.map((other, i) => ({ ...event, id: other, ref: `evt_zzzzzzz${i + 2}` })));
    const together = nextRowId();
    expect(await transfer.write(many, { ...options, batch: together })).toMatchObject({ written: 2 });
    expect(await changes.ofBatch(project, together, { limit: 10 })).toEqual(
      many.map((row) => ({ kind: "event", id: row.id, before: 0, revision: event.revision })),
    );
    const expected = [
      { kind: "plan", id: added.id, before: 0, revision: added.revision },
      { kind: "plan", id: plan.id, before: plan.revision, revision: plan.revision + 1 },
    ].sort((a, b) => (a.id < b.id ? -1 : 1));
    expect(await changes.ofBatch(project, batch, { limit: 10 })).toEqual(expected);
    expect(await changes.ofBatch(project, batch, { limit: 1 })).toEqual(expected.slice(0, 1));
    expect(await changes.batchSize(project, batch)).toBe(2);
    const line = { at: after(70), actor: "importer", batch };
    expect(await changes.importsOf(project, plan.id)).toEqual([line]);
    expect(await changes.importsOf(project, first("event").id)).toEqual([]);
    await transfer.write([unnamed], options);
    expect(await changes.importsOf(project, plan.id)).toEqual([line]);
    // The suite's later checks look at all rows: these get their history, too.
    const histories = [added, ...many].flatMap((row) => {
      const told = records.flatMap((one) =>
        (one.record === "revision" || one.record === "change") &&
        one.kind === row.record &&
        one.revision === 1
          ? [{ ...one, id: row.id, ...(one.record === "change" && { seq: undefined }) }]
          : [],
      );
      return truthful([row, ...told]).slice(1);
    });
    for (const record of histories) await transfer.write([record], options);
  });

  it("writes nothing of what stands already, and adds no change line", async () => {
    const lines = await linesOf(store());
    const all = await readAll(store());
    for (const onConflict of ["refuse", "replace", "newer"] as const) {
      const result = await writeBatches(store(), all, { ...REFUSING, onConflict });
      expect(result).toEqual({ written: 0, unchanged: all.length, notes: [] });
    }
    expect(await linesOf(store())).toEqual(lines);
  });

  it.each([
    ["refuse", after(99), "failed"],
    ["keep", after(99), "skipped"],
    ["newer", after(-99), "skipped"],
    ["newer", after(99), undefined],
    ["replace", after(-99), undefined],
  ] as const)("settles a row with other content: %s, changed at %s", async (policy, updatedAt, what) => {
    const [plan] = truthful([{ ...first("plan"), title: "Another title", updatedAt }] as const);
    const result = await given([plan], policy);
    const [found] = await store().plans.byIds(project, [plan.id]);
    expect(result.notes.map((note) => note.what)).toEqual(what === undefined ? [] : [what]);
    expect(found?.title).toBe(what === undefined ? "Another title" : "Rework the login");
    if (what !== undefined) return;
    expect(result.written).toBe(1);
    // The same revision cannot stand for two contents: it becomes the next one, with its line.
    expect(found?.revision).toBe(2);
    const { revision, contentHash } = (await store().changes.ofRow(project, plan.id)).at(-1) ?? {};
    expect({ revision, contentHash }).toEqual({ revision: 2, contentHash: plan.contentHash });
    expect(await store().changes.revision(project, "plan", plan.id, 2)).toMatchObject({
      row: { title: "Another title" },
    });
    expect(await store().chunks.ofRow(project, "plan", plan.id)).toEqual([]);
    expect(await store().upkeep.check()).toEqual([]);
  });

  it("lets a later revision take the place of an earlier one, with its own history and passages", async () => {
    const plan = { ...first("plan"), title: "Later", revision: 2 };
    const { project: home, id } = plan;
    const of = { project: home, kind: "plan", id } as const;
    const change = {
      ...first("change"),
      ...of,
      seq: undefined,
      revision: 2,
      operation: "update",
    } as const;
    const passage = {
      ...first("passage"),
      ...of,
      text: "later text",
      terms: "later text",
    };
    const later = truthful([plan, change, { ...first("revision"), ...of, revision: 2 }, passage]);
    expect(await given(later, "replace")).toEqual({ written: 4, unchanged: 0, notes: [] });
    expect(await given(later, "replace")).toEqual({ written: 0, unchanged: 4, notes: [] });
    expect(await store().chunks.ofRow(home, "plan", id)).toMatchObject([{ text: "later text" }]);
    expect(await store().upkeep.check()).toEqual([]);
  });

  it.each(["refuse", "keep", "replace", "newer"] as const)("never rewrites history: %s", async (policy) => {
    const forked = [
      { ...first("revision"), body: "{}" },
      { ...first("change"), actor: "somebody else" },
      { ...first("seal"), hash: "0".repeat(64) },
    ];
    const { written, notes } = await given(forked, policy);
    expect(written).toBe(0);
    expect(notes.map(({ what }) => what)).toEqual(["failed", "failed", "failed"]);
  });

  it("leaves history and passages of a version that was not taken", async () => {
    const { written, notes } = await given([
      { ...first("revision"), revision: 2 },
      { ...first("change"), revision: 2 },
      { ...first("passage"), ordinal: 5, ownerHash: "of another version" },
      { ...first("vector"), textHash: "of another text" },
    ]);
    expect(written).toBe(0);
    expect(notes.map(({ what }) => what)).toEqual(["skipped", "skipped", "skipped", "skipped"]);
  });

  it("gives another slug and ref where they are taken, and says so", async () => {
    const plan = { ...first("plan"), id: nextRowId() };
    const { written, notes } = await given([plan]);
    expect({ written, what: notes.map(({ what }) => what) }).toEqual({
      written: 1,
      what: ["adjusted", "adjusted"],
    });
    const [found] = await store().plans.byIds(project, [plan.id]);
    expect(found?.slug).toBe(`${plan.slug}~2`);
    expect(found?.ref).not.toBe(plan.ref);
    expect(await given([plan])).toEqual({ written: 0, unchanged: 1, notes: [] });
  });

  it("leaves a project's key where it is, and a taken sequence number out", async () => {
    const other = { ...first("project"), id: nextProjectId(), keys: [...first("project").keys, "new key"] };
    const result = await given([other]);
    expect(result.notes).toMatchObject([{ what: "adjusted" }, { what: "adjusted" }]);
    expect(await store().projects.findById(other.id)).toMatchObject({ keys: ["new key"] });
    expect(await given([other])).toEqual({ written: 0, unchanged: 1, notes: [] });

    const event = { ...first("event"), id: nextRowId(), ref: "evt_zzzzzzzz" };
    const change = { ...first("change"), kind: "event" as const, id: event.id };
    expect((await given([event, change])).notes).toMatchObject([{ index: 1, what: "adjusted" }]);
    const [entry] = await store().changes.ofRow(project, event.id);
    expect(entry).not.toHaveProperty("seq");
  });

  it("numbers a change that came before its number", async () => {
    const event = { ...first("event"), id: nextRowId(), ref: "evt_yyyyyyyy" };
    const change = { ...first("change"), kind: "event" as const, id: event.id, seq: undefined };
    await given([event, change]);
    expect(await given([{ ...change, seq: 77 }])).toEqual({ written: 1, unchanged: 0, notes: [] });
    expect(await store().changes.ofRow(project, event.id)).toMatchObject([{ seq: 77 }]);
  });

  it.each([
    ["of other dimensions", vectorOf(1, 2, 3)],
    ["that is not finite", vectorOf(Number.NaN, 1)],
    ["without a direction", vectorOf(0, 0)],
  ])("refuses a vector %s", async (_, embedding) => {
    const result = await given([{ ...first("vector"), embedding }, first("vector")], "replace");
    expect(result).toMatchObject({ written: 0, unchanged: 1, notes: [{ index: 0, what: "failed" }] });
  });

  it("keeps exact numbers of vectors, negative zero and the smallest among them", async () => {
    const embedding = vectorOf(-0, 2 ** -149);
    expect(await given([{ ...first("vector"), embedding }], "replace")).toMatchObject({
      written: 1,
      notes: [],
    });
    expect(await inProject()).toContainEqual(expect.objectContaining({ record: "vector", embedding }));
  });

  it("refuses what cannot be held alone, not what comes with it", async () => {
    const seal = { ...first("seal"), store: nextRowId() };
    const backwards = { ...seal, fromSeq: 9, toSeq: 2 };
    const result = await given([seal, backwards, { ...seal, fromSeq: 3, toSeq: 3 }]);
    expect(result).toMatchObject({ written: 2, notes: [{ index: 1, what: "failed" }] });
  });

  it("refuses what belongs to nothing that is there", async () => {
    const nowhere = nextProjectId();
    const of = { project: nowhere, id: nextRowId() };
    const lost = ["folder", "plan", "revision", "change", "seal", "passage", "vector"] as const;
    const folder = { record: "folder" as const, project: nowhere, root: "/r", path: "p", modifiedMs: 1 };
    const { written, notes } = await given(
      lost.map((kind): TransferRecord => (kind === "folder" ? folder : { ...first(kind), ...of })),
    );
    expect(written).toBe(0);
    expect(notes.map(({ what }) => what)).toEqual(lost.map(() => "failed"));
    for (const { reason } of notes) expect(reason).toMatch(/^belongs to a \w+ that is not there$/);
  });

  /** The same records as those of a project, unsealed, in another one that is not there. */
  const ofAnotherProject = (of: readonly TransferRecord[], project: ProjectId): readonly TransferRecord[] => {
    const names = new Map<string, string>([[project, nextProjectId()]]);
    for (const record of of)
      if (record.record === "plan" || record.record === "event") names.set(record.id, nextRowId());
    const unsealed = of.flatMap((record) => {
      if (record.record === "project") return { ...record, ref: `prj_${names.get(project)}`, keys: [] };
      return record.record === "seal" ? [] : { ...record, seq: undefined };
    });
    let text = JSON.stringify(unsealed);
    for (const [from, to] of names) text = text.replaceAll(from, to);
    return truthful(JSON.parse(text));
  };

  it.each([
    ["event", {}, { unchanged: 1, notes: [] }],
    ["revision", { revision: 9 }, { unchanged: 0, notes: [{ what: "skipped" }] }],
    ["change", { revision: 9, seq: 99 }, { unchanged: 0, notes: [{ what: "skipped" }] }],
    ["passage", { ordinal: 7, ownerHash: "other" }, { unchanged: 0, notes: [{ what: "skipped" }] }],
    ["vector", { textHash: "other" }, { unchanged: 0, notes: [{ what: "skipped" }] }],
    ["vector", { ordinal: 7 }, { unchanged: 0, notes: [{ what: "failed" }] }],
  ] as const)("decides about one %s among new ones with %j", async (kind, members, expected) => {
    const found = await store().upkeep.check();
    const fresh = ofAnotherProject(records, project);
    const isOf = ({ record }: TransferRecord) => record === kind;
    const before = RECORD_KINDS.slice(0, RECORD_KINDS.indexOf(kind));
    await given(fresh.filter(({ record }) => before.includes(record)));
    const coming = fresh.filter(isOf);
    const batch = [...coming, { ...first(kind), ...members }];
    expect(await given(batch)).toMatchObject({ written: coming.length, ...expected });
    expect((await given(coming)).unchanged).toBe(coming.length);
    await writeBatches(store(), fresh);
    expect(await store().upkeep.check()).toEqual(found);
  });

  it("puts changes into the log in the order in which writes were called", async () => {
    const other = await newProject(store());
    for (let n = 0; n < 12; n++)
      await store().transaction(context(other, { actor: `writer ${n}` }), [write(eventDraft(other))]);
    const made = (await readAll(store())).filter((record) => JSON.stringify(record).includes(other));
    const fresh = ofAnotherProject(made, other);
    const changes = fresh.filter(({ record }) => record === "change");
    await writeBatches(
      store(),
      fresh.filter(({ record }) => record !== "change"),
    );
    const batches = [0, 4, 8].map((at) => changes.slice(at, at + 4));
    const results = await Promise.all(batches.map((batch) => given(batch)));
    expect(results.map(({ written }) => written)).toEqual([4, 4, 4]);
    const ids = new Set(changes.map((change) => nameOfRecord(change)));
    const log = (await readAll(store())).filter((record) => ids.has(nameOfRecord(record)));
    expect(log).toEqual(changes.map((change) => ({ ...change })));
  });

  it("writes nothing in a dry run, and says what it would write", async () => {
    const lines = await linesOf(store());
    const copy = nextProjectId();
    const moved = records.map((record): TransferRecord => {
      if (record.record === "space") return record;
      const text = JSON.stringify(record).replaceAll(project, copy);
      return JSON.parse(text);
    });
    const result = await store().transfer.write(moved, { ...REFUSING, dryRun: true });
    expect(result.notes.filter(({ what }) => what === "failed")).toEqual([]);
    expect(result.written).toBe(moved.length - 1);
    const others = [
      { ...first("project"), name: "Another name" },
      { ...first("plan"), title: "Another title" },
      { ...first("passage"), text: "another text" },
      { ...first("vector"), embedding: vectorOf(1, 1) },
    ];
    const replacing = { ...REFUSING, onConflict: "replace", dryRun: true } as const;
    expect(await store().transfer.write(others, replacing)).toMatchObject({ written: 4, notes: [] });
    expect(await linesOf(store())).toEqual(lines);
  });

  it("finds text in every engine as every engine can hold it", async () => {
    const storage = store();
    const home = await newProject(storage, {
      name: "a\u0000b",
      keys: [`c\u0000${project}`],
      roots: ["/r\u0000"],
    });
    await storage.sources.recordFolders(home, "/r\u0000", [{ path: "p\u0000", modifiedMs: 1 }]);
    const [made] = (await readAll(storage)).filter(
      (record) => record.record === "project" && record.id === home,
    );
    expect(made).toMatchObject({ name: "a\u2400b", keys: [`c\u2400${project}`], roots: ["/r\u2400"] });
    expect(await storage.sources.folders(home)).toMatchObject([{ root: "/r\u2400", path: "p\u2400" }]);
  });
}
