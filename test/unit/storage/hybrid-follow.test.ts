import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import type { StorageAdapter } from "../../../lib/storage/adapter.ts";
import type { Copy } from "../../../lib/storage/contract/copy.ts";
import type { HybridStorage } from "../../../lib/storage/hybrid/adapter.ts";
import { PostgresStorage } from "../../../lib/storage/postgres/adapter.ts";
import { SqliteStorage } from "../../../lib/storage/sqlite/adapter.ts";
import { compareStores, openHybrid } from "../../helpers/hybrid.ts";
import { adminClient, describeWithServer, newDatabase } from "../../helpers/postgres.ts";
import {
  after,
  chunkDraft,
  context,
  eventDraft,
  NOON,
  newProject,
  nextRowId,
  planDraft,
  tempFolder,
  write,
} from "../../helpers/store.ts";
import { REFUSING, readAll, writeBatches } from "../../helpers/transfer.ts";

describeWithServer("a hybrid store", () => {
  it("brings what others write to PostgreSQL, tombstones and renamed projects too", async () => {
    const { hybrid, postgres, copy } = await openAll();
    const project = await newProject(postgres);
    const draft = planDraft(project);
    await postgres.transaction(context(project), [
      write(draft, { chunks: [chunkDraft("quay")] }),
      write(eventDraft(project)),
    ]);
    await hybrid.follow();
    expect(await copy.plans.byIds(project, [draft.row.id])).toHaveLength(1);
    const gone = { ...draft, row: { ...draft.row, deletedAt: after(5), updatedAt: after(5) } };
    await postgres.transaction(context(project, { at: after(5) }), [
      write(gone, { operation: "delete", expectedRevision: 1 }),
    ]);
    await postgres.tenancy.renameProject(project, "Another name");
    await hybrid.follow();
    expect(await copy.projects.findById(project)).toMatchObject({ name: "Another name" });
    expect(await equal(postgres, copy)).toEqual([]);
  });

  it("finds what no change line tells: folders, forgotten files, erased text and lost vectors", async () => {
    const { hybrid, postgres, copy, url } = await openAll();
    const project = await newProject(postgres);
    const file = {
      ...{ root: "/r", path: "a.md", kind: "plan" as const, id: nextRowId(), size: 1, modifiedMs: 1.5 },
      ...{ fileHash: "f", redact: true },
    };
    await postgres.sources.record(project, [file, { ...file, path: "b.md" }]);
    await postgres.transaction(context(project), [
      write(planDraft(project), { chunks: [chunkDraft("quay")] }),
    ]);
    await hybrid.upkeep.repair();
    await postgres.sources.record(project, [{ ...file, size: 7 }]);
    await postgres.sources.forget(project, "/r", ["b.md"]);
    await asOwner(url, "UPDATE revisions SET encoding = 'json', body = ''", "DELETE FROM change_seals");
    await hybrid.upkeep.repair();
    expect(await copy.sources.files(project)).toEqual([{ ...file, size: 7 }]);
    expect(await equal(postgres, copy)).toEqual([]);
  });

  it("follows a merge of two projects, whether it was done through it or elsewhere, keys and tombstones too", async () => {
    const { hybrid, postgres, copy } = await openAll();
    const [one, two, three] = [
      await newProject(postgres),
      await newProject(postgres),
      await newProject(postgres),
    ];
    const drafts = [planDraft(one), planDraft(two)];
    for (const draft of drafts)
      await postgres.transaction(context(draft.row.project), [
        write(draft, { chunks: [chunkDraft("quay")] }),
      ]);
    await hybrid.follow();
    const merge = (from: typeof one, into: typeof one, [moving]: readonly (typeof drafts)[number][]) => ({
      ...{ from, files: [], context: { ...context(into), at: after(5) } },
      arrivals: drafts
        .filter((each) => each === moving)
        .map(({ kind, row }) =>
          write({ kind, row: { ...row, project: into } }, { chunks: [chunkDraft("quay")] }),
        ),
      departures: drafts
        .filter((each) => each === moving)
        .map(({ kind, row }) =>
          write({ kind, row: { ...row, deletedAt: after(5) } }, { operation: "delete", expectedRevision: 1 }),
        ),
    });
    await postgres.tenancy.mergeProject(merge(one, three, drafts.slice(0, 1)));
    await hybrid.follow();
    expect(await equal(postgres, copy)).toEqual([]);
    await hybrid.tenancy.mergeProject(merge(two, three, drafts.slice(1)));
    await hybrid.follow();
    expect(await equal(postgres, copy)).toEqual([]);
    expect(await copy.projects.counts(three)).toMatchObject({ plans: 2 });
    for (const id of [one, two])
      expect(await copy.projects.findByKeys([`merged:${id}`])).toMatchObject({ id: three });
  });

  it("takes a project away that PostgreSQL does not have any more, the last one too", async () => {
    const { hybrid, postgres, copy } = await openAll();
    const [project, other] = [await newProject(postgres), await newProject(postgres)];
    for (const id of [project, other])
      await postgres.transaction(context(id), [write(planDraft(id), { chunks: [chunkDraft("quay")] })]);
    await hybrid.follow();
    await postgres.tenancy.deleteProject(other);
    await hybrid.follow();
    expect((await copy.projects.list()).map(({ id }) => id)).toEqual([project]);
    expect(await equal(postgres, copy)).toEqual([]);
    await hybrid.tenancy.deleteProject(project);
    await hybrid.follow();
    expect(await copy.projects.list()).toEqual([]);
    expect(await equal(postgres, copy)).toEqual([]);
  });

  it("tells what the copy owes, and for how long, until it has come", async () => {
    const { hybrid, folder } = await openAll();
    const project = await newProject(hybrid);
    await hybrid.follow();
    await hybrid.transaction(context(project), [write(planDraft(project)), write(planDraft(project))]);
    const beside = await SqliteStorage.open({ file: join(folder, "knowledge.db"), thread: "inline" });
    onTestFinished(() => beside.close());
    expect((await beside.copy.state())?.owed.changes).toBe(2);
    const behind = await hybrid.upkeep.figures();
    expect(behind.copy).toMatchObject({ changesBehind: 2, isReadFrom: false });
    expect(behind.copy?.behindSince).toBeDefined();
    await hybrid.follow();
    const level = await hybrid.upkeep.figures();
    expect(level.copy).toMatchObject({ changesBehind: 0 });
    expect(level.copy?.behindSince).toBeUndefined();
  });

  it("goes on from its cursor after it was closed and opened again", async () => {
    const { hybrid, postgres, url, folder, copy } = await openAll();
    const project = await newProject(hybrid);
    await hybrid.transaction(context(project), [write(planDraft(project))]);
    await hybrid.close();
    expect((await copy.copy.state())?.owed.changes).toBe(0);
    for (let n = 0; n < 120; n++) await postgres.transaction(context(project), [write(eventDraft(project))]);
    const again = await openHybrid(url, folder);
    onTestFinished(() => again.close());
    expect((await copy.copy.state())?.cursors[project]).toBe(1);
    await again.follow();
    expect((await copy.copy.state())?.cursors[project]).toBe(121);
    expect(await equal(postgres, copy)).toEqual([]);
  });

  it("goes on in the middle, where another follower was stopped", async () => {
    const { hybrid, postgres, url, folder, copy } = await openAll();
    const project = await newProject(postgres);
    for (let n = 0; n < 3; n++)
      await postgres.transaction(
        context(project),
        Array.from({ length: 90 }, () => write(eventDraft(project))),
      );
    let steps = 0;
    const take: Copy["take"] = async (step) => {
      if (step.cursors?.[project] !== undefined) steps += 1;
      if (steps === 3) throw new Error("The follower was stopped.");
      return copy.copy.take(step);
    };
    const stopped = Object.assign(Object.create(copy), {
      ...{ copy: { ...copy.copy, take }, close: async () => undefined },
    });
    const first = await openHybrid(url, folder, { copy: stopped });
    onTestFinished(() => first.close());
    await expect(first.follow()).rejects.toThrow("stopped");
    expect((await copy.copy.state())?.cursors[project]).toBe(200);
    expect((await copy.changes.since(project, 0, 1_000)).length).toBe(200);
    await hybrid.follow();
    expect(await equal(postgres, copy)).toEqual([]);
  });

  it("lets one follower work at a time", async () => {
    const { hybrid, copy } = await openAll();
    const [soon, late] = [new Date().toISOString(), new Date(Date.now() + 61_000).toISOString()];
    expect(await copy.copy.lock("somebody", soon, 60_000)).toBe(true);
    expect(await hybrid.follow()).toBe(false);
    expect(await copy.copy.lock("another", late, 60_000)).toBe(true);
    await copy.copy.unlock("somebody");
    expect(await hybrid.follow()).toBe(false);
    await copy.copy.unlock("another");
    expect(await hybrid.follow()).toBe(true);
  });

  it("refuses every write into the copy but its own following", async () => {
    const { hybrid, copy } = await openAll();
    const project = await newProject(hybrid);
    await hybrid.follow();
    const refused = { code: "unavailable", message: expect.stringContaining("copy") };
    await expect(newProject(copy)).rejects.toMatchObject(refused);
    await expect(copy.transaction(context(project), [write(planDraft(project))])).rejects.toMatchObject(
      refused,
    );
    await expect(copy.transfer.write(await readAll(copy), REFUSING)).rejects.toMatchObject(refused);
    expect(await copy.upkeep.janitor(NOON)).toBe(false);
  });

  it("leaves a copy alone when PostgreSQL is another store, or was put back to an earlier day", async () => {
    const { hybrid, folder, copy, close } = await openAll();
    const project = await newProject(hybrid);
    const plan = planDraft(project);
    await hybrid.transaction(context(project), [write(plan)]);
    await hybrid.follow();
    await close();
    const other = await newDatabase();
    const elsewhere = await openHybrid(other.url, folder);
    onTestFinished(async () => {
      await elsewhere.close();
      await other.drop();
    });
    const earlier = (await readAll(copy)).filter(({ record }) => record === "project");
    await writeBatches(elsewhere, earlier);
    await expect(elsewhere.follow()).rejects.toMatchObject({ code: "conflict" });
    expect(await copy.plans.byIds(project, [plan.row.id])).toHaveLength(1);
    expect((await elsewhere.upkeep.figures()).copy?.problem).toContain("the copy holds 1");
  });

  it("makes no copy of a SQLite store that holds more than PostgreSQL", async () => {
    const { url, drop } = await newDatabase();
    onTestFinished(drop);
    const folder = tempFolder();
    const file = join(folder, "knowledge.db");
    const own = await SqliteStorage.open({ file, thread: "inline" });
    onTestFinished(() => own.close());
    const project = await newProject(own);
    await own.transaction(context(project), [write(planDraft(project))]);
    await expect(openHybrid(url, folder)).rejects.toMatchObject({
      code: "conflict",
      hint: expect.stringContaining("migrate-to-postgres"),
    });
    await own.transaction(context(project), [write(eventDraft(project))]);
    const postgres = await PostgresStorage.open({ url });
    onTestFinished(() => postgres.close());
    await writeBatches(postgres, await readAll(own));
    const hybrid = await openHybrid(url, folder);
    onTestFinished(() => hybrid.close());
    await hybrid.follow();
    expect(await equal(postgres, own)).toEqual([]);
    await expect(newProject(own)).rejects.toMatchObject({ code: "unavailable" });
  });

  it("refuses a PostgreSQL store of several tenants in one sentence", async () => {
    const { url, drop } = await newDatabase();
    onTestFinished(drop);
    const postgres = await PostgresStorage.open({ url, migrate: true });
    onTestFinished(() => postgres.close());
    await postgres.tenancy.createTenant({ id: nextRowId(), name: "harbour", createdAt: NOON });
    await expect(openHybrid(url, tempFolder())).rejects.toMatchObject({
      code: "unsupported",
      message: "A hybrid store holds one tenant only; PostgreSQL holds 2.",
    });
  });

  it("becomes a store of its own when it holds everything, and not before", async () => {
    const { hybrid, folder, copy } = await openAll();
    const project = await newProject(hybrid);
    await hybrid.follow();
    await hybrid.transaction(context(project), [write(planDraft(project))]);
    const file = join(folder, "knowledge.db");
    const release = { file, thread: "inline", release: true } as const;
    await expect(SqliteStorage.open(release)).rejects.toMatchObject({ code: "conflict" });
    await hybrid.follow();
    const own = await SqliteStorage.open(release);
    onTestFinished(() => own.close());
    await own.transaction(context(project), [write(eventDraft(project))]);
    await expect(hybrid.follow()).rejects.toMatchObject({ code: "conflict" });
    expect(await copy.changes.seal(project, NOON)).toBe(2);
  });
});

interface All {
  readonly hybrid: HybridStorage;
  readonly postgres: PostgresStorage;
  /** The copy, as another process sees it. */
  readonly copy: SqliteStorage;
  readonly url: string;
  readonly folder: string;
  readonly close: () => Promise<void>;
}

async function openAll(): Promise<All> {
  const [{ url, drop }, folder] = [await newDatabase(), tempFolder()];
  onTestFinished(drop);
  const hybrid = await openHybrid(url, folder);
  const postgres = await PostgresStorage.open({ url });
  const copy = await SqliteStorage.open({ file: join(folder, "knowledge.db"), thread: "inline" });
  const close = () => hybrid.close();
  onTestFinished(async () => {
    await Promise.all([hybrid.close(), postgres.close(), copy.close()]);
  });
  await hybrid.follow();
  return { hybrid, postgres, copy, url, folder, close };
}

async function asOwner(url: string, ...statements: readonly string[]): Promise<void> {
  const owner = await adminClient(url);
  try {
    await owner.query("SET search_path = aiknowsys, public");
    for (const statement of statements) await owner.query(statement);
  } finally {
    await owner.end();
  }
}

async function equal(here: StorageAdapter, there: StorageAdapter) {
  return (await compareStores(here, there)).differences;
}
