import {
  type ExchangeAnswer,
  type ExchangeRequest,
  MOST_FILES,
  type SeenFile,
  type Standing,
} from "../domain/document-exchange.ts";
import { rowIdOfFile } from "../domain/ids.ts";
import type { Project } from "../domain/project.ts";
import { timestampOf } from "../domain/timestamp.ts";
import type { SourceFile } from "../storage/contract/rows.ts";
import { buryUnheld } from "./bury-missing.ts";
import type { Deps } from "./deps.ts";
import { rootOfCopy } from "./distant-root.ts";
import { embedOwed } from "./embed-owed.ts";
import { freshFile } from "./read-changed-file.ts";
import { storeFiles } from "./store-files.ts";
import { readStoreState, type StoreState } from "./store-state.ts";

type Step<Name extends ExchangeRequest["step"]> = Extract<ExchangeRequest, { readonly step: Name }>;

/** What came of a step; `rows` were written. */
export interface Received {
  readonly answer: ExchangeAnswer<ExchangeRequest["step"]>;
  readonly rows: number;
}

/**
 * One step of an index run whose files lie on another machine. The store is handed in as the caller may see it, but with
 * what it knows of files. @throws KnowledgeError `unavailable`
 */
export async function receiveDocuments(
  deps: Deps,
  project: Project,
  request: ExchangeRequest,
): Promise<Received> {
  const root = rootOfCopy(request.copy);
  switch (request.step) {
    case "compare":
      return { answer: await compare(deps, project, root, request), rows: 0 };
    case "store":
      return store(deps, project, root, request);
    case "list":
      return { answer: await list(deps, project, root, request), rows: 0 };
    case "remove":
      return remove(deps, project, root, request);
    case "finish":
      return { answer: await finish(deps, project, root, request), rows: 0 };
    default:
      return request satisfies never;
  }
}

/** Tells which files have to be sent; of the others it is noted that this working copy holds them, too. */
async function compare(
  { storage }: Deps,
  project: Project,
  root: string,
  { files }: Step<"compare">,
): Promise<ExchangeAnswer<"compare">> {
  const state = await readStoreState({ storage }, project.id);
  const held = new Map<string, SourceFile[]>();
  for (const file of state.files) held.set(file.path, [...(held.get(file.path) ?? []), file]);
  const standings = files.map((file) => standingOf(project, state, held.get(file.path) ?? [], file));
  const fresh = files.filter((file, index) => {
    const isKnown = held.get(file.path)?.some((known) => known.root === root && isSame(known, file));
    return standings[index] === "unchanged" && isKnown !== true;
  });
  await storage.sources.record(
    project.id,
    fresh.map((file) => ({ ...file, root, id: rowIdOfFile(project.id, file.kind, file.path) })),
  );
  return { project: { ref: project.ref, name: project.name }, standings };
}

/** By what any working copy was last seen to hold: all give one path one row. */
function standingOf(
  project: Project,
  { rows, filed }: StoreState,
  held: readonly SourceFile[],
  file: SeenFile,
): Standing {
  const id = rowIdOfFile(project.id, file.kind, file.path);
  const row = rows.get(id);
  if (row?.fileHash !== file.fileHash) return "changed";
  if (row.isDeleted) return filed.has(id) ? "deleted" : "changed";
  return held.some((known) => isSame(known, file)) ? "unchanged" : "changed";
}

function isSame(known: SourceFile, { kind, fileHash, redact }: SeenFile): boolean {
  return known.kind === kind && known.fileHash === fileHash && known.redact === redact;
}

async function store(
  deps: Deps,
  project: Project,
  root: string,
  { documents }: Step<"store">,
): Promise<Received> {
  const files = await deps.storage.sources.files(project.id);
  const known = new Map(files.filter((file) => file.root === root).map((file) => [file.path, file]));
  const fresh = documents.map((document) =>
    freshFile({ ...document, project: project.id, known: known.get(document.path) }),
  );
  const outcomes = await storeFiles(deps, project, root, fresh);
  const rows = outcomes.filter(({ state }) => state === "indexed").length;
  return { answer: { outcomes: outcomes.map((each) => ({ ...each, warnings: [...each.warnings] })) }, rows };
}

async function list(
  { storage }: Deps,
  project: Project,
  root: string,
  { under, after }: Step<"list">,
): Promise<ExchangeAnswer<"list">> {
  const files = await storage.sources.files(project.id);
  const left = files
    .filter((file) => file.root === root && file.path.startsWith(under))
    .map(({ path }) => path)
    .sort()
    .filter((path) => after === undefined || path > after);
  const paths = left.slice(0, MOST_FILES.list);
  const last = paths.at(-1);
  return { paths, ...(left.length > paths.length && last !== undefined && { next: last }) };
}

/**
 * Files that are gone from this working copy. Their documents leave tombstones unless another one was seen to hold them,
 * on whatever machine: nothing of it can be looked at from here (RULES 10).
 */
async function remove(
  deps: Deps,
  project: Project,
  root: string,
  { paths }: Step<"remove">,
): Promise<Received> {
  const files = await deps.storage.sources.files(project.id);
  const gone = new Set(paths);
  const own = files.filter((file) => file.root === root && gone.has(file.path));
  const others = new Set(files.filter((file) => file.root !== root).map(({ path }) => path));
  const buried = await buryUnheld(deps, project, own, async (path) => others.has(path));
  await deps.storage.sources.forget(project.id, root, [...gone]);
  const told = buried.map(({ path, ref, fileHash }) => ({ path, ref, fileHash }));
  return { answer: { buried: told }, rows: told.length };
}

async function finish(
  deps: Deps,
  project: Project,
  root: string,
  { globs }: Step<"finish">,
): Promise<ExchangeAnswer<"finish">> {
  await deps.storage.sources.recordRun(project.id, { root, globs, at: timestampOf(deps.clock()) });
  const { owed } = await embedOwed(deps, { projects: [project.id], limit: 0 });
  return { owed };
}
