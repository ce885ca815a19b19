import { KnowledgeError } from "../../domain/error.ts";
import { timestampOf } from "../../domain/timestamp.ts";
import type { CopyingStorage, StorageAdapter } from "../adapter.ts";
import type { Write, WriteContext, WriteResult } from "../contract/writes.ts";
import { adopt, requireOneTenant } from "./adopt.ts";
import { Follower } from "./follower.ts";
import { openPassages } from "./passages.ts";
import { Primary } from "./primary.ts";
import { openRoute, type Route, routed } from "./route.ts";
import { Schedule } from "./schedule.ts";
import { openUpkeep } from "./upkeep.ts";

export interface HybridOptions {
  /** Opens PostgreSQL; fails while it cannot be reached. */
  readonly openPrimary: () => Promise<StorageAdapter>;
  /** Whether an error means that PostgreSQL cannot be reached. */
  readonly isAway: (error: unknown) => boolean;
  /** The SQLite store beside it, open for writing; closing the hybrid closes it. */
  readonly copy: CopyingStorage;
  /** Where PostgreSQL is, for people; without credentials. */
  readonly location: string;
  /** Tells this process's follower from all others. */
  readonly holder: string;
  /** How often the copy looks for what others wrote, in milliseconds. Default 1,000; 0: only `follow` looks. */
  readonly followEveryMs?: number | undefined;
  /** How long nobody asks for PostgreSQL again after it was away, in milliseconds. Default 1,000. */
  readonly restMs?: number | undefined;
  /** Told to whoever operates it: a sentence. */
  readonly onNotice?: ((sentence: string) => void) | undefined;
}

const EVERY_MS = 1_000;
const AWAY = "PostgreSQL is away: reading from the local copy, nothing can be written.";
const BACK = "PostgreSQL is back.";

/**
 * PostgreSQL first, and a SQLite copy beside it that follows its sealed change log: writes go to PostgreSQL alone;
 * reads go to the copy while PostgreSQL is away, and say so.
 */
export class HybridStorage implements StorageAdapter {
  readonly capabilities = { engine: "hybrid", tenants: false } as const;
  readonly projects: StorageAdapter["projects"];
  readonly sources: StorageAdapter["sources"];
  readonly plans: StorageAdapter["plans"];
  readonly sessions: StorageAdapter["sessions"];
  readonly patterns: StorageAdapter["patterns"];
  readonly events: StorageAdapter["events"];
  readonly chunks: StorageAdapter["chunks"];
  readonly changes: StorageAdapter["changes"];
  readonly search: StorageAdapter["search"];
  readonly upkeep: StorageAdapter["upkeep"];
  readonly transfer: StorageAdapter["transfer"];
  readonly tokens: StorageAdapter["tokens"];
  readonly tenancy: StorageAdapter["tenancy"];
  readonly audit: StorageAdapter["audit"];
  readonly #copy: CopyingStorage;
  readonly #primary: Primary;
  readonly #schedule: Schedule;
  readonly #route: Route;

  private constructor(parts: Parts) {
    const { primary, copy, follower, schedule } = parts;
    const route = openRoute(primary, copy);
    this.#copy = copy;
    this.#primary = primary;
    this.#schedule = schedule;
    this.#route = route;
    const soon = () => schedule.soon();
    const folders = () => {
      follower.noteFolders();
      schedule.soon();
    };
    const imported = () => {
      follower.noteAll();
      schedule.soon();
    };
    const passages = openPassages(route, copy, (rows) => {
      follower.noteRows(rows);
      schedule.soon();
    });
    this.chunks = passages.chunks;
    this.search = passages.search;
    this.projects = routed(route, "projects", {
      ...{ list: "read", findById: "read", find: "read", findByKeys: "read", counts: "read" },
      ...{ lastWriteAt: "read", register: soon },
    });
    this.sources = routed(route, "sources", {
      ...{ files: "read", rows: "read", folders: "read", runs: "read" },
      ...{ record: folders, forget: folders, forgetRoot: folders },
      ...{ recordFolders: folders, recordRun: folders },
    });
    this.plans = routed(route, "plans", DOCUMENTS);
    this.sessions = routed(route, "sessions", DOCUMENTS);
    this.patterns = routed(route, "patterns", DOCUMENTS);
    this.events = routed(route, "events", { find: "read", byIds: "read", query: "read" });
    // The copy seals nothing: it answers with the newest number that it has.
    this.changes = routed(route, "changes", {
      ...{ ofRow: "read", revision: "read", seal: "read", since: "read", sinceTime: "read" },
      // What came by an import is remembered where it was written.
      ...{ ofBatch: "primary", batchSize: "primary", importsOf: "read" },
    });
    const transfer = routed(route, "transfer", {
      ...{ open: "primary", read: "primary", ofRows: "primary", sealsAfter: "primary" },
      ...{ close: "primary", count: "primary", write: imported },
    });
    const open = () =>
      transfer.open().catch((error: unknown) => {
        throw primary.isAbsence(error) ? notWhole(error) : error;
      });
    this.transfer = { ...transfer, open };
    const tokens = routed(route, "tokens", {
      ...{ create: "primary", list: "primary", rotate: "primary", revoke: "primary" },
      ...{ authenticate: "primary", noteUse: "primary" },
    });
    this.tokens = { ...tokens, create: async (draft) => tokens.create(forAll(draft)) };
    const tenancy = routed(route, "tenancy", {
      ...{ createTenant: "primary", findTenant: "read", tenants: "primary", renameProject: soon },
      ...{ mergeProject: soon, deleteProject: soon },
    });
    this.tenancy = {
      ...tenancy,
      createTenant: async () => oneTenantOnly(),
      deleteProject: async (id) => {
        await tenancy.deleteProject(id);
        // Its absence is no sign of another store.
        await copy.copy.take({ cursors: { [id]: 0 } });
      },
    };
    this.audit = routed(route, "audit", {
      ...{ record: "primary", seal: "primary", chains: "primary", seals: "primary", lines: "primary" },
    });
    this.upkeep = openUpkeep({ ...parts, route });
  }

  /**
   * Where PostgreSQL is away, the copy alone is opened. A SQLite store that is no copy yet becomes one, when PostgreSQL
   * holds everything of it.
   * @throws KnowledgeError `unsupported` for a PostgreSQL store of several tenants, `conflict` for a SQLite store that
   * holds more than PostgreSQL, and whatever keeps PostgreSQL from serving but its absence
   */
  static async open(options: HybridOptions): Promise<HybridStorage> {
    const { copy, location, holder, restMs = EVERY_MS, followEveryMs = EVERY_MS, onNotice } = options;
    const now = () => timestampOf(Date.now());
    const stopping = new AbortController();
    const primary = new Primary({
      open: async () => {
        const storage = await options.openPrimary();
        try {
          await requireOneTenant(storage, now());
          await adopt(storage, copy, { location, holder, now });
          return storage;
        } catch (error) {
          await storage.close();
          throw error;
        }
      },
      isAway: options.isAway,
      now: () => performance.now(),
      restMs,
      onTurn: (isAway) => {
        onNotice?.(isAway ? AWAY : BACK);
        if (!isAway) schedule.soon();
      },
    });
    const follower = new Follower({ copy, holder, now, signal: stopping.signal });
    const schedule = new Schedule({ primary, follower, everyMs: followEveryMs, stopping, onNotice });
    try {
      await primary.ask(async () => undefined);
    } catch (error) {
      if (!primary.isAbsence(error)) {
        await copy.close();
        throw error;
      }
    }
    return new HybridStorage({ primary, copy, follower, schedule });
  }

  /** Acknowledged is what PostgreSQL has committed; the copy owes it from then on. */
  async transaction(context: WriteContext, writes: readonly Write[]): Promise<readonly WriteResult[]> {
    const results = await this.#route.toPrimary((storage) => storage.transaction(context, writes));
    if (results.length > 0) {
      // A disk that is full here does not undo what PostgreSQL has committed.
      await this.#copy.copy.owe(results.length, timestampOf(Date.now())).catch(() => undefined);
      this.#schedule.soon();
    }
    return results;
  }

  /**
   * Brings the copy to where PostgreSQL is now. False when another process is at it.
   * @throws KnowledgeError `unavailable` when PostgreSQL is away, `conflict` when the copy followed another store
   */
  follow(): Promise<boolean> {
    return this.#schedule.follow();
  }

  async close(): Promise<void> {
    const { owed } = (await this.#copy.copy.state().catch(() => undefined)) ?? { owed: { changes: 0 } };
    await this.#schedule.close({ last: owed.changes > 0 });
    await this.#primary.close();
    await this.#copy.close();
  }
}

interface Parts {
  readonly primary: Primary;
  readonly copy: CopyingStorage;
  readonly follower: Follower;
  readonly schedule: Schedule;
}

const DOCUMENTS = { find: "read", byIds: "read", names: "read", query: "read" } as const;

type TokenDraft = Parameters<StorageAdapter["tokens"]["create"]>[0];

/** Callers are not kept apart in the copy. */
function forAll(draft: TokenDraft): TokenDraft {
  if (draft.projects === "all") return draft;
  throw new KnowledgeError("unsupported", "A hybrid store cannot keep callers of single projects apart.", {
    field: "projects",
    hint: "Leave the projects out, or serve PostgreSQL alone (STORAGE_TYPE=postgres).",
  });
}

function oneTenantOnly(): never {
  throw new KnowledgeError("unsupported", "A hybrid store holds one tenant only.", {
    hint: "Serve PostgreSQL alone (STORAGE_TYPE=postgres) to have several teams in it.",
  });
}

function notWhole(cause: unknown): KnowledgeError {
  return new KnowledgeError(
    "unavailable",
    "PostgreSQL is away, and what is exported, backed up or verified is read from there alone.",
    {
      hint: "Try again when it is back, or set STORAGE_TYPE=sqlite: that takes the local copy, as far as it has come.",
      cause,
    },
  );
}
