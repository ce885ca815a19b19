import fc from "fast-check";
import type { ProjectId } from "../../lib/domain/ids.ts";
import { EVENT_TYPES } from "../../lib/domain/vocabulary.ts";
import type { StorageAdapter } from "../../lib/storage/adapter.ts";
import type { DraftRow } from "../../lib/storage/contract/writes.ts";
import {
  after,
  changed,
  chunkDraft,
  context,
  eventDraft,
  newProject,
  patternDraft,
  planDraft,
  sessionDraft,
  write,
} from "./store.ts";

/** Texts that engines keep in different ways, or cannot keep at all. */
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.constantFrom(
    "a\u0000b",
    "\ud800",
    "x\udc00y",
    "größe",
    "検索",
    "e\u0301",
    "\u00e9",
    "\\u0000",
    "\u2028",
    "",
  ),
);
const word = fc.oneof(text, fc.constantFrom("tide", "Tide", "TIDE", "pier-1"));
const name = word.map((said) => (said.trim() === "" ? "untitled" : said));

const part = fc.record({ text, heading: text, hidden: fc.boolean(), isEmbedded: fc.boolean() });
const row = fc.record({
  kind: fc.constantFrom("plan", "session", "pattern", "event"),
  title: name,
  words: fc.array(word, { maxLength: 3 }),
  content: text,
  data: fc.dictionary(fc.oneof(text, fc.constantFrom("10", "9")), fc.jsonValue({ maxDepth: 2 }), {
    maxKeys: 3,
  }),
  type: fc.constantFrom(...EVENT_TYPES),
  minutes: fc.option(fc.double({ noNaN: true, min: 0, max: 1e6 }), { nil: undefined }),
  parts: fc.array(part, { maxLength: 3 }),
  later: fc.constantFrom("stay", "update", "delete", "supersede"),
});

type RowMade = typeof row extends fc.Arbitrary<infer Made> ? Made : never;

/** What is done to an empty store. */
export const storeScript = fc.record({
  projects: fc.array(
    fc.record({ name, rows: fc.array(row, { maxLength: 6 }), isSealed: fc.boolean(), files: fc.nat(2) }),
    { minLength: 1, maxLength: 3 },
  ),
  vectors: fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 6, maxLength: 6 }),
});

export type StoreScript = typeof storeScript extends fc.Arbitrary<infer Made> ? Made : never;

export async function fillStore(storage: StorageAdapter, script: StoreScript): Promise<void> {
  for (const { name: called, rows, isSealed, files } of script.projects) {
    const project = await newProject(storage, { name: called });
    for (const made of rows) await addRow(storage, project, made);
    if (isSealed) await storage.changes.seal(project, after(50));
    for (const made of rows.slice(0, 1)) await addRow(storage, project, made);
    await addFolders(storage, project, files);
    await embed(storage, script.vectors);
  }
}

async function addRow(storage: StorageAdapter, project: ProjectId, made: RowMade): Promise<void> {
  const draft = draftOf(project, made);
  const chunks = made.parts.map((one, ordinal) =>
    chunkDraft(one.text, { ordinal, heading: one.heading, hidden: one.hidden }),
  );
  await storage.transaction(context(project), [write(draft, { chunks, slugs: [made.title] })]);
  const again = { expectedRevision: 1, chunks: "keep" } as const;
  if (made.later === "update")
    await storage.transaction(context(project, { at: after(9), batch: made.title, actor: made.title }), [
      write(changed(draft, { author: "somebody" }), { ...again, operation: "update" }),
    ]);
  if (made.later === "delete")
    await storage.transaction(context(project, { at: after(9) }), [
      write(changed(draft, { deletedAt: after(9) }), { ...again, operation: "delete", chunks: [] }),
    ]);
  if (made.later === "supersede" && draft.kind === "event")
    await storage.transaction(context(project, { at: after(9) }), [
      write(eventDraft(project, { supersedes: draft.row.id })),
    ]);
}

function draftOf(
  project: ProjectId,
  { kind, title, words, content, data, type, minutes }: RowMade,
): DraftRow {
  switch (kind) {
    case "plan":
      return planDraft(project, {
        ...{ title, topics: words, content, description: content },
        links: words.map((target) => ({ rel: "blocks", target })),
      });
    case "session":
      return sessionDraft(project, { title, topics: words, content, durationMinutes: minutes });
    case "pattern":
      return patternDraft(project, { title, triggers: words, content, category: words[0] });
    case "event":
      return eventDraft(project, { type, summary: title, data, tags: words, author: words[0] });
    default:
      return kind satisfies never;
  }
}

async function addFolders({ sources }: StorageAdapter, project: ProjectId, files: number): Promise<void> {
  const root = `/root/of/${project}\u0000`;
  for (let i = 0; i < files; i++) {
    const path = `docs/${i}.md`;
    await sources.record(project, [
      {
        root,
        path,
        kind: "plan",
        id: planDraft(project).row.id,
        size: i,
        modifiedMs: i + 0.25,
        fileHash: "f",
        redact: i > 0,
      },
    ]);
    await sources.recordFolders(project, root, [{ path: "docs", modifiedMs: i / 3 }]);
    await sources.recordRun(project, { root, globs: "{}", at: after(i) });
  }
}

async function embed({ chunks }: StorageAdapter, numbers: readonly number[]): Promise<void> {
  for (const [i, model] of ["one", "two"].entries()) {
    const space = { model, revision: "1", dimensions: 3, pooling: "mean", normalised: true };
    const embedding = Float32Array.from(numbers.slice(i * 3, i * 3 + 3));
    if (embedding.every((number) => number === 0)) continue;
    const owed = await chunks.owed([], space, 4);
    await chunks.putVectors(
      space,
      owed.map(({ id, textHash }) => ({ chunk: id, textHash, embedding })),
    );
  }
}
