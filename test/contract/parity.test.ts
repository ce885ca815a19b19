import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SEARCH_MODES } from "../../lib/domain/search.ts";
import { EVENT_TYPES } from "../../lib/domain/vocabulary.ts";
import type { Deps, Scope } from "../../lib/knowledge/deps.ts";
import { embedOwed } from "../../lib/knowledge/embed-owed.ts";
import { openSlices } from "../../lib/knowledge/in-slices.ts";
import { indexWorkspace } from "../../lib/knowledge/index-workspace.ts";
import { passagesOf } from "../../lib/knowledge/passages.ts";
import { searchKnowledge } from "../../lib/knowledge/search.ts";
import type { SearchRequest } from "../../lib/knowledge/search-request.ts";
import type { ProjectDraft } from "../../lib/storage/contract/rows.ts";
import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import { SqliteStorage } from "../../lib/storage/sqlite/adapter.ts";
import { openPglite } from "../helpers/pglite-connections.ts";
import { describeWithServer, newDatabase } from "../helpers/postgres.ts";
import { context, eventDraft, makeTempFolder, NOON, projectDraft, write } from "../helpers/store.ts";
import { openWordVectors } from "../helpers/word-vectors.ts";
import type { OpenStore } from "./suite/describe-storage.ts";

const ROOT = join(import.meta.dirname, "../..");
const WORDS = `the search index of a project stores every event and plan in one file so that tests can read
  what changed when SQLite or PostgreSQL answers with vectors words migrations tokens schema lock writers readers
  gpt-4o v1.2.3 E11000 createStorageAdapter snake_case lib/storage/adapter.ts größe übung 検索 データベース`.split(
  /\s+/,
);

/** A store with the documents of this repository, and events made of {@link WORDS}, in two projects. */
interface Filled extends OpenStore {
  readonly deps: Deps;
}

const documents = projectDraft({ name: "Documents" });
const events = projectDraft({ name: "Events" });
const SCOPES: readonly (readonly ProjectDraft[])[] = [[documents], [events], [documents, events]];
const drafts = fc
  .sample(
    fc.record({
      type: fc.constantFrom(...EVENT_TYPES),
      // Two days, so that equal scores have to be told apart by date and by id.
      day: fc.constantFrom("2026-01-05", "2026-02-07"),
      words: fc.array(fc.constantFrom(...WORDS), { minLength: 2, maxLength: 9 }),
      isRetracted: fc.boolean(),
    }),
    { numRuns: 400, seed: 7 },
  )
  .map(({ type, day, words, isRetracted }) =>
    eventDraft(events.id, {
      type,
      occurredAt: `${day}T00:00:00.000Z`,
      summary: words.join(" "),
      ...(isRetracted && { retractedAt: NOON, retractedWhy: "tried" }),
    }),
  );

async function fill(open: () => Promise<OpenStore>): Promise<Filled> {
  const { storage, close } = await open();
  const silent = (): void => undefined;
  const deps: Deps = {
    storage,
    embedder: openWordVectors(),
    embeddingProvider: "local",
    documents: "store",
    clock: () => Date.parse(NOON),
    random: (bytes) => new Uint8Array(bytes),
    log: { debug: silent, info: silent, warn: silent, error: silent },
    actor: "tester",
    cursors: { read: () => undefined, write: silent },
  };
  const project = await storage.projects.register({ ...documents, roots: [ROOT] });
  const report = await indexWorkspace(deps, project, { root: ROOT, folder: join(ROOT, "docs") });
  expect(report).toMatchObject({ ok: true, failed: 0 });
  await storage.projects.register(events);
  await storage.transaction(
    context(events.id),
    await Promise.all(
      drafts.map(async (draft) => write(draft, { chunks: (await openSlices()(passagesOf(draft))).passages })),
    ),
  );
  await embedOwed(deps, {});
  return { storage, close, deps };
}

const requests: fc.Arbitrary<Omit<SearchRequest, "mode" | "waitMs">> = fc.record(
  {
    query: fc
      .array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 7 })
      .map((words) => words.join(" ")),
    limit: fc.constantFrom(1, 10, 100),
    kind: fc.constantFrom(["event"], ["plan", "pattern"], ["session", "event"]),
    type: fc.constantFrom(["note"], ["decision_made", "bug_encountered"]),
    after: fc.constantFrom("2026-01-10", "2020-01-01"),
    before: fc.constantFrom("2026-02-01", "2030-01-01"),
    includeSuperseded: fc.boolean(),
  },
  { requiredKeys: ["query", "limit"] },
);

/** Copied stores, both searched exactly: the same refs in the same order, with the same scores (RULES 25). */
function describeParity(name: string, open: () => Promise<OpenStore>, queries: number): void {
  describe(`answers of SQLite and ${name}`, () => {
    let stores: readonly Filled[] = [];
    beforeAll(async () => {
      stores = [await fill(openSqlite), await fill(open)];
    }, 120_000);
    afterAll(async () => {
      for (const { close } of stores) await close();
    });

    it.each(SEARCH_MODES)(
      `are the same for ${queries} generated queries, by %s`,
      async (mode) => {
        let found = 0;
        for (const [i, request] of fc.sample(requests, { numRuns: queries, seed: 11 }).entries()) {
          const scope = SCOPES[i % SCOPES.length] ?? [];
          const [ours, theirs] = await Promise.all(
            stores.map((store) => ask(store, scope, { ...request, mode })),
          );
          expect(theirs, JSON.stringify(request)).toEqual(ours);
          found += ours?.results.length ?? 0;
        }
        // Most queries find something: agreeing on nothing would prove nothing.
        expect(found).toBeGreaterThan(queries);
      },
      240_000,
    );
  });
}

async function ask(
  { deps }: Filled,
  wanted: readonly ProjectDraft[],
  request: Omit<SearchRequest, "waitMs">,
) {
  const projects = (await deps.storage.projects.list()).filter(({ id }) =>
    wanted.some((one) => one.id === id),
  );
  const scope: Scope = { project: projects[0], projects };
  return searchKnowledge(deps, scope, { ...request, waitMs: 0 });
}

async function openSqlite(): Promise<OpenStore> {
  const { folder, remove } = makeTempFolder();
  const storage = await SqliteStorage.open({ file: join(folder, "knowledge.db"), thread: "inline" });
  const close = async () => {
    await storage.close();
    remove();
  };
  return { storage, close };
}

describeWithServer("parity", () => {
  describeParity(
    "PostgreSQL",
    async () => {
      const { url, drop } = await newDatabase();
      const storage = await PostgresStorage.open({ url, migrate: true });
      const close = async () => {
        await storage.close();
        await drop();
      };
      return { storage, close };
    },
    500,
  );
});

describeParity(
  "PGlite",
  async () => {
    const storage = await PostgresStorage.over(await openPglite(), { migrate: true });
    return { storage, close: () => storage.close() };
  },
  60,
);
