import type { BatchRow } from "../domain/change.ts";
import type { StoredRow } from "../domain/document.ts";
import { KnowledgeError } from "../domain/error.ts";
import { isUuid, type Kind, type ProjectId, type RowId } from "../domain/ids.ts";
import { timestampOf } from "../domain/timestamp.ts";
import type { Deps } from "./deps.ts";
import { titleOf } from "./public-row.ts";
import { rowsByIds } from "./read-back.ts";
import { type Counts, ReportLog } from "./report-log.ts";
import { asDraft, deletionOf, newRowId, type RowWrite, storeRows } from "./store-row.ts";
import { undoingActor } from "./undo-actor.ts";

export interface UndoRequest {
  /** As a report or a history names it. */
  readonly batch: string;
  /** Look at everything, write nothing. */
  readonly dryRun?: boolean | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** INTERFACE: the report of `undo`. */
export interface UndoReport extends Counts<Kind> {
  readonly undone: string;
  /** What this undoing is undone by; absent where nothing was written. */
  readonly batch?: string;
  readonly dryRun: boolean;
  /** Rows that the batch had added and that are tombstones now. */
  readonly removed: number;
  /** Rows that are again as they were before the batch. */
  readonly restored: number;
  readonly tookMs: number;
}

/** Rows of one transaction. */
const TOGETHER = 50;
const PAGE = 500;

/**
 * Takes an import back, in all projects: what it added becomes a tombstone, what it changed gets back what it was before,
 * both as a further revision, so that no history is lost. A row that was changed since is left and named. Done again,
 * it writes nothing; undone itself, the rows are as the batch had left them, with vectors owed.
 * @throws KnowledgeError `not_found` where there is no such batch, `unsupported` for a merge of projects
 */
export async function undoBatch(deps: Deps, request: UndoRequest): Promise<UndoReport> {
  const startedAt = deps.clock();
  const { dryRun = false, signal, onProgress } = request;
  const undone = request.batch.trim().toLowerCase();
  // Merges of projects are batches, too, with a name of their own: their rows are in two projects.
  if (undone.startsWith("merge ")) throw noImport(request.batch);
  const sizes = isUuid(undone) ? await sizesOf(deps, undone) : [];
  const total = sizes.reduce((sum, { size }) => sum + size, 0);
  if (total === 0) throw unknownBatch(request.batch);
  const undoing = new Undoing(
    { ...deps, actor: undoingActor(deps.actor) },
    { dryRun, batch: newRowId(deps) },
  );
  let done = 0;
  for (const { project } of sizes) {
    for await (const rows of pagesOf(deps, project, undone)) {
      if (signal?.aborted === true) break;
      await undoing.take(project, rows);
      done += rows.length;
      onProgress?.(done, total);
    }
  }
  return { undone, ...undoing.report(), dryRun, tookMs: deps.clock() - startedAt };
}

async function sizesOf({ storage }: Deps, batch: string) {
  const sizes = [];
  for (const { id } of await storage.projects.list()) {
    const size = await storage.changes.batchSize(id, batch);
    if (size > 0) sizes.push({ project: id, size });
  }
  return sizes;
}

async function* pagesOf({ storage }: Deps, project: ProjectId, batch: string) {
  let after: BatchRow | undefined;
  do {
    const rows: readonly BatchRow[] = await storage.changes.ofBatch(project, batch, { after, limit: PAGE });
    for (let at = 0; at < rows.length; at += TOGETHER) yield rows.slice(at, at + TOGETHER);
    after = rows.length < PAGE ? undefined : rows.at(-1);
  } while (after !== undefined);
}

/** What is to be done about a row. */
type Decision =
  | { readonly write: RowWrite; readonly how: "removed" | "restored" }
  | { readonly outcome: "unchanged" | "skipped" | "failed"; readonly item: string; readonly reason?: string };

interface Planned {
  readonly row: BatchRow;
  readonly decision: Decision;
}

class Undoing {
  readonly #deps: Deps;
  readonly #settings: { readonly dryRun: boolean; readonly batch: string };
  readonly #log = new ReportLog<Kind>();
  readonly #written = { removed: 0, restored: 0 };

  constructor(deps: Deps, settings: { readonly dryRun: boolean; readonly batch: string }) {
    this.#deps = deps;
    this.#settings = settings;
  }

  async take(project: ProjectId, rows: readonly BatchRow[]): Promise<void> {
    const planned = await this.#plan(project, rows);
    const writes = planned.flatMap(({ decision }) => ("write" in decision ? [decision.write] : []));
    if (!this.#settings.dryRun && writes.length > 0) {
      try {
        await storeRows(this.#deps, project, writes, this.#settings.batch);
      } catch (error) {
        if (error instanceof KnowledgeError && error.code === "unavailable") throw error;
        await this.#takeEach(project, rows, error);
        return;
      }
    }
    for (const each of planned) this.#count(each);
  }

  report(): Omit<UndoReport, "undone" | "dryRun" | "tookMs"> {
    const { batch, dryRun } = this.#settings;
    const counts = this.#log.report();
    return { ...(counts.done > 0 && !dryRun && { batch }), ...counts, ...this.#written };
  }

  /** Somebody changed one of them meanwhile, or one went with another: each by itself, looked at anew. */
  async #takeEach(project: ProjectId, rows: readonly BatchRow[], error: unknown): Promise<void> {
    const [only, ...others] = rows;
    if (only === undefined) return;
    if (others.length > 0) for (const row of rows) await this.take(project, [row]);
    else {
      const reason = `cannot be written: ${error instanceof Error ? error.message : String(error)}`;
      this.#log.count(only.kind, "failed", { item: only.id, reason });
    }
  }

  async #plan(project: ProjectId, rows: readonly BatchRow[]): Promise<readonly Planned[]> {
    const standing = new Map<RowId, StoredRow>();
    for (const kind of new Set<Kind>(rows.map((row) => row.kind))) {
      const ids = rows.flatMap((row) => (row.kind === kind ? [row.id] : []));
      for (const found of await rowsByIds(this.#deps, project, kind, ids)) standing.set(found.row.id, found);
    }
    return Promise.all(
      rows.map(async (row) => ({ row, decision: await this.#decide(project, row, standing.get(row.id)) })),
    );
  }

  async #decide(project: ProjectId, given: BatchRow, found: StoredRow | undefined): Promise<Decision> {
    if (found === undefined)
      return { outcome: "skipped", item: given.id, reason: "is not there any more, nor its tombstone" };
    const { revision, deletedAt } = found.row;
    const item = `${found.row.ref} (${titleOf(found).slice(0, 80)})`;
    if (given.before === 0 && deletedAt !== undefined) return { outcome: "unchanged", item };
    const earlier = await this.#earlier(project, given);
    if (given.before > 0 && earlier === undefined)
      return { outcome: "failed", item, reason: `was at revision ${given.before} before, which is not kept` };
    if (earlier !== undefined && isSame(earlier, found)) return { outcome: "unchanged", item };
    if (revision !== given.revision) {
      const reason = `was changed since: it is at revision ${revision}, the batch left it at ${given.revision}`;
      return { outcome: "failed", item, reason };
    }
    if (earlier === undefined)
      return { write: deletionOf(found, timestampOf(this.#deps.clock())), how: "removed" };
    const operation = operationFor(earlier, found);
    return { write: { draft: asDraft(earlier), operation, expectedRevision: revision }, how: "restored" };
  }

  async #earlier(project: ProjectId, { kind, id, before }: BatchRow): Promise<StoredRow | undefined> {
    return before === 0 ? undefined : this.#deps.storage.changes.revision(project, kind, id, before);
  }

  #count({ row, decision }: Planned): void {
    if ("write" in decision) {
      this.#log.count(row.kind, "done");
      this.#written[decision.how] += 1;
    } else {
      const { outcome, item, reason = "" } = decision;
      this.#log.count(row.kind, outcome, { item, reason });
    }
  }
}

function isSame(earlier: StoredRow, found: StoredRow): boolean {
  const isGone = (row: StoredRow) => row.row.deletedAt !== undefined;
  return earlier.row.contentHash === found.row.contentHash && isGone(earlier) === isGone(found);
}

function operationFor(earlier: StoredRow, found: StoredRow): RowWrite["operation"] {
  if (earlier.row.deletedAt !== undefined) return "delete";
  return found.row.deletedAt === undefined ? "update" : "restore";
}

function noImport(text: string): KnowledgeError {
  return new KnowledgeError(
    "unsupported",
    `"${text.trim().slice(0, 80)}" made two projects one, which cannot be undone.`,
    { field: "batch", hint: "Only imports and their undoing can be undone; a backup is the way back." },
  );
}

function unknownBatch(text: string): KnowledgeError {
  return new KnowledgeError("not_found", `There is no batch "${text.trim().slice(0, 80)}" in this store.`, {
    field: "batch",
    hint: "import-db and import-from name it in their reports, history in the lines of a row.",
  });
}
