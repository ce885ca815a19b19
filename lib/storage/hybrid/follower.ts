import { KnowledgeError } from "../../domain/error.ts";
import type { ProjectId } from "../../domain/ids.ts";
import type { Timestamp } from "../../domain/timestamp.ts";
import { RECORD_KINDS, type RecordKind } from "../../domain/transfer-record.ts";
import type { CopyingStorage, StorageAdapter } from "../adapter.ts";
import type { CopyState, CopyStep } from "../contract/copy.ts";
import type { RowName, TransferNote } from "../contract/transfer.ts";
import { type Differences, differencesOfStores, type View } from "./differences.ts";
import { followChanges, followRows } from "./follow-changes.ts";
import { whyApart } from "./same-store.ts";

export interface FollowerOptions {
  readonly copy: CopyingStorage;
  /** Tells this follower from all others. */
  readonly holder: string;
  readonly now: () => Timestamp;
  readonly signal: AbortSignal;
}

/** How long a follower that died keeps others from following. */
const LOCK_MS = 60_000;
/** What no change line tells is compared this often, in milliseconds: folders whole, all else by its count. */
const LOOK_EVERY_MS = 30_000;
const FOLDER_KINDS: readonly RecordKind[] = ["run", "file", "folder"];

/** Brings the copy to where the store that counts is; one process at a time does. */
export class Follower {
  readonly #options: FollowerOptions;
  /** Rows that have changed without a change line: vectors came. */
  readonly #rows = new Map<string, RowName>();
  #foldersAreDue = false;
  #allIsDue = false;
  #lookedAt = 0;

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  noteRows(rows: readonly RowName[]): void {
    for (const row of rows) this.#rows.set(`${row.project} ${row.kind} ${row.id}`, row);
  }

  noteFolders(): void {
    this.#foldersAreDue = true;
  }

  /** Everything is compared with the next pass. */
  noteAll(): void {
    this.#allIsDue = true;
  }

  /**
   * One pass over what has changed. False when another process follows.
   * @throws KnowledgeError `unavailable` when the store is away, `conflict` when it is not the one that was followed.
   */
  async follow(store: StorageAdapter): Promise<boolean> {
    const { copy } = this.#options.copy;
    if (!(await this.#lock())) return false;
    try {
      const state = await copy.state();
      if (state === undefined) throw released();
      await this.#pass(store, state);
      return true;
    } finally {
      await copy.unlock(this.#options.holder);
    }
  }

  async #pass(store: StorageAdapter, state: CopyState): Promise<void> {
    const newest = await newestOf(store, this.#options.now());
    const apart = await whyApart(store, this.#options.copy, { state, newest });
    if (apart !== undefined) {
      await this.#options.copy.copy.take({ problem: apart, isApart: true });
      throw new KnowledgeError("conflict", apart, { hint: HINT_APART });
    }
    const asOf = this.#options.now();
    const view = { storage: store, id: await store.transfer.open() };
    try {
      const notes = await this.#catchUp(view, state, newest);
      const problem = notes.length === 0 ? "" : problemOf(notes);
      const cursors = Object.fromEntries(newest);
      await this.#take({ asOf, paid: state.owed.changes, cursors, problem, isApart: false });
    } finally {
      await store.transfer.close(view.id);
    }
  }

  async #catchUp(
    view: View,
    state: CopyState,
    newest: ReadonlyMap<ProjectId, number>,
  ): Promise<readonly TransferNote[]> {
    const { copy, signal } = this.#options;
    const take = (step: CopyStep) => this.#take(step);
    const rows = [...this.#rows.values()];
    if (state.asOf === undefined || this.#allIsDue) {
      this.#allIsDue = false;
      // What does not fit in its place at once does when the others have moved.
      await this.#level(view, RECORD_KINDS);
      const notes = await this.#level(view, RECORD_KINDS);
      this.#settle(rows);
      return notes;
    }
    const notes = [...(await this.#level(view, ["project", "space"]))];
    notes.push(...(await followChanges({ view, copy, take, signal }, state.cursors, newest)));
    notes.push(...(await followRows({ view, copy, take, signal }, rows)));
    this.#settle(rows);
    const isDue = Date.parse(this.#options.now()) - this.#lookedAt >= LOOK_EVERY_MS;
    if (isDue || this.#foldersAreDue) {
      this.#foldersAreDue = false;
      notes.push(...(await this.#level(view, FOLDER_KINDS)));
    }
    if (isDue) {
      notes.push(...(await this.#level(view, await this.#miscounted(view))));
      this.#lookedAt = Date.parse(this.#options.now());
    }
    return notes;
  }

  #settle(rows: readonly RowName[]): void {
    for (const row of rows) {
      const name = `${row.project} ${row.kind} ${row.id}`;
      if (this.#rows.get(name) === row) this.#rows.delete(name);
    }
  }

  /** Makes these kinds equal, whatever made them differ. */
  async #level(view: View, kinds: readonly RecordKind[]): Promise<readonly TransferNote[]> {
    const notes: TransferNote[] = [];
    if (kinds.length === 0) return notes;
    await this.#inCopy(async (ours) => {
      for await (const step of differencesOfStores(view, ours, kinds)) {
        const gone = step.remove.flatMap((record) => (record.record === "project" ? [[record.id, 0]] : []));
        notes.push(...(await this.#take({ ...step, cursors: Object.fromEntries(gone) })));
      }
    });
    return notes;
  }

  /** Kinds of which both hold a different number. */
  async #miscounted(view: View): Promise<readonly RecordKind[]> {
    const theirs = await view.storage.transfer.count(view.id);
    return this.#inCopy(async ({ storage, id }) => {
      const ours = await storage.transfer.count(id);
      const kinds = RECORD_KINDS.filter((kind) => theirs[kind] !== ours[kind]);
      // Vectors go with their passages.
      return kinds.includes("passage") ? [...kinds, "vector"] : kinds;
    });
  }

  async #inCopy<Result>(work: (view: View) => Promise<Result>): Promise<Result> {
    const { copy } = this.#options;
    const id = await copy.transfer.open();
    return work({ storage: copy, id }).finally(() => copy.transfer.close(id));
  }

  async #take(step: CopyStep | Differences): Promise<readonly TransferNote[]> {
    const { copy, signal } = this.#options;
    signal.throwIfAborted();
    if (!(await this.#lock())) throw overtaken();
    return copy.copy.take(step);
  }

  #lock(): Promise<boolean> {
    const { copy, holder, now } = this.#options;
    return copy.copy.lock(holder, now(), LOCK_MS);
  }
}

const HINT_APART =
  "Point POSTGRES_URL at the store that the copy followed, or export the copy (STORAGE_TYPE=sqlite) and name another file with SQLITE_PATH.";

/** Numbers and seals what is not sealed yet: the copy follows sealed changes. */
async function newestOf(store: StorageAdapter, at: Timestamp): Promise<ReadonlyMap<ProjectId, number>> {
  const newest = new Map<ProjectId, number>();
  for (const { id } of await store.projects.list()) newest.set(id, await store.changes.seal(id, at));
  return newest;
}

function problemOf(notes: readonly TransferNote[]): string {
  const [first] = notes;
  return `${notes.length} records could not be copied as they are: one ${first?.reason ?? ""}.`;
}

function released(): KnowledgeError {
  return new KnowledgeError("conflict", "The copy was released: it does not follow any more.", {
    hint: "Set STORAGE_TYPE to sqlite or postgres, or name another file with SQLITE_PATH for a new copy.",
  });
}

function overtaken(): KnowledgeError {
  return new KnowledgeError("unavailable", "Another process follows by now.", { hint: "It goes on there." });
}
