import { KnowledgeError } from "../../domain/error.ts";
import { projectIdFrom } from "../../domain/ids.ts";
import type { Project } from "../../domain/project.ts";
import { timestampOf } from "../../domain/timestamp.ts";
import { wellFormedJson } from "../../domain/well-formed.ts";
import type { ForeignTables } from "../../storage/contract/foreign-tables.ts";
import type { Deps } from "../deps.ts";
import { redactDraft } from "../redact-draft.ts";
import { type Counts, ReportLog } from "../report-log.ts";
import { newRowId } from "../store-row.ts";
import type { Finding, FoundRow, Peer, PeerKind, Reading } from "./finding.ts";
import { readPeer } from "./peers.ts";
import { RowStorer } from "./row-storer.ts";

export interface ImportFromRequest {
  readonly peer: Peer;
  /** The tool's file or folder, absolute. */
  readonly path: string;
  /** Only what the tool says belongs to this project of its own; the rest is passed over. */
  readonly only?: string | undefined;
  /** Read and check everything, write nothing. */
  readonly dryRun?: boolean | undefined;
  /** False keeps text that looks like a secret. Default true. */
  readonly redact?: boolean | undefined;
  readonly openTables: (file: string) => Promise<ForeignTables>;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** INTERFACE: the report of `import-from`. */
export interface ImportFromReport extends Counts<PeerKind> {
  readonly from: Peer;
  readonly path: string;
  readonly dryRun: boolean;
  /** What `undo` takes; absent where nothing was written. */
  readonly batch?: string;
  readonly tookMs: number;
}

/** Longer documents are refused, as `index` refuses such files. In UTF-16 units. */
const LONGEST_DOCUMENT = 16 * 1024 * 1024;

/**
 * Brings another tool's data into a project. The source is only read. Every record arrives or is named; one that
 * cannot be taken never stops the others. Done again, it writes only what was changed there since.
 * @param project `undefined` in a dry run for a folder that is no project yet
 * @throws KnowledgeError `not_found` or `invalid_input` for the path, `unavailable` for the store.
 */
export async function importFrom(
  deps: Deps,
  project: Project | undefined,
  request: ImportFromRequest,
): Promise<ImportFromReport> {
  const startedAt = deps.clock();
  const { peer, path, dryRun = false, redact = true, only, signal } = request;
  if (project === undefined && !dryRun)
    throw new KnowledgeError("internal", "An import needs a project to write to.");
  const log = new ReportLog<PeerKind>();
  const batch = newRowId(deps);
  const storer = new RowStorer(deps, { project: project?.id, dryRun, log, batch, peer });
  const reading: Reading = {
    path,
    project: project?.id ?? projectIdFrom(startedAt, deps.random(16)),
    now: timestampOf(startedAt),
    redact,
    openTables: request.openTables,
    onProgress: request.onProgress ?? (() => undefined),
  };
  const projects = new Set<string>();
  for await (const finding of readPeer(peer, reading)) {
    if (signal?.aborted === true) break;
    if (finding.is === "row" && finding.belongsTo !== undefined) projects.add(finding.belongsTo);
    const row = sorted(finding, { log, only, redact });
    if (row !== undefined) await storer.add(row);
  }
  await storer.flush();
  if (projects.size > 1 && only === undefined)
    log.note("warnings", { item: peer, reason: severalOf(projects) });
  const named = { from: peer, path, dryRun, ...(storer.hasWritten && { batch }) };
  return { ...log.report(), ...named, tookMs: deps.clock() - startedAt };
}

/** Records of several projects in one of ours are seldom what is meant. */
function severalOf(projects: ReadonlySet<string>): string {
  const shown = [...projects].sort().slice(0, 20).join(", ");
  return `holds records of ${projects.size} projects, all of them taken (--only takes one): ${shown}`;
}

interface Sorting {
  readonly log: ReportLog<PeerKind>;
  readonly only: string | undefined;
  readonly redact: boolean;
}

/** The row that is to be stored, without secrets and as engines can hold it; everything else goes into the report. */
function sorted(finding: Finding, { log, only, redact }: Sorting): FoundRow | undefined {
  if (finding.is === "note") log.note("warnings", finding);
  else if (finding.is === "fault") log.count("record", "failed", finding);
  else if (finding.is === "skipped") log.count("record", "skipped", finding);
  if (finding.is !== "row") return undefined;
  const { item, line, belongsTo, doubts = [], draft: given } = finding;
  if (only !== undefined && belongsTo !== undefined && belongsTo !== only) {
    log.count(given.kind, "skipped", { item, line, reason: `belongs to the project ${belongsTo}` });
    return undefined;
  }
  const length = given.kind === "event" ? 0 : given.row.content.length;
  if (length > LONGEST_DOCUMENT) {
    const reason = `It has ${length} characters, more than the ${LONGEST_DOCUMENT} that a document may have.`;
    log.count(given.kind, "failed", { item, line, reason });
    return undefined;
  }
  const { draft, found } = redactDraft(wellFormedJson(given), redact);
  for (const reason of doubts) log.note("warnings", { item, line, reason });
  if (found.length > 0) {
    const reason = `Secrets were left out: ${found.join(", ")} (keep them with --no-redact).`;
    log.note("warnings", { item, line, reason });
  }
  return { ...finding, draft };
}
