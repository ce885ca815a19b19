import { join } from "node:path";
import type { ExchangeAnswer, ExchangePlace, SentDocument, Standing } from "../domain/document-exchange.ts";
import { MOST_FILES } from "../domain/document-exchange.ts";
import type { IndexReport, ReportItem } from "../domain/report.ts";
import { scanWorkspace, type WorkspaceFile } from "../markdown/workspace.ts";
import type { Deps } from "./deps.ts";
import { presenceOf } from "./file-presence.ts";
import { globsOf, type IndexedPlace, type Place, placeOf } from "./index-place.ts";
import { indexReportOf } from "./index-report.ts";
import type { Instance } from "./instance.ts";
import { DELETED, type FileOutcome } from "./read-changed-file.ts";
import { type ReadableFile, readForSending } from "./read-for-sending.ts";
import { renamedFiles } from "./renamed-files.ts";
import { storeFar } from "./store-far.ts";

export interface SendRequest extends IndexedPlace {
  readonly to: ExchangePlace;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly redact?: boolean | undefined;
}

/** The report of `index`, and the project of the instance that it is about. */
export interface SentReport extends IndexReport {
  readonly project: { readonly ref: string; readonly name: string };
}

/** Files that are read, compared and sent together. */
const BATCH = 100;

/**
 * Sends a folder's documents to the shared instance: secrets stay here, and of files that it holds already only names and
 * hashes go. What was sent is kept, however the run ends; another one goes on from there.
 * @throws KnowledgeError `not_found` or `invalid_input` for the folder; what the instance says
 */
export async function sendDocuments(
  deps: Pick<Deps, "clock"> & { readonly instance: Instance },
  request: SendRequest,
): Promise<SentReport> {
  const startedMs = deps.clock();
  const { instance } = deps;
  const { to, plans, sessions, patterns, signal } = request;
  const place = await placeOf(request);
  const globs = globsOf(request, place);
  // Asked before anything is read: a token that may not send is refused at once.
  const { project } = await instance.ask({ ...to, step: "compare", files: [] });
  const scan = await scanWorkspace({ root: place.folder, globs: { plans, sessions, patterns } });
  const run: Run = { instance, request, place, outcomes: [] };
  for (let at = 0; at < scan.files.length && signal?.aborted !== true; at += BATCH) {
    await sendBatch(run, scan.files.slice(at, at + BATCH)).catch((error: unknown) => {
      // Waiting for a busy instance was broken off: what was sent until then is reported.
      if (signal?.aborted !== true) throw error;
    });
    request.onProgress?.(Math.min(at + BATCH, scan.files.length), scan.files.length);
  }
  const settled = signal?.aborted === true ? NOTHING_SETTLED : await settle(run, globs);
  const named = ({ path, reason }: { readonly path: string; readonly reason: string }): ReportItem => ({
    ...{ item: place.under + path, reason },
  });
  const report = indexReportOf(run.outcomes, {
    skipped: scan.skipped.map(named),
    failed: settled.failed,
    notes: [...settled.notes, ...scan.warnings.map(named)],
    removed: settled.removed,
    tookMs: deps.clock() - startedMs,
  });
  return { ...report, owed: settled.owed, project };
}

interface Run {
  readonly instance: Instance;
  readonly request: SendRequest;
  readonly place: Place;
  readonly outcomes: FileOutcome[];
}

async function sendBatch(run: Run, files: readonly WorkspaceFile[]): Promise<void> {
  const { instance, request, place } = run;
  const redact = request.redact !== false;
  const read = await Promise.all(files.map((file) => readForSending(file, place.under + file.path, redact)));
  const readable = read.filter((file): file is ReadableFile => "document" in file);
  const { standings } =
    readable.length === 0
      ? { standings: [] }
      : await instance.ask({ ...request.to, step: "compare", files: readable.map(withoutText) });
  const standingOf = new Map(readable.map((file, index) => [file, standings[index] ?? "changed"]));
  const changed = readable.filter((file) => standingOf.get(file) === "changed");
  const stored = await storeFar(instance, request.to, changed);
  for (const file of read) {
    if ("outcome" in file) run.outcomes.push(file.outcome);
    else run.outcomes.push(stored.get(file) ?? untouched(file, standingOf.get(file)));
  }
}

function withoutText({ document }: ReadableFile): Omit<SentDocument, "text" | "category"> {
  const { path, kind, fileHash, size, modifiedMs, redact } = document;
  return { path, kind, fileHash, size, modifiedMs, redact };
}

function untouched({ document }: ReadableFile, standing: Standing | undefined): FileOutcome {
  const { path, kind, fileHash } = document;
  const known = { path, kind, fileHash, chunks: 0 };
  if (standing !== "deleted") return { ...known, state: "unchanged", warnings: [] };
  return { ...known, state: "skipped", warnings: [{ item: path, reason: DELETED }] };
}

/** What a whole run finds out about files that are not here any more. */
interface Settled {
  readonly removed: number;
  readonly owed: number;
  readonly failed: readonly ReportItem[];
  readonly notes: readonly ReportItem[];
}

const NOTHING_SETTLED: Settled = { removed: 0, owed: 0, failed: [], notes: [] };

async function settle(run: Run, globs: string): Promise<Settled> {
  const { instance, request, place, outcomes } = run;
  const here = new Set(outcomes.map(({ path }) => path));
  const missing = (await pathsThere(run)).filter((path) => !here.has(path));
  const presences = await Promise.all(missing.map((path) => presenceOf(join(place.root, path))));
  const gone = missing.filter((_, index) => presences[index]?.state === "gone");
  const failed = missing.flatMap((path, index): readonly ReportItem[] => {
    const presence = presences[index];
    if (presence?.state !== "unknown") return [];
    return [{ item: path, reason: `${presence.problem} Its document was kept as it is.` }];
  });
  const buried: ExchangeAnswer<"remove">["buried"] = [];
  for (let at = 0; at < gone.length; at += MOST_FILES.remove) {
    const paths = gone.slice(at, at + MOST_FILES.remove);
    buried.push(...(await instance.ask({ ...request.to, step: "remove", paths })).buried);
  }
  const { owed } = await instance.ask({ ...request.to, step: "finish", globs });
  return { removed: buried.length, owed, failed, notes: renamedFiles(buried, outcomes) };
}

/** What the instance knows of this working copy's files below the folder. */
async function pathsThere({ instance, request, place }: Run): Promise<readonly string[]> {
  const paths: string[] = [];
  for (let after: string | undefined, isMore = true; isMore; isMore = after !== undefined) {
    const from = after === undefined ? {} : { after };
    const page = await instance.ask({ ...request.to, step: "list", under: place.under, ...from });
    paths.push(...page.paths);
    after = page.next;
  }
  return paths;
}
