import { realpath } from "node:fs/promises";
import { relative, resolve, sep } from "node:path";
import { canonicalJson } from "../domain/canonical-json.ts";
import { KnowledgeError } from "../domain/error.ts";
import type { Project } from "../domain/project.ts";
import type { IndexReport, ReportItem } from "../domain/report.ts";
import { timestampOf } from "../domain/timestamp.ts";
import { scanWorkspace, type WorkspaceFile } from "../markdown/workspace.ts";
import type { FolderState, SourceFile } from "../storage/contract/rows.ts";
import { buryMissing } from "./bury-missing.ts";
import type { Deps } from "./deps.ts";
import { forgetGoneRoots } from "./forget-gone-roots.ts";
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

export interface IndexRequest {
  /** The project's top folder: paths are relative to it. */
  readonly root: string;
  /** The folder to read, the root or one below it. Default the root. */
  readonly folder?: string | undefined;
  /** Globs relative to `folder` that say what is a plan, session or pattern. */
  readonly plans?: string | undefined;
  readonly sessions?: string | undefined;
  readonly patterns?: string | undefined;
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
  return reportOf(run, {
    skipped,
    failed: settled.failed,
    notes: [...settled.notes, ...notes],
    removed: settled.removed,
    tookMs: deps.clock() - startedMs,
  });
}

/** Bytes of what tells runs apart: both engines keep it in a key. */
const LONGEST_KEY = 1_000;

function globsOf({ plans, sessions, patterns }: IndexRequest, { under }: Place): string {
  const globs = canonicalJson({ plans, sessions, patterns, ...(under !== "" && { under }) });
  if (Buffer.byteLength(globs) > LONGEST_KEY + under.length) throw tooLong("What the globs say", "plans");
  return globs;
}

function tooLong(what: string, field: string): KnowledgeError {
  return new KnowledgeError("invalid_input", `${what} is longer than ${LONGEST_KEY} bytes.`, {
    field,
    hint: "Give a shorter one: a glob such as docs/**/*.md stands for many names.",
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

interface Place {
  readonly root: string;
  readonly folder: string;
  /** The folder's path below the root with a trailing `/`; empty for the root. */
  readonly under: string;
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

async function placeOf(request: IndexRequest): Promise<Place> {
  const folder = await realpath(resolve(request.folder ?? request.root)).catch((cause: unknown) => {
    throw new KnowledgeError("not_found", `The folder ${request.folder ?? request.root} does not exist.`, {
      field: "dir",
      hint: "Give a folder that exists, or leave it out for the current one.",
      cause,
    });
  });
  if (Buffer.byteLength(folder) > LONGEST_KEY) throw tooLong("The path of the folder", "dir");
  const root = await realpath(request.root);
  const below = relative(root, folder).split(sep).join("/");
  if (below.startsWith("..")) return { root: folder, folder, under: "" };
  return { root, folder, under: below === "" ? "" : `${below}/` };
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

interface Remainder {
  readonly skipped: readonly ReportItem[];
  readonly failed: readonly ReportItem[];
  readonly notes: readonly ReportItem[];
  readonly removed: number;
  readonly tookMs: number;
}

function reportOf(run: Run, rest: Remainder): IndexReport {
  const of = (state: FileOutcome["state"]): readonly FileOutcome[] =>
    run.outcomes.filter((outcome) => outcome.state === state);
  const indexed = of("indexed");
  const skipped = rest.skipped.length + of("skipped").length;
  const failed = rest.failed.length + of("failed").length;
  const kinds = (kind: string): number => indexed.filter((outcome) => outcome.kind === kind).length;
  return {
    ok: failed === 0,
    found: run.outcomes.length + rest.skipped.length + rest.failed.length,
    indexed: indexed.length,
    unchanged: of("unchanged").length,
    skipped,
    removed: rest.removed,
    failed,
    warnings: [
      ...run.outcomes.flatMap(({ warnings }) => warnings),
      ...rest.failed,
      ...rest.skipped,
      ...rest.notes,
    ],
    plansIndexed: kinds("plan"),
    sessionsIndexed: kinds("session"),
    patternsIndexed: kinds("pattern"),
    chunks: indexed.reduce((sum, { chunks }) => sum + chunks, 0),
    embedded: 0,
    owed: 0,
    tookMs: rest.tookMs,
  };
}
