import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import type { ProjectId, RowId } from "../../../lib/domain/ids.ts";
import type { Deps } from "../../../lib/knowledge/deps.ts";
import { searchKnowledge } from "../../../lib/knowledge/search.ts";
import type { HybridStorage } from "../../../lib/storage/hybrid/adapter.ts";
import { PostgresStorage } from "../../../lib/storage/postgres/adapter.ts";
import { SqliteStorage } from "../../../lib/storage/sqlite/adapter.ts";
import { compareStores, openHybrid } from "../../helpers/hybrid.ts";
import { describeWithServer } from "../../helpers/postgres.ts";
import { type OwnServer, startOwnServer } from "../../helpers/postgres-own-server.ts";
import {
  chunkDraft,
  context,
  eventDraft,
  NOON,
  newProject,
  planDraft,
  tempFolder,
  write,
} from "../../helpers/store.ts";

/** How long PostgreSQL stays away, in milliseconds; an environment's HYBRID_AWAY_MS makes it longer. */
const AWAY_MS = Number(process.env.HYBRID_AWAY_MS ?? 3_000);
const WRITERS = 4;
const READERS = 2;

describeWithServer("a hybrid store whose PostgreSQL goes away", () => {
  let server: OwnServer;
  beforeAll(async () => {
    server = await startOwnServer({ durable: true });
    await (await PostgresStorage.open({ url: server.url, migrate: true })).close();
  });
  afterAll(() => server.remove());

  it(
    "under load: reads go on and say so, writes are refused, and both are equal when it is back",
    async () => {
      const folder = tempFolder();
      const hybrid = await openHybrid(server.url, folder, { followEveryMs: 100 });
      onTestFinished(() => hybrid.close());
      const project = await newProject(hybrid);
      await hybrid.follow();
      const load = startLoad(hybrid, project);
      await expect.poll(() => load.acknowledged.length, { timeout: 30_000 }).toBeGreaterThan(30);
      await expect.poll(() => load.reads.live, { timeout: 30_000 }).toBeGreaterThan(10);
      await server.end("SIGQUIT");
      await expect.poll(() => load.reads.copied, { timeout: 20_000 }).toBeGreaterThan(10);
      const [acknowledged, copied] = [load.acknowledged.length, load.reads.copied];
      await sleep(AWAY_MS);
      expect(load.acknowledged.length).toBe(acknowledged);
      expect(load.reads.copied).toBeGreaterThan(copied);
      expect((await hybrid.upkeep.figures()).copy).toMatchObject({ isReadFrom: true });
      const [refusals, live] = [load.refusals.length, load.reads.live];
      await server.startAgain();
      await expect
        .poll(() => load.acknowledged.length, { timeout: 30_000 })
        .toBeGreaterThan(acknowledged + 30);
      await expect.poll(() => load.reads.live, { timeout: 30_000 }).toBeGreaterThan(live + 10);
      await load.stop();
      expect(refusals).toBeGreaterThan(0);
      for (const error of load.refusals) expect(error).toMatchObject({ code: "unavailable" });
      expect(load.reads.failed).toEqual([]);
      await hybrid.follow();
      const copy = await openCopy(folder);
      const postgres = await PostgresStorage.open({ url: server.url });
      onTestFinished(() => postgres.close());
      expect((await compareStores(postgres, copy)).differences).toEqual([]);
      const kept = new Set((await copy.events.byIds(project, load.acknowledged)).map(({ id }) => id));
      expect(load.acknowledged.filter((id) => !kept.has(id))).toEqual([]);
      expect((await hybrid.upkeep.figures()).copy).toMatchObject({ isReadFrom: false, changesBehind: 0 });
    },
    120_000 + AWAY_MS,
  );

  it("between a search and the reading of what it found: the copy gives the same passages", async () => {
    const hybrid = await openHybrid(server.url, tempFolder());
    onTestFinished(() => hybrid.close());
    const project = await newProject(hybrid);
    const draft = planDraft(project);
    // The copy never sees these passages, so its numbers are others.
    const gone = planDraft(project);
    const [kept, deleted] = [
      write(gone, { chunks: [chunkDraft("one"), chunkDraft("two", { ordinal: 1 })] }),
      write({ ...gone, row: { ...gone.row, deletedAt: NOON } }, { operation: "delete", expectedRevision: 1 }),
    ];
    for (const one of [kept, deleted]) await hybrid.transaction(context(project), [one]);
    await hybrid.transaction(context(project), [
      write(draft, { chunks: [chunkDraft("lantern on the quay")] }),
    ]);
    await hybrid.follow();
    const ask = () => hybrid.search.byWords(searchFor(project, "lantern"));
    const found = await ask();
    const wanted = found.hits.map(({ chunk }) => chunk);
    const [passage] = await hybrid.chunks.byIds(wanted);
    await server.end("SIGQUIT");
    expect(await hybrid.chunks.byIds(wanted)).toEqual([passage]);
    const copied = await ask();
    expect(copied.degraded).toBe("reading_from_copy");
    expect(copied.hits).toMatchObject([{ owner: draft.row.id }]);
    const scope = {
      project: await hybrid.projects.findById(project),
      projects: await hybrid.projects.list(),
    };
    const answer = await searchKnowledge(depsOver(hybrid), scope, { query: "lantern", waitMs: 0 });
    expect(answer).toMatchObject({ degraded: "reading_from_copy", results: [{ id: draft.row.id }] });
    await server.startAgain();
    await expect.poll(async () => (await ask()).degraded, { timeout: 20_000 }).toBeNull();
    const [again] = await hybrid.chunks.byIds(copied.hits.map(({ chunk }) => chunk));
    expect(again).toMatchObject({ owner: draft.row.id, text: passage?.text });
  }, 60_000);

  it("before a process starts: it reads the copy, shows what is owed, and writes when it is back", async () => {
    const folder = tempFolder();
    const first = await openHybrid(server.url, folder);
    const project = await newProject(first);
    await first.follow();
    await first.transaction(context(project), [write(eventDraft(project))]);
    await server.end("SIGQUIT");
    await first.close();
    const hybrid = await openHybrid(server.url, folder);
    onTestFinished(() => hybrid.close());
    expect(await hybrid.projects.findById(project)).toMatchObject({ id: project });
    const { copy, advice } = await hybrid.upkeep.figures();
    expect(copy).toMatchObject({ isReadFrom: true, changesBehind: 1 });
    expect(advice?.join()).toContain("PostgreSQL is away");
    const refused = hybrid.transaction(context(project), [write(eventDraft(project))]);
    await expect(refused).rejects.toMatchObject({ code: "unavailable" });
    await expect(hybrid.transfer.open()).rejects.toMatchObject({
      ...{ code: "unavailable", message: expect.stringContaining("exported, backed up or verified") },
      hint: expect.stringContaining("STORAGE_TYPE=sqlite"),
    });
    await server.startAgain();
    await expect.poll(() => hybrid.follow().catch(() => false), { timeout: 20_000 }).toBe(true);
    expect((await hybrid.upkeep.figures()).copy).toMatchObject({ isReadFrom: false, changesBehind: 0 });
    expect((await (await openCopy(folder)).changes.since(project, 0, 10)).length).toBe(1);
  }, 60_000);
});

interface Load {
  readonly acknowledged: RowId[];
  readonly refusals: unknown[];
  readonly reads: { live: number; copied: number; readonly failed: unknown[] };
  readonly stop: () => Promise<void>;
}

function startLoad(storage: HybridStorage, project: ProjectId): Load {
  const reads: Load["reads"] = { live: 0, copied: 0, failed: [] };
  const load = { acknowledged: [] as RowId[], refusals: [] as unknown[], reads };
  let isOver = false;
  const writer = async () => {
    while (!isOver) {
      const event = eventDraft(project);
      const writing = storage.transaction(context(project), [
        write(event, { chunks: [chunkDraft("crane at the quay")] }),
      ]);
      await writing.then(
        () => load.acknowledged.push(event.row.id),
        (error: unknown) => load.refusals.push(error),
      );
      await sleep(10);
    }
  };
  const reader = async () => {
    while (!isOver) {
      try {
        const { degraded, hits } = await storage.search.byWords(searchFor(project, "crane"));
        await storage.chunks.byIds(hits.map(({ chunk }) => chunk));
        if (degraded === "reading_from_copy") reads.copied += 1;
        else reads.live += 1;
      } catch (error) {
        reads.failed.push(error);
      }
      await sleep(10);
    }
  };
  const working = [...Array.from({ length: WRITERS }, writer), ...Array.from({ length: READERS }, reader)];
  const stop = async () => {
    isOver = true;
    await Promise.all(working);
  };
  return { ...load, stop };
}

function depsOver(storage: HybridStorage): Deps {
  const silent = () => undefined;
  return {
    ...{ storage, embedder: undefined, embeddingProvider: "none", documents: "store", actor: "tester" },
    ...{ clock: Date.now, random: (bytes) => new Uint8Array(bytes) },
    log: { debug: silent, info: silent, warn: silent, error: silent },
    cursors: { read: silent, write: silent },
  };
}

function searchFor(project: ProjectId, word: string) {
  return { projects: [project], terms: [{ term: word, weight: 1 }], filter: {}, limit: 20 };
}

async function openCopy(folder: string): Promise<SqliteStorage> {
  const copy = await SqliteStorage.open({ file: join(folder, "knowledge.db"), thread: "inline" });
  onTestFinished(() => copy.close());
  return copy;
}
