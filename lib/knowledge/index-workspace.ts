import { realpath } from "node:fs/promises";
import { relative, resolve, sep } from "node:path";
import { canonicalJson } from "../domain/canonical-json.ts";
import { KnowledgeError } from "../domain/error.ts";
import type { Project } from "../domain/project.ts";
import type { IndexReport, ReportItem } from "../domain/report.ts";
import { timestampOf } from "../domain/timestamp.ts";
import { scanWorkspace, type WorkspaceFile } from "../markdown/workspace.ts";
import type { SourceFile } from "../storage/contract/rows.ts";
import { buryMissing } from "./bury-missing.ts";
import type { Deps } from "./deps.ts";
import { type FileOutcome, readChangedFile } from "./read-changed-file.ts";
import { storeFiles } from "./store-files.ts";

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
  const scan = await scanWorkspace({
    root: place.folder,
    globs: { plans, sessions, patterns },
    ...(maxBytes !== undefined && { maxBytes }),
  });
  const known = await deps.storage.sources.files(project.id);
  const run: Run = { deps, project, request, place, known: knownByPath(known, place.root), outcomes: [] };
  for (let at = 0; at < scan.files.length && request.signal?.aborted !== true; at += BATCH) {
    run.outcomes.push(...(await indexBatch(run, scan.files.slice(at, at + BATCH))));
    request.onProgress?.({
      phase: "read",
      done: Math.min(at + BATCH, scan.files.length),
      total: scan.files.length,
    });
  }
  const isWhole = request.signal?.aborted !== true;
  const removed = isWhole
    ? await buryMissing(deps, project, { root: place.root, under: place.under, known })
    : 0;
  const globs = canonicalJson({
    plans,
    sessions,
    patterns,
    ...(place.under !== "" && { under: place.under }),
  });
  await deps.storage.sources.recordRun(project.id, { root: place.root, globs, at: timestampOf(startedMs) });
  const skipped = scan.skipped.map(({ path, reason }): ReportItem => ({ item: place.under + path, reason }));
  const notes = scan.warnings.map(({ path, reason }): ReportItem => ({ item: place.under + path, reason }));
  return reportOf(run, { skipped, notes, removed, tookMs: deps.clock() - startedMs });
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
  const root = await realpath(request.root);
  const below = relative(root, folder).split(sep).join("/");
  if (below.startsWith("..")) return { root: folder, folder, under: "" };
  return { root, folder, under: below === "" ? "" : `${below}/` };
}

function knownByPath(files: readonly SourceFile[], root: string): ReadonlyMap<string, SourceFile> {
  return new Map(files.filter((file) => file.root === root).map((file) => [file.path, file]));
}

async function indexBatch(run: Run, files: readonly WorkspaceFile[]): Promise<readonly FileOutcome[]> {
  const { deps, project, request, place, known } = run;
  const read = await Promise.all(
    files.map((file) =>
      readChangedFile({
        file,
        project: project.id,
        path: place.under + file.path,
        known: known.get(place.under + file.path),
        redact: request.redact !== false,
      }),
    ),
  );
  return storeFiles(deps, project, place.root, read);
}

interface Remainder {
  readonly skipped: readonly ReportItem[];
  readonly notes: readonly ReportItem[];
  readonly removed: number;
  readonly tookMs: number;
}

function reportOf(run: Run, rest: Remainder): IndexReport {
  const of = (state: FileOutcome["state"]): readonly FileOutcome[] =>
    run.outcomes.filter((outcome) => outcome.state === state);
  const indexed = of("indexed");
  const skipped = rest.skipped.length + of("skipped").length;
  const failed = of("failed").length;
  const kinds = (kind: string): number => indexed.filter((outcome) => outcome.kind === kind).length;
  return {
    ok: failed === 0,
    found: run.outcomes.length + rest.skipped.length,
    indexed: indexed.length,
    unchanged: of("unchanged").length,
    skipped,
    removed: rest.removed,
    failed,
    warnings: [...run.outcomes.flatMap(({ warnings }) => warnings), ...rest.skipped, ...rest.notes],
    plansIndexed: kinds("plan"),
    sessionsIndexed: kinds("session"),
    patternsIndexed: kinds("pattern"),
    chunks: indexed.reduce((sum, { chunks }) => sum + chunks, 0),
    embedded: 0,
    owed: 0,
    tookMs: rest.tookMs,
  };
}
