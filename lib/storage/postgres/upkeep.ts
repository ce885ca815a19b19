import { KINDS, type ProjectId } from "../../domain/ids.ts";
import type { Timestamp } from "../../domain/timestamp.ts";
import type { Changes, StoreFigures, Upkeep } from "../contract/upkeep.ts";
import type { VectorIndexMode } from "../contract/vector-index.ts";
import { writesRefused } from "../neutral/newer-schema.ts";
import { SHAPES } from "../neutral/shapes.ts";
import { checkStore } from "./check.ts";
import type { Client, Connections, Database } from "./driver.ts";
import { findMissingParts } from "./parts.ts";
import { checkPassages, repairPassages } from "./passage-check.ts";
import { SCHEMA } from "./roles.ts";
import type { SchemaState } from "./schema.ts";
import { selectSpaces } from "./spaces.ts";
import { foldFrequencies } from "./term-frequencies.ts";
import { indexFindings, planIndexes } from "./vector-indexes.ts";

export interface UpkeepDeps {
  readonly database: Database;
  readonly connections: Connections;
  readonly changes: Changes;
  /** As it is now: another process may have changed it. */
  readonly lookAtSchema: () => Promise<SchemaState>;
  readonly vectorIndex: VectorIndexMode;
  /** Builds what is due and drops what serves nothing; one sentence for each thing done. */
  readonly maintainIndexes: () => Promise<readonly string[]>;
  readonly migrate: Upkeep["migrate"];
}

export function openUpkeep(deps: UpkeepDeps): Upkeep {
  const { database, connections, changes, lookAtSchema, vectorIndex, migrate } = deps;
  const indexesDue = () =>
    database.read(async (client) => indexFindings(await planIndexes(client, vectorIndex, false)));
  return {
    figures: async () => {
      const figures = await database.read((client) => readFigures(client));
      const { version, serverVersion, access } = await lookAtSchema();
      const findings = [...writesRefused(access), ...(await indexesDue())];
      const advice = findings.map(({ what, advice: todo }) => `${what} ${todo}`);
      return {
        engine: "postgres",
        engineVersion: serverVersion,
        schemaVersion: version,
        location: connections.location,
        ...figures,
        ...(advice.length > 0 && { advice }),
      };
    },
    check: async () => {
      const missing = await database.read((client) => findMissingParts(client));
      if (missing.isUnusable) return missing.findings;
      const projects = await projectIds(database);
      await countRows(connections);
      return [
        ...writesRefused((await lookAtSchema()).access),
        ...missing.findings,
        ...(await checkStore(database, projects)),
        ...(await checkPassages(database, projects)),
        ...(await indexesDue()),
      ];
    },
    repair: async () => [
      ...(await repairPassages(database, await projectIds(database))),
      ...(await deps.maintainIndexes()),
    ],
    janitor: (at) => janitor(database, changes, at),
    migrate,
  };
}

/**
 * Tells the planner how many rows there are: whole tables are compared with each other next, which after a large import
 * takes minutes instead of seconds by a plan for empty ones. A login that may not is warned by the server and goes on without.
 */
async function countRows(connections: Connections): Promise<void> {
  const tables = [...KINDS.map((kind) => SHAPES[kind].table), "revisions", "changes"];
  const lent = await connections.lend();
  let broken = true;
  try {
    await lent.script(`ANALYZE ${tables.map((table) => `${SCHEMA}.${table}`).join(", ")}`);
    broken = false;
  } finally {
    lent.release(broken);
  }
}

/** Ids of all projects that can be seen. */
async function projectIds(database: Database): Promise<readonly ProjectId[]> {
  const sql = "SELECT id FROM projects WHERE tenant_id = ? ORDER BY id";
  const rows = await database.read((client) => client.rows(sql, client.tenant));
  // SAFETY: the column's type holds it to a UUID, which PostgreSQL writes in lower case.
  return rows.map(([id]) => String(id) as ProjectId);
}

type Figures = Omit<StoreFigures, "engine" | "engineVersion" | "schemaVersion" | "location" | "advice">;

async function readFigures(client: Client): Promise<Figures> {
  const live = KINDS.map((kind) => `(SELECT count(*) FROM ${SHAPES[kind].table} WHERE deleted_at IS NULL)`);
  const [row = []] = await client.rows(
    `SELECT ${live.join(", ")}, (SELECT count(*) FROM projects), (SELECT count(*) FROM chunks),
       (SELECT count(*) FROM changes WHERE seq IS NULL), pg_database_size(current_database()),
       (SELECT max(at) FROM changes)`,
  );
  const [
    plans = 0,
    sessions = 0,
    patterns = 0,
    events = 0,
    projects = 0,
    chunks = 0,
    unsealed = 0,
    bytes = 0,
  ] = row.slice(0, 8).map(Number);
  const spaces = await readSpaces(client);
  return {
    bytes,
    projects,
    plans,
    sessions,
    patterns,
    events,
    chunks,
    vectors: spaces.reduce((sum, { vectors }) => sum + vectors, 0),
    spaces,
    ...(row[8] !== null && { lastWriteAt: String(row[8]) }),
    unsealedChanges: unsealed,
  };
}

async function readSpaces(client: Client): Promise<Figures["spaces"]> {
  const rows = await client.rows("SELECT space_id, count(*) FROM vectors GROUP BY space_id");
  const counts = new Map(rows.map(([space, count]) => [Number(space), Number(count)]));
  // A space is its tenant's; one of whose vectors none can be seen is another project's matter.
  return (await selectSpaces(client)).flatMap(({ id, ...space }) => {
    const vectors = counts.get(id);
    return vectors === undefined ? [] : [{ ...space, vectors }];
  });
}

/** Seals and folds project by project; a project that another process is at is left to it. */
async function janitor(database: Database, changes: Changes, at: Timestamp): Promise<boolean> {
  let worked = true;
  for (const project of await projectIds(database)) {
    await changes.seal(project, at);
    worked = (await database.write((client) => foldFrequencies(client, project))) && worked;
  }
  return worked;
}
