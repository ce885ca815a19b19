import { contentHashOf, type StoredDocument, type StoredRow } from "../domain/document.ts";
import { KnowledgeError } from "../domain/error.ts";
import type { Project } from "../domain/project.ts";
import { timestampOf } from "../domain/timestamp.ts";
import { slugCandidates } from "../markdown/slug.ts";
import type { SourceFile } from "../storage/contract/rows.ts";
import type { Deps } from "./deps.ts";
import { rowsByIds } from "./read-back.ts";
import type { FileOutcome, FreshFile, ReadFile } from "./read-changed-file.ts";
import { deletionOf, type RowWrite, type StoredResult, storeRows } from "./store-row.ts";
import { leftOutWarnings } from "./written-row.ts";

/**
 * Stores the documents of a batch in one transaction. When that fails, each is tried alone, so that one bad
 * document costs only itself. Outcomes come in the order of the files.
 */
export async function storeFiles(
  deps: Deps,
  project: Project,
  root: string,
  files: readonly ReadFile[],
): Promise<readonly FileOutcome[]> {
  const fresh = files.filter((file): file is FreshFile => "draft" in file);
  const outcomes = await storeTogether(deps, project, root, fresh).catch((error: unknown) => {
    if (error instanceof KnowledgeError && error.code === "unavailable") throw error;
    deps.log.debug("A batch failed and is tried file by file.", { cause: String(error) });
    return storeEach(deps, project, root, fresh);
  });
  const byFile = new Map(fresh.map((file, index) => [file, outcomes[index]]));
  return files.flatMap((file) => {
    const outcome = "outcome" in file ? file.outcome : byFile.get(file);
    return outcome === undefined ? [] : [outcome];
  });
}

async function storeEach(
  deps: Deps,
  project: Project,
  root: string,
  files: readonly FreshFile[],
): Promise<readonly FileOutcome[]> {
  const outcomes: FileOutcome[] = [];
  for (const file of files) {
    const stored = await storeTogether(deps, project, root, [file]).catch(
      (error: unknown): readonly FileOutcome[] => {
        if (error instanceof KnowledgeError && error.code === "unavailable") throw error;
        const reason = error instanceof Error ? error.message : String(error);
        return [
          {
            path: file.source.path,
            state: "failed",
            kind: file.draft.kind,
            chunks: 0,
            warnings: [...file.warnings, { item: file.source.path, reason }],
          },
        ];
      },
    );
    outcomes.push(...stored);
  }
  return outcomes;
}

async function storeTogether(
  deps: Deps,
  project: Project,
  root: string,
  files: readonly FreshFile[],
): Promise<readonly FileOutcome[]> {
  if (files.length === 0) return [];
  const existing = await existingRows(deps, project, files);
  const planned = files.map((file) => planWrite(file, existing.get(file.draft.row.id)));
  const moved = await tombstonesOfMoved(deps, project, files);
  const writes = planned.flatMap(({ write }) => (write === undefined ? [] : [write]));
  const results = await storeRows(deps, project.id, [...moved, ...writes]);
  const resultOf = new Map(results.map((result) => [result.id, result]));
  const stored = planned
    .filter(({ outcome }) => outcome.state === "indexed" || outcome.state === "unchanged")
    .map(({ file }) => sourceOf(file, root));
  await deps.storage.sources.record(project.id, stored);
  return planned.map(({ file, outcome }) => withPassages(outcome, resultOf.get(file.draft.row.id)));
}

function withPassages(outcome: FileOutcome, result: StoredResult | undefined): FileOutcome {
  const { passages = 0, leftOut = 0 } = result ?? {};
  const cut = leftOutWarnings("file", { passages, leftOut });
  const warnings = [...outcome.warnings, ...cut.map((reason) => ({ item: outcome.path, reason }))];
  return { ...outcome, chunks: passages, warnings };
}

interface PlannedWrite {
  readonly file: FreshFile;
  readonly write: RowWrite | undefined;
  readonly outcome: FileOutcome;
}

function planWrite(file: FreshFile, existing: StoredRow | undefined): PlannedWrite {
  const { draft, source, warnings, known } = file;
  const outcome = (state: FileOutcome["state"], more: FileOutcome["warnings"] = []): FileOutcome => ({
    fileHash: source.fileHash,
    isNew: known === undefined,
    path: source.path,
    state,
    kind: draft.kind,
    chunks: 0,
    warnings: [...warnings, ...more],
  });
  // A file that now says what the store says has caught up: nothing is left to be kept apart.
  if (isPending(existing) && existing.row.content !== draft.row.content) {
    const reason = `The store holds a change to ${existing.row.ref} that its file lacks; neither was overwritten. Compare with \`aiknowsys show ${existing.row.ref}\`.`;
    return { file, write: undefined, outcome: outcome("failed", [{ item: source.path, reason }]) };
  }
  const isLive = existing !== undefined && existing.row.deletedAt === undefined;
  const isSame =
    isLive &&
    existing.row.contentHash === contentHashOf(draft.row) &&
    existing.kind !== "event" &&
    existing.row.fileHash === source.fileHash;
  if (isSame) return { file, write: undefined, outcome: outcome("unchanged") };
  const operation = existing === undefined ? "create" : isLive ? "update" : "restore";
  const write: RowWrite = {
    draft,
    operation,
    expectedRevision: existing?.row.revision ?? 0,
    slugs: slugCandidates(source.path),
  };
  return { file, write, outcome: outcome("indexed") };
}

/** The store holds a change that the row's file did not have (RULES 12). */
function isPending(existing: StoredRow | undefined): existing is StoredDocument {
  return existing !== undefined && existing.kind !== "event" && existing.row.pendingFile === true;
}

/** A file that is now another kind of document: the old row leaves a tombstone. */
async function tombstonesOfMoved(
  deps: Deps,
  project: Project,
  files: readonly FreshFile[],
): Promise<readonly RowWrite[]> {
  const moved = files.flatMap(({ known, draft }) =>
    known !== undefined && known.kind !== draft.kind ? [known] : [],
  );
  const rows = await Promise.all(moved.map(({ kind, id }) => rowsByIds(deps, project.id, kind, [id])));
  const live = rows.flat().filter(({ row }) => row.deletedAt === undefined);
  return live.map((found) => deletionOf(found, timestampOf(deps.clock())));
}

async function existingRows(
  deps: Deps,
  project: Project,
  files: readonly FreshFile[],
): Promise<ReadonlyMap<string, StoredRow>> {
  const kinds = [...new Set(files.map(({ draft }) => draft.kind))];
  const rows = await Promise.all(
    kinds.map((kind) =>
      rowsByIds(
        deps,
        project.id,
        kind,
        files.filter(({ draft }) => draft.kind === kind).map(({ draft }) => draft.row.id),
      ),
    ),
  );
  return new Map(rows.flat().map((found) => [found.row.id, found]));
}

function sourceOf({ draft, source }: FreshFile, root: string): SourceFile {
  return { ...source, root, kind: draft.kind, id: draft.row.id };
}
