import { contentHashOf, type StoredRow } from "../../domain/document.ts";
import { KnowledgeError } from "../../domain/error.ts";
import type { Kind, ProjectId, RowId } from "../../domain/ids.ts";
import type { DraftRow } from "../../storage/contract/writes.ts";
import type { Deps } from "../deps.ts";
import { rowsByIds } from "../read-back.ts";
import type { ReportLog } from "../report-log.ts";
import { type RowWrite, storeRows } from "../store-row.ts";
import type { FoundRow, Peer, PeerKind } from "./finding.ts";

export interface StorerSettings {
  /** `undefined` where nothing is stored yet. */
  readonly project: ProjectId | undefined;
  readonly dryRun: boolean;
  readonly log: ReportLog<PeerKind>;
  /** What can be undone together. */
  readonly batch: string;
  readonly peer: Peer;
}

/** Rows of one transaction, and characters after which one is done whatever its number of rows. */
const BATCH_ROWS = 50;
const BATCH_CHARACTERS = 4_000_000;

/** What is to be done about a row. */
type Decision =
  | { readonly write: RowWrite }
  | { readonly outcome: "unchanged" | "skipped" | "failed"; readonly reason?: string };

interface RowToStore {
  readonly row: FoundRow;
  readonly write: RowWrite;
}

/** Stores rows in transactions of many. When one fails, its rows are tried one by one, so that a bad row costs only itself. */
export class RowStorer {
  readonly #deps: Deps;
  readonly #settings: StorerSettings;
  /** Content hash of each row that came so far: an id that comes twice in one source is told of. */
  readonly #seen = new Map<RowId, string>();
  readonly #actor: string;
  #files: ReadonlySet<string> | undefined;
  #rows: FoundRow[] = [];
  #characters = 0;
  #hasWritten = false;

  /** Whether anything of the batch is in the store. */
  get hasWritten(): boolean {
    return this.#hasWritten;
  }

  constructor(deps: Deps, settings: StorerSettings) {
    this.#actor = `${deps.actor} (import-from ${settings.peer})`;
    this.#deps = { ...deps, actor: this.#actor };
    this.#settings = settings;
  }

  async add(row: FoundRow): Promise<void> {
    if (await this.#isKnown(row)) return;
    this.#rows.push(row);
    this.#characters += row.draft.kind === "event" ? 0 : row.draft.row.content.length;
    if (this.#rows.length >= BATCH_ROWS || this.#characters > BATCH_CHARACTERS) await this.flush();
  }

  async flush(): Promise<void> {
    const rows = this.#rows;
    [this.#rows, this.#characters] = [[], 0];
    const planned = await this.#decide(rows);
    const writes = planned.flatMap(({ row, decision }) =>
      "write" in decision ? [{ row, write: decision.write }] : [],
    );
    for (const { row, decision } of planned) {
      if (!("write" in decision)) this.#count(row, decision.outcome, decision.reason);
    }
    if (this.#settings.dryRun) for (const { row } of writes) this.#count(row, "done");
    else await this.#store(writes);
  }

  /** Rows that came before in this source, or that the project's index has from their own file. */
  async #isKnown(row: FoundRow): Promise<boolean> {
    const { id } = row.draft.row;
    const hash = contentHashOf(row.draft.row);
    const before = this.#seen.get(id);
    this.#seen.set(id, before ?? hash);
    if (before !== undefined) {
      if (before === hash) this.#count(row, "skipped", "is there twice, word for word");
      else this.#count(row, "failed", "has the id of an earlier record, and says something else");
      return true;
    }
    if (row.fileHash === undefined || !(await this.#indexed()).has(row.fileHash)) return false;
    this.#count(row, "skipped", "is in the store from its own file, as `aiknowsys index` read it");
    return true;
  }

  /** Hashes of the files that live rows of the project were read from. */
  async #indexed(): Promise<ReadonlySet<string>> {
    const { project } = this.#settings;
    if (this.#files !== undefined) return this.#files;
    const rows = project === undefined ? [] : await this.#deps.storage.sources.rows(project);
    const live = rows.flatMap(({ fileHash, isDeleted }) =>
      isDeleted || fileHash === undefined ? [] : [fileHash],
    );
    this.#files = new Set(live);
    return this.#files;
  }

  async #decide(rows: readonly FoundRow[]) {
    const standing = await this.#standing(rows);
    return Promise.all(
      rows.map(async (row) => ({ row, decision: await this.#decision(row, standing.get(row.draft.row.id)) })),
    );
  }

  async #decision(given: FoundRow, found: StoredRow | undefined): Promise<Decision> {
    const { slugs } = given;
    if (found === undefined)
      return { write: { draft: given.draft, operation: "create", expectedRevision: 0, slugs } };
    const draft = given.isUndated === true ? datedAs(given.draft, found) : given.draft;
    const { row } = found;
    if (row.deletedAt !== undefined) return { outcome: "skipped", reason: `${row.ref} was deleted here` };
    const hash = contentHashOf(draft.row);
    if (row.contentHash === hash) return { outcome: "unchanged" };
    const entries = await this.#deps.storage.changes.ofRow(row.project, row.id);
    const mark = `(import-from ${this.#settings.peer})`;
    const imported = entries.findLast(({ actor }) => actor.endsWith(mark));
    // Changed here and not there: it stays as it was changed here.
    if (imported?.contentHash === hash) return { outcome: "unchanged" };
    if (imported === entries.at(-1) && imported !== undefined)
      return { write: { draft, operation: "update", expectedRevision: row.revision } };
    const reason = `was changed there and here since it was imported; ${row.ref} stays as it is here`;
    return { outcome: "failed", reason };
  }

  async #standing(rows: readonly FoundRow[]): Promise<ReadonlyMap<RowId, StoredRow>> {
    const { project } = this.#settings;
    if (project === undefined) return new Map();
    const kinds = [...new Set<Kind>(rows.map(({ draft }) => draft.kind))];
    const ids = (kind: Kind) => rows.flatMap(({ draft }) => (draft.kind === kind ? [draft.row.id] : []));
    const found = await Promise.all(kinds.map((kind) => rowsByIds(this.#deps, project, kind, ids(kind))));
    return new Map(found.flat().map((row) => [row.row.id, row]));
  }

  async #store(rows: readonly RowToStore[]): Promise<void> {
    const { project, batch } = this.#settings;
    if (project === undefined || rows.length === 0) return;
    try {
      const writes = rows.map(({ write }) => write);
      await storeRows(this.#deps, project, writes, batch);
      this.#hasWritten = true;
      for (const { row } of rows) this.#count(row, "done");
    } catch (error) {
      if (error instanceof KnowledgeError && error.code === "unavailable") throw error;
      await this.#storeEach(rows, error);
    }
  }

  async #storeEach(rows: readonly RowToStore[], error: unknown): Promise<void> {
    const [only, ...others] = rows;
    if (only === undefined) return;
    if (others.length > 0) for (const one of rows) await this.#store([one]);
    else this.#count(only.row, "failed", error instanceof Error ? error.message : String(error));
  }

  #count({ draft, item, line }: FoundRow, outcome: "done" | "unchanged" | "skipped" | "failed", reason = "") {
    this.#settings.log.count(draft.kind, outcome, { item, line, reason });
  }
}

/** A row with the moment that it was first given. */
function datedAs(draft: DraftRow, found: StoredRow): DraftRow {
  if (draft.kind === "event" && found.kind === "event")
    return { kind: "event", row: { ...draft.row, occurredAt: found.row.occurredAt } };
  if (draft.kind === "session" && found.kind === "session")
    return { kind: "session", row: { ...draft.row, date: found.row.date } };
  return draft;
}
