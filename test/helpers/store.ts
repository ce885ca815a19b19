import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { contentHashOf } from "../../lib/domain/document.ts";
import { type ProjectId, projectIdFrom, type RowId, rowIdFrom, sha256 } from "../../lib/domain/ids.ts";
import { timestampOf } from "../../lib/domain/timestamp.ts";
import type { StorageAdapter } from "../../lib/storage/adapter.ts";
import type { ProjectDraft } from "../../lib/storage/contract/rows.ts";
import type { ChunkDraft, DraftRow, Write, WriteContext } from "../../lib/storage/contract/writes.ts";

type DraftOf<Kind extends DraftRow["kind"]> = Extract<DraftRow, { kind: Kind }>;
type RowOf<Kind extends DraftRow["kind"]> = DraftOf<Kind>["row"];

/** Noon of the first day of these tests. */
export const NOON = "2026-03-01T12:00:00.000Z";

let counter = 0;

/** A moment some seconds after {@link NOON}. */
export function after(seconds: number): string {
  return timestampOf(Date.parse(NOON) + seconds * 1_000);
}

/** Row ids that no other test of this process has; later ones sort later. */
export function nextRowId(): RowId {
  counter += 1;
  return rowIdFrom(Date.parse(NOON) + counter, bytes(`row ${counter}`));
}

export function nextProjectId(): ProjectId {
  counter += 1;
  return projectIdFrom(Date.parse(NOON) + counter, bytes(`project ${counter}`));
}

export function projectDraft(overrides: Partial<ProjectDraft> = {}): ProjectDraft {
  const id = overrides.id ?? nextProjectId();
  return {
    id,
    name: "Harbour",
    keys: [`key of ${id}`],
    roots: [`/root/of/${id}`],
    createdAt: NOON,
    ...overrides,
  };
}

/** Registers a new project and returns its id. */
export async function newProject(
  storage: StorageAdapter,
  overrides: Partial<ProjectDraft> = {},
): Promise<ProjectId> {
  return (await storage.projects.register(projectDraft(overrides))).id;
}

export function planDraft(project: ProjectId, overrides: Partial<RowOf<"plan">> = {}): DraftOf<"plan"> {
  const row = {
    id: nextRowId(),
    project,
    title: "Rework the login",
    status: "ACTIVE" as const,
    topics: ["auth"],
    links: [],
    source: "store" as const,
    createdAt: NOON,
    updatedAt: NOON,
    content: "# Rework the login\n\nOne step at a time.\n",
    ...overrides,
  };
  return { kind: "plan", row: { ...row, contentHash: contentHashOf(row) } };
}

export function sessionDraft(
  project: ProjectId,
  overrides: Partial<RowOf<"session">> = {},
): DraftOf<"session"> {
  const row = {
    id: nextRowId(),
    project,
    date: "2026-03-01",
    title: "A day at the quay",
    status: "complete" as const,
    topics: ["quay"],
    phases: [],
    files: [],
    source: "store" as const,
    createdAt: NOON,
    updatedAt: NOON,
    content: "# A day at the quay\n",
    ...overrides,
  };
  return { kind: "session", row: { ...row, contentHash: contentHashOf(row) } };
}

export function patternDraft(
  project: ProjectId,
  overrides: Partial<RowOf<"pattern">> = {},
): DraftOf<"pattern"> {
  const row = {
    id: nextRowId(),
    project,
    title: "Moor before you unload",
    triggers: ["cargo"],
    source: "store" as const,
    createdAt: NOON,
    updatedAt: NOON,
    content: "# Moor before you unload\n",
    ...overrides,
  };
  return { kind: "pattern", row: { ...row, contentHash: contentHashOf(row) } };
}

export function eventDraft(project: ProjectId, overrides: Partial<RowOf<"event">> = {}): DraftOf<"event"> {
  const row = {
    id: nextRowId(),
    project,
    type: "decision_made" as const,
    summary: "Use one crane",
    data: { decision: "Use one crane" },
    tags: ["crane"],
    files: [],
    occurredAt: NOON,
    recordedAt: NOON,
    ...overrides,
  };
  return { kind: "event", row: { ...row, contentHash: contentHashOf(row) } };
}

/** One passage of a row: its text's words are its terms. */
export function chunkDraft(text: string, overrides: Partial<ChunkDraft> = {}): ChunkDraft {
  const terms = text.toLowerCase().match(/[a-z0-9_]+/g) ?? [];
  return {
    ordinal: 0,
    heading: "Heading",
    text,
    terms: terms.join(" "),
    length: terms.length,
    textHash: sha256(text),
    date: NOON,
    hidden: false,
    ...overrides,
  };
}

/** The creation of a row, unless told otherwise. */
export function write(draft: DraftRow, overrides: Partial<Omit<Write, "draft">> = {}): Write {
  const slugs = "title" in draft.row ? [draft.row.title.toLowerCase().replaceAll(" ", "-")] : [];
  return { draft, operation: "create", expectedRevision: 0, slugs, chunks: [], ...overrides };
}

export function context(project: ProjectId, overrides: Partial<WriteContext> = {}): WriteContext {
  return { project, at: NOON, actor: "tester", ...overrides };
}

/** A draft with other values, and their content hash. */
export function changed<Draft extends DraftRow>(draft: Draft, values: Partial<Draft["row"]>): Draft {
  const row = { ...draft.row, ...values };
  // SAFETY: the row is the draft's own with other values of the same members.
  return { ...draft, row: { ...row, contentHash: contentHashOf(row) } } as Draft;
}

/** A temporary folder that is gone after the test. */
export function tempFolder(): string {
  const { folder, remove } = makeTempFolder();
  onTestFinished(remove);
  return folder;
}

/** A temporary folder for callers that clean up by themselves. */
export function makeTempFolder(): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "aiknowsys-test-"));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function bytes(seed: string): Uint8Array {
  return Buffer.from(sha256(seed), "hex").subarray(0, 16);
}
