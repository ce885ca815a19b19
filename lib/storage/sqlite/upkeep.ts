import { existsSync, statSync } from "node:fs";
import type { ProjectId } from "../../domain/ids.ts";
import { type Timestamp, timestampOf } from "../../domain/timestamp.ts";
import type { StoreFigures, Upkeep } from "../contract/upkeep.ts";
import { writesRefused } from "../neutral/newer-schema.ts";
import { SHAPES } from "../neutral/shapes.ts";
import { hasUnsealed } from "./changes.ts";
import { checkStore } from "./check.ts";
import type { Connection } from "./connection.ts";
import type { Passages } from "./passages.ts";
import { lastWriteAt } from "./projects.ts";
import { migrateSchema, readSchema } from "./schema.ts";
import type { Sync } from "./sync.ts";

export interface UpkeepDeps {
  readonly connection: Connection;
  readonly passages: Passages;
  readonly seal: (project: ProjectId, at: Timestamp) => void;
  readonly now: () => Timestamp;
  /** Called before the schema changes. */
  readonly beforeChange: () => void;
  /** Tells this connection from all others that do chores. */
  readonly holder: string;
}

/** How long a janitor that died keeps others from its chores. */
const LOCK_MS = 10 * 60_000;

export function openUpkeep(deps: UpkeepDeps): Sync<Upkeep> {
  const { connection, passages } = deps;
  return {
    figures: () => figuresOf(deps),
    check: () => [
      ...writesRefused(readSchema(connection.db).access),
      ...checkStore(connection),
      ...passages.check(),
    ],
    repair: () => [...rebuildIndexes(connection), ...passages.repair()],
    janitor: (at) => janitor(deps, at),
    migrate: (options) =>
      migrateSchema(connection, { ...options, now: deps.now(), beforeChange: deps.beforeChange }),
  };
}

/** Ids of all projects. */
function projectIds({ db }: Connection): readonly ProjectId[] {
  const rows = db.prepare("SELECT id FROM projects ORDER BY id").raw();
  // SAFETY: the column's CHECK holds it to a lower-case UUID.
  return rows.map(([id]) => String(id) as ProjectId);
}

function figuresOf({ connection, passages }: UpkeepDeps): StoreFigures {
  const { db, file } = connection;
  const count = (sql: string) => Number(db.prepare(`SELECT count(*) FROM ${sql}`).raw()[0]?.[0]);
  const live = (kind: keyof typeof SHAPES) => count(`${SHAPES[kind].table} WHERE deleted_at IS NULL`);
  const projects = projectIds(connection);
  const lastWrites = projects.flatMap((id) => lastWriteAt(db, id) ?? []).sort();
  const { chunks, vectors, spaces } = passages.figures();
  const { version, access } = readSchema(db);
  const advice = writesRefused(access).map(({ what, advice: todo }) => `${what} ${todo}`);
  return {
    engine: "sqlite",
    engineVersion: db.version,
    schemaVersion: version,
    location: file,
    bytes: sizeOf(file) + sizeOf(`${file}-wal`),
    projects: projects.length,
    plans: live("plan"),
    sessions: live("session"),
    patterns: live("pattern"),
    events: live("event"),
    chunks,
    vectors,
    spaces,
    lastWriteAt: lastWrites.at(-1),
    unsealedChanges: count("changes WHERE seq IS NULL"),
    ...(advice.length > 0 && { advice }),
  };
}

function sizeOf(file: string): number {
  return existsSync(file) ? statSync(file).size : 0;
}

/** Indexes hold nothing of their own: they are rebuilt when they disagree with their tables. */
function rebuildIndexes({ db }: Connection): readonly string[] {
  if (db.pragma("integrity_check(1)") === "ok") return [];
  db.exec("REINDEX");
  return [
    db.pragma("integrity_check(1)") === "ok"
      ? "Rebuilt the indexes of the store."
      : "Rebuilt the indexes of the store; damage remains in its tables.",
  ];
}

function janitor(deps: UpkeepDeps, at: Timestamp): boolean {
  const { connection, passages, seal } = deps;
  if (!takeLock(deps, at)) return false;
  try {
    for (const project of projectIds(connection)) {
      if (hasUnsealed(connection.db, project)) seal(project, at);
    }
    passages.janitor();
    connection.db.exec("PRAGMA optimize");
    connection.db.prepare("PRAGMA wal_checkpoint(PASSIVE)").raw();
    return true;
  } finally {
    releaseLock(deps);
  }
}

function takeLock({ connection: { db, immediate }, holder }: UpkeepDeps, at: Timestamp): boolean {
  const expiresAt = timestampOf(Date.parse(at) + LOCK_MS);
  return immediate(() => {
    const other = db
      .prepare("SELECT 1 FROM locks WHERE name = 'janitor' AND holder <> ? AND expires_at > ?")
      .get(holder, at);
    if (other !== undefined) return false;
    db.prepare("INSERT OR REPLACE INTO locks (name, holder, expires_at) VALUES ('janitor', ?, ?)").run(
      holder,
      expiresAt,
    );
    return true;
  });
}

function releaseLock({ connection: { db, immediate }, holder }: UpkeepDeps): void {
  immediate(() => db.prepare("DELETE FROM locks WHERE name = 'janitor' AND holder = ?").run(holder));
}
