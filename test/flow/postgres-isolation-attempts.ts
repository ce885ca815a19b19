import { type ProjectId, type RowId, sha256 } from "../../lib/domain/ids.ts";
import { PLAN_SORTS } from "../../lib/storage/contract/rows.ts";
import type { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import { BATCHES, COMMON_SPACE, type Planted } from "../helpers/postgres-tenants.ts";
import { after, nextProjectId } from "../helpers/store.ts";
import { AUDIT, TENANCY, TOKENS } from "./postgres-isolation-owner.ts";
import { TRANSFERS } from "./postgres-isolation-transfers.ts";

/** Whose store it is, and whose names are tried in it. */
export interface Owners {
  readonly mine: Planted;
  readonly theirs: Planted;
}

/** Something that a caller asks with names of another owner; what it gives is compared. */
export type Attempt = (storage: PostgresStorage, owners: Owners) => Promise<unknown>;

/** Every facet there is: a new one is to be tried, too. */
export type FacetName = Exclude<
  keyof PostgresStorage,
  "capabilities" | "granted" | "transaction" | "close" | "pool" | "schemaNow" | "rowEstimates"
>;

/** For every member, or this does not compile. */
type Attempts = {
  readonly [F in FacetName]: { readonly [M in keyof PostgresStorage[F]]-?: readonly Attempt[] };
};

const PAGE = { limit: 10 };
const NEW_PROJECT = nextProjectId();
const NEARLY = { model: "unknown", revision: "1", dimensions: 3, pooling: "mean", normalised: true };

export const ATTEMPTS: Attempts = {
  projects: {
    list: [({ projects }) => projects.list()],
    findById: [({ projects }, { theirs }) => projects.findById(theirs.project.id)],
    find: [
      ({ projects }, { theirs }) => projects.find(theirs.project.id),
      ({ projects }, { theirs }) => projects.find(theirs.project.name),
      ({ projects }, { theirs }) => projects.find(theirs.registered.ref),
      ({ projects }, { theirs }) => projects.find(String(theirs.project.keys[0])),
    ],
    findByKeys: [
      ({ projects }, { theirs }) => projects.findByKeys(theirs.project.keys),
      ({ projects }, { mine, theirs }) => projects.findByKeys([...theirs.project.keys, ...mine.project.keys]),
    ],
    register: [
      ({ projects }, { mine }) => projects.register({ ...mine.project, roots: ["/another"] }),
      // The key of a project that was not granted is the one thing that can be told: see below.
      ({ projects }, { mine, theirs }) =>
        projects.register({
          ...mine.project,
          keys: theirs.tenant === mine.tenant ? [] : theirs.project.keys,
        }),
      ({ projects }, { theirs }) =>
        projects.register({ ...theirs.project, id: NEW_PROJECT, keys: ["new"], roots: [] }),
    ],
    counts: [({ projects }, { theirs }) => projects.counts(theirs.project.id)],
    lastWriteAt: [({ projects }, { theirs }) => projects.lastWriteAt(theirs.project.id)],
  },
  sources: {
    files: [({ sources }, { theirs }) => sources.files(theirs.project.id)],
    record: [
      ({ sources }, owners) => sources.record(owners.theirs.project.id, [fileOf(owners.theirs)]),
      ({ sources }, owners) => sources.record(owners.mine.project.id, [fileOf(owners.theirs)]),
    ],
    forget: [
      ({ sources }, { theirs }) => sources.forget(theirs.project.id, rootOf(theirs), [`${theirs.word}.md`]),
      ({ sources }, { mine, theirs }) =>
        sources.forget(mine.project.id, rootOf(theirs), [`${theirs.word}.md`]),
    ],
    forgetRoot: [
      ({ sources }, { theirs }) => sources.forgetRoot(theirs.project.id, rootOf(theirs)),
      ({ sources }, { mine, theirs }) => sources.forgetRoot(mine.project.id, rootOf(theirs)),
    ],
    rows: [({ sources }, { theirs }) => sources.rows(theirs.project.id)],
    folders: [({ sources }, { theirs }) => sources.folders(theirs.project.id)],
    recordFolders: [
      ({ sources }, { theirs }) =>
        sources.recordFolders(theirs.project.id, rootOf(theirs), [{ path: "", modifiedMs: 9 }], ""),
      ({ sources }, { mine, theirs }) =>
        sources.recordFolders(mine.project.id, rootOf(theirs), [{ path: "", modifiedMs: 9 }], ""),
    ],
    runs: [({ sources }, { theirs }) => sources.runs(theirs.project.id)],
    recordRun: [
      ({ sources }, { theirs }) =>
        sources.recordRun(theirs.project.id, { root: rootOf(theirs), globs: "{}", at: after(60) }),
    ],
  },
  plans: {
    ...documents("plan", "plans"),
    query: [
      ...pages("plans"),
      ({ plans }, owners) => plans.query({ projects: both(owners), author: owners.theirs.word }, PAGE),
      ({ plans }, owners) => plans.query({ projects: both(owners), topic: owners.theirs.word }, PAGE),
      ...PLAN_SORTS.map(
        (sort): Attempt =>
          ({ plans }, owners) =>
            plans.query({ projects: both(owners), sort }, PAGE),
      ),
    ],
  },
  sessions: {
    ...documents("session", "sessions"),
    query: [
      ...pages("sessions"),
      ({ sessions }, owners) => sessions.query({ projects: both(owners), topic: owners.theirs.word }, PAGE),
      ({ sessions }, owners) =>
        sessions.query({ projects: both(owners), plan: owners.theirs.names.plan }, PAGE),
    ],
  },
  patterns: {
    ...documents("pattern", "patterns"),
    query: [
      ...pages("patterns"),
      ({ patterns }, owners) =>
        patterns.query({ projects: both(owners), category: owners.theirs.word }, PAGE),
      ({ patterns }, owners) => patterns.query({ projects: both(owners), topic: owners.theirs.word }, PAGE),
    ],
  },
  events: {
    ...rows("event", "events"),
    query: [
      ...pages("events"),
      ({ events }, owners) => events.query({ projects: both(owners), tag: owners.theirs.word }, PAGE),
      ({ events }, owners) => events.query({ projects: both(owners), plan: owners.theirs.names.plan }, PAGE),
      ({ events }, owners) =>
        events.query({ projects: both(owners), session: owners.theirs.names.session }, PAGE),
    ],
  },
  chunks: {
    byIds: [({ chunks }, { mine, theirs }) => chunks.byIds([...theirs.chunks, ...mine.chunks])],
    ofRow: [
      ({ chunks }, { theirs }) => chunks.ofRow(theirs.project.id, "plan", first(theirs.ids.plan)),
      ({ chunks }, { mine, theirs }) => chunks.ofRow(mine.project.id, "plan", first(theirs.ids.plan)),
    ],
    owed: [
      ({ chunks }, { theirs }) => chunks.owed([theirs.project.id], COMMON_SPACE, 100),
      ({ chunks }, { theirs }) => chunks.owed([], theirs.space, 100),
      ({ chunks }) => chunks.owed([], NEARLY, 100),
    ],
    putVectors: [
      ({ chunks }, { theirs }) => chunks.putVectors(COMMON_SPACE, theirs.chunks.map(vectorFor(theirs))),
      ({ chunks }, { theirs }) => chunks.putVectors(theirs.space, theirs.chunks.map(vectorFor(theirs))),
    ],
    coverage: [
      ({ chunks }, { theirs }) => chunks.coverage([theirs.project.id], COMMON_SPACE),
      ({ chunks }, { theirs }) => chunks.coverage([], theirs.space),
      ({ chunks }) => chunks.coverage([], COMMON_SPACE),
    ],
    rebuildIndex: [({ chunks }) => chunks.rebuildIndex()],
  },
  changes: {
    ofRow: [
      ({ changes }, { theirs }) => changes.ofRow(theirs.project.id, first(theirs.ids.plan)),
      ({ changes }, { mine, theirs }) => changes.ofRow(mine.project.id, first(theirs.ids.plan)),
    ],
    revision: [
      ({ changes }, { theirs }) => changes.revision(theirs.project.id, "plan", first(theirs.ids.plan), 1),
      ({ changes }, { mine, theirs }) => changes.revision(mine.project.id, "plan", first(theirs.ids.plan), 1),
    ],
    seal: [({ changes }, { theirs }) => changes.seal(theirs.project.id, after(90))],
    since: [({ changes }, { theirs }) => changes.since(theirs.project.id, 0, 100)],
    sinceTime: [({ changes }, { theirs }) => changes.sinceTime(theirs.project.id, after(-99), 100)],
    ofBatch: [
      ({ changes }, { theirs }) => changes.ofBatch(theirs.project.id, BATCHES.written, { limit: 100 }),
      ({ changes }, { mine }) => changes.ofBatch(mine.project.id, BATCHES.written, { limit: 100 }),
      ({ changes }, { theirs }) => changes.ofBatch(theirs.project.id, BATCHES.imported, { limit: 100 }),
      ({ changes }, { mine }) => changes.ofBatch(mine.project.id, BATCHES.imported, { limit: 100 }),
    ],
    batchSize: [
      ({ changes }, { theirs }) => changes.batchSize(theirs.project.id, BATCHES.written),
      ({ changes }, { theirs }) => changes.batchSize(theirs.project.id, BATCHES.imported),
    ],
    importsOf: [
      ({ changes }, { theirs }) => changes.importsOf(theirs.project.id, first(theirs.ids.plan)),
      ({ changes }, { mine, theirs }) => changes.importsOf(mine.project.id, first(theirs.ids.plan)),
    ],
  },
  search: {
    byWords: [
      ({ search }, owners) => search.byWords(words([owners.theirs.project.id], "crane", owners.theirs.word)),
      // The same word stands in passages of both: its frequency, and so the score, goes by one's own.
      ({ search }, owners) => search.byWords(words(both(owners), "crane", "pier", owners.mine.word)),
      ({ search }, owners) => search.byWords(words(both(owners), owners.theirs.word)),
    ],
    byVector: [
      ({ search }, { theirs }) => search.byVector(meaning([theirs.project.id], COMMON_SPACE)),
      ({ search }, owners) => search.byVector(meaning(both(owners), COMMON_SPACE)),
      ({ search }, owners) => search.byVector(meaning(both(owners), owners.theirs.space)),
    ],
  },
  upkeep: {
    figures: [({ upkeep }) => upkeep.figures()],
    check: [({ upkeep }) => upkeep.check()],
    repair: [({ upkeep }) => upkeep.repair()],
    janitor: [({ upkeep }) => upkeep.janitor(after(120))],
    migrate: [({ upkeep }) => upkeep.migrate({ dryRun: true }), ({ upkeep }) => upkeep.migrate({})],
  },
  transfer: TRANSFERS,
  tokens: TOKENS,
  tenancy: TENANCY,
  audit: AUDIT,
};

type RowKind = keyof Planted["ids"];

/** Lookups by every name of theirs, in their project, in one's own, and in both. */
function rows<Facet extends "plans" | "sessions" | "patterns" | "events">(kind: RowKind, facet: Facet) {
  const find: readonly Attempt[] = [0, 1, 2, 3].flatMap((nth) =>
    [theirProject, myProject, both].map(
      (projects): Attempt =>
        (storage, owners) => {
          const names = [first(owners.theirs.ids[kind]), ...owners.theirs.names[kind]];
          return storage[facet].find(projects(owners), names[nth] ?? "", { deleted: true });
        },
    ),
  );
  const byIds: readonly Attempt[] = [
    (storage, { theirs }) => storage[facet].byIds(theirs.project.id, theirs.ids[kind]),
    (storage, { mine, theirs }) =>
      storage[facet].byIds(mine.project.id, [...theirs.ids[kind], ...mine.ids[kind]]),
  ];
  return { find, byIds };
}

function documents(kind: RowKind, facet: "plans" | "sessions" | "patterns") {
  const names: readonly Attempt[] = [(storage, { theirs }) => storage[facet].names(theirs.project.id)];
  return { ...rows(kind, facet), names };
}

/** Pages of their project, of both, and on from a cursor that was theirs. */
function pages(facet: keyof Planted["cursors"]): readonly Attempt[] {
  return [
    (storage, owners) => storage[facet].query({ projects: theirProject(owners) }, PAGE),
    (storage, owners) => storage[facet].query({ projects: both(owners) }, PAGE),
    (storage, owners) =>
      storage[facet].query(
        { projects: theirProject(owners) },
        { limit: 1, cursor: owners.theirs.cursors[facet] },
      ),
    (storage, owners) =>
      storage[facet].query({ projects: both(owners) }, { limit: 1, cursor: owners.theirs.cursors[facet] }),
  ];
}

function theirProject({ theirs }: Owners): readonly ProjectId[] {
  return [theirs.project.id];
}

function myProject({ mine }: Owners): readonly ProjectId[] {
  return [mine.project.id];
}

function both({ mine, theirs }: Owners): readonly ProjectId[] {
  return [theirs.project.id, mine.project.id];
}

function first(ids: readonly RowId[]): RowId {
  const [id] = ids;
  if (id === undefined) throw new Error("Nothing is planted.");
  return id;
}

function rootOf({ word }: Planted): string {
  return `/home/${word}`;
}

function fileOf({ word, ids }: Planted) {
  const id = first(ids.plan);
  return {
    root: "/new",
    path: "new.md",
    kind: "plan",
    id,
    size: 1,
    modifiedMs: 1,
    fileHash: word,
    redact: true,
  } as const;
}

function vectorFor({ word }: Planted) {
  return (chunk: number) => ({
    chunk,
    textHash: sha256(`plan crane pier ${word}`),
    embedding: Float32Array.of(0, 1, 0),
  });
}

function words(projects: readonly ProjectId[], ...terms: readonly string[]) {
  return { projects, terms: terms.map((term) => ({ term, weight: 1 })), filter: {}, limit: 50 };
}

function meaning(projects: readonly ProjectId[], space: typeof COMMON_SPACE) {
  return { projects, space, vector: Float32Array.of(1, 0, 0), filter: {}, limit: 50 };
}
