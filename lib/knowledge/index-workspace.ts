import type { Project } from "../domain/project.ts";
import type { IndexReport, ReportItem } from "../domain/report.ts";
import { timestampOf } from "../domain/timestamp.ts";
import { scanWorkspace, type WorkspaceFile } from "../markdown/workspace.ts";
import type { FolderState, SourceFile } from "../storage/contract/rows.ts";
import { buryMissing } from "./bury-missing.ts";
import type { Deps } from "./deps.ts";
import { forgetGoneRoots } from "./forget-gone-roots.ts";
import { globsOf, type IndexedPlace, type Place, placeOf } from "./index-place.ts";
import { indexReportOf } from "./index-report.ts";
import { type FileOutcome, readChangedFile } from "./read-changed-file.ts";
import { renamedFiles } from "./renamed-files.ts";
import { storeFiles } from "./store-files.ts";
import { readStoreState, type StoreState } from "./store-state.ts";
import { watchedFolders } from "./watched-folders.ts";

export interface IndexProgress {
  readonly phase: "scan" | "read";
  readonly done: number;
  readonly total: number;
}

export interface IndexRequest extends IndexedPlace {
  readonly onProgress?: ((progress: IndexProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly redact?: boolean | undefined;
  /** Larger files are skipped with a warning. Default 16 MB. */
  readonly maxBytes?: number | undefined;
}

/** Documents of one transaction. */
const BATCH = 50;

/**
 * Reads a folder's markdown into the store. What changed is searchable by words when this returns, vectors
 * are owed. found = indexed + unchanged + skipped + failed; every file that is not indexed has a line in
 * `warnings`. @throws KnowledgeError `not_found` or `invalid_input` for the folder, `unavailable` for the store.
 */
export async function indexWorkspace(
  deps: Deps,
  project: Project,
  request: IndexRequest,
): Promise<IndexReport> {
  const startedMs = deps.clock();
  const place = await placeOf(request);
  const { plans, sessions, patterns, maxBytes } = request;
  request.onProgress?.({ phase: "scan", done: 0, total: 0 });
  const globs = globsOf(request, place);
  const scan = await scanWorkspace({
    root: place.folder,
    globs: { plans, sessions, patterns },
    ...(maxBytes !== undefined && { maxBytes }),
  });
  const state = await readStoreState(deps, project.id);
  const known = knownByPath(state.files, place.root);
  const run: Run = { deps, project, request, place, state, known, outcomes: [] };
  for (let at = 0; at < scan.files.length && request.signal?.aborted !== true; at += BATCH) {
    run.outcomes.push(...(await indexBatch(run, scan.files.slice(at, at + BATCH))));
    request.onProgress?.({
      phase: "read",
      done: Math.min(at + BATCH, scan.files.length),
      total: scan.files.length,
    });
  }
  const settled = request.signal?.aborted === true ? NOTHING_SETTLED : await settle(run, scan.folders);
  await deps.storage.sources.recordRun(project.id, { root: place.root, globs, at: timestampOf(startedMs) });
  const skipped = scan.skipped.map(({ path, reason }): ReportItem => ({ item: place.under + path, reason }));
  const notes = scan.warnings.map(({ path, reason }): ReportItem => ({ item: place.under + path, reason }));
  return indexReportOf(run.outcomes, {
    skipped,
    failed: settled.failed,
    notes: [...settled.notes, ...notes],
    removed: settled.removed,
    tookMs: deps.clock() - startedMs,
  });
}

/** What a whole run finds out about files and folders that are not there any more. */
interface Settled {
  readonly removed: number;
  readonly failed: readonly ReportItem[];
  readonly notes: readonly ReportItem[];
}

const NOTHING_SETTLED: Settled = { removed: 0, failed: [], notes: [] };

async function settle(run: Run, folders: readonly FolderState[]): Promise<Settled> {
  const { deps, project, state, outcomes } = run;
  const { root, under } = run.place;
  const { files: known } = state;
  const { buried, failed } = await buryMissing(deps, project, { root, under, known });
  const roots = await forgetGoneRoots(deps, project, { root, known });
  const seen = folders.map(({ path, modifiedMs }) => ({ path: below(under, path), modifiedMs }));
  await deps.storage.sources.recordFolders(project.id, root, watchedFolders(seen, outcomes), under);
  return {
    removed: buried.length + roots.buried.length,
    failed,
    notes: [...renamedFiles(buried, outcomes), ...roots.notes],
  };
}

/** A folder's path below the root; that of the folder that was read ends without a `/`. */
function below(under: string, path: string): string {
  return path === "" ? under.slice(0, -1) : under + path;
}

interface Run {
  readonly deps: Deps;
  readonly project: Project;
  readonly request: IndexRequest;
  readonly place: Place;
  readonly state: StoreState;
  /** Files of this root by path. */
  readonly known: ReadonlyMap<string, SourceFile>;
  readonly outcomes: FileOutcome[];
}

function knownByPath(files: readonly SourceFile[], root: string): ReadonlyMap<string, SourceFile> {
  return new Map(files.filter((file) => file.root === root).map((file) => [file.path, file]));
}

async function indexBatch(run: Run, files: readonly WorkspaceFile[]): Promise<readonly FileOutcome[]> {
  const { deps, project, request, place, state, known } = run;
  const read = await Promise.all(
    files.map((file) =>
      readChangedFile({
        file,
        project: project.id,
        path: place.under + file.path,
        known: known.get(place.under + file.path),
        state,
        redact: request.redact !== false,
      }),
    ),
  );
  return storeFiles(deps, project, place.root, read);
}
