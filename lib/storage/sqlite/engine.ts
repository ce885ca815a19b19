import { threadId } from "node:worker_threads";
import { KnowledgeError } from "../../domain/error.ts";
import { timestampOf } from "../../domain/timestamp.ts";
import type { CopyingStorage, StorageAdapter } from "../adapter.ts";
import { newerSchema } from "../neutral/newer-schema.ts";
import { openAudit } from "./audit.ts";
import { backupBeforeChange } from "./backup.ts";
import { newestSeq, openChanges } from "./changes.ts";
import { type Connection, type ConnectionOptions, openConnection } from "./connection.ts";
import { guardedFromCopies, isCopy, openCopy, releaseCopy } from "./copy.ts";
import { translated } from "./errors.ts";
import { openEvents } from "./events.ts";
import { openPassages, type Passages } from "./passages.ts";
import { openPatterns } from "./patterns.ts";
import { openPlans } from "./plans.ts";
import { openProjects } from "./projects.ts";
import { migrateSchema, readSchema, refuseForeign } from "./schema.ts";
import { openSessions } from "./sessions.ts";
import { openSources } from "./sources.ts";
import type { Sync } from "./sync.ts";
import { openTenancy } from "./tenancy.ts";
import { openTokens } from "./tokens.ts";
import { type OpenTransfer, openTransfer } from "./transfer.ts";
import { openUpkeep } from "./upkeep.ts";
import { writeAll } from "./writes.ts";

export interface EngineOptions extends ConnectionOptions {
  /** False leaves an older schema as it is: only `upkeep.migrate` works then. Default true. */
  readonly migrate?: boolean | undefined;
  /** Folder for a backup before the schema of a store with data changes. None: no backup. */
  readonly backups?: string | undefined;
  /** True: a store that follows another one becomes a store of its own now. Default false. */
  readonly release?: boolean | undefined;
}

export type FacetName = Exclude<keyof CopyingStorage, "capabilities" | "transaction" | "close">;
export type Facets = { readonly [Name in FacetName]: Sync<CopyingStorage[Name]> };

/** A member of a facet, or the transaction of the store itself. */
export interface Call {
  readonly facet: FacetName | "store";
  readonly member: string;
  readonly args: readonly unknown[];
}

/** The whole SQLite engine, synchronous: it lives in the thread that opened it. */
export interface Engine {
  /** Does one call and returns its result. Every error is a KnowledgeError. */
  call(call: Call): unknown;
  close(): void;
}

let opened = 0;

/** @throws KnowledgeError for a place, file or schema that cannot be used. */
export function openEngine(options: EngineOptions): Engine {
  const connection = openConnection({ ...options, look: refuseForeign });
  try {
    return engineOver(connection, options);
  } catch (error) {
    connection.close();
    throw translated(error, connection.file);
  }
}

function engineOver(
  connection: Connection,
  { migrate = true, backups, release = false }: EngineOptions,
): Engine {
  const now = () => timestampOf(Date.now());
  const beforeChange = () => {
    if (backups !== undefined)
      backupBeforeChange(connection.db, { file: connection.file, folder: backups, at: now() });
  };
  if (migrate && !connection.readonly) migrateSchema(connection, { now: now(), beforeChange });
  const { access, pending, version } = readSchema(connection.db);
  const usable = access === "write" ? connection : { ...connection, readonly: true, immediate: refuseNewer };
  let older = pending.length > 0 ? olderSchema(connection, version) : undefined;
  if (release && older === undefined) releaseCopy(usable);
  const own = guardedFromCopies(usable);
  const passages = openPassages(own.db, own.immediate);
  const transfer = openTransfer(own, passages.passages);
  const copy = openCopy(usable, passages.passages);
  const members = membersOf(own, { passages, transfer, copy, now, beforeChange });
  return {
    call({ facet, member, args }) {
      const migrating = facet === "upkeep" && member === "migrate";
      if (older !== undefined && !migrating) throw older;
      try {
        const found = members[facet][member];
        if (found === undefined) throw new TypeError(`There is no ${facet}.${member}.`);
        const result = found(...args);
        if (migrating && readSchema(connection.db).pending.length === 0) older = undefined;
        return result;
      } catch (error) {
        throw translated(error, connection.file);
      }
    },
    close: () => {
      transfer.close();
      connection.close();
    },
  };
}

type Members = Readonly<
  Record<FacetName | "store", Readonly<Record<string, (...args: readonly unknown[]) => unknown>>>
>;

interface Opened {
  readonly passages: Passages;
  readonly transfer: OpenTransfer;
  readonly copy: Facets["copy"];
  readonly now: () => string;
  readonly beforeChange: () => void;
}

function membersOf(connection: Connection, parts: Opened): Members {
  const { passages, transfer, copy, now, beforeChange } = parts;
  const { db, immediate } = connection;
  const changes = openChanges(db, immediate);
  // The numbers of a copy come from the store that it follows.
  const seal: Facets["changes"]["seal"] = (project, at) =>
    connection.readonly || isCopy(db) ? newestSeq(db, project) : changes.seal(project, at);
  opened += 1;
  const holder = `${process.pid}-${threadId}-${opened}`;
  const upkeep = openUpkeep({ connection, passages, seal: changes.seal, now, beforeChange, holder });
  const facets: Facets = {
    projects: openProjects(db, immediate),
    sources: openSources(db, immediate),
    plans: openPlans(db),
    sessions: openSessions(db),
    patterns: openPatterns(db),
    events: openEvents(db),
    chunks: passages.chunks,
    search: passages.search,
    changes: { ...changes, seal },
    upkeep: { ...upkeep, janitor: (at) => !isCopy(db) && upkeep.janitor(at) },
    copy,
    transfer: transfer.facet,
    tokens: openTokens(db, immediate),
    tenancy: openTenancy(db, immediate, passages.passages),
    audit: openAudit(db, immediate),
  };
  const deps = { db, immediate, passages: passages.passages };
  const store = {
    transaction: (...[context, writes]: Parameters<StorageAdapter["transaction"]>) =>
      writeAll(deps, context, writes),
  };
  // SAFETY: adapter.ts types every call by the facet's own signature; here only names are looked up.
  return { ...facets, store } as unknown as Members;
}

function refuseNewer(): never {
  throw newerSchema();
}

function olderSchema({ file, readonly }: Connection, version: number): KnowledgeError {
  const sentence =
    version === 0
      ? `The store ${file} is still empty.`
      : `The store ${file} has an older schema (${version}).`;
  return new KnowledgeError("schema_mismatch", sentence, {
    hint: readonly
      ? "Open it once where it can be written, for example with `aiknowsys migrate`."
      : "Run `aiknowsys migrate`.",
    current: { schema: version },
  });
}
