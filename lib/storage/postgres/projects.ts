import { KnowledgeError } from "../../domain/error.ts";
import { folded } from "../../domain/folded.ts";
import { isUuid, KINDS, type ProjectId, refsOf } from "../../domain/ids.ts";
import type { Project, ProjectCounts } from "../../domain/project.ts";
import type { Timestamp } from "../../domain/timestamp.ts";
import type { ProjectDraft, Projects } from "../contract/rows.ts";
import { keyTaken } from "../neutral/refusals.ts";
import { SHAPES } from "../neutral/shapes.ts";
import { FOUND_LIMIT } from "./documents.ts";
import type { Client, Database, RawRow } from "./driver.ts";
import { SCOPE } from "./rows.ts";
import { countChunks } from "./term-frequencies.ts";

/** Lists come as JSON text: drivers read arrays in different ways. */
const SELECT = `SELECT p.id, p.ref, p.name, p.created_at, ${listSql("key")}, ${listSql("root")}
  FROM projects p WHERE p.tenant_id = ?`;

export function openProjects(database: Database): Projects {
  return {
    list: () =>
      database.read(async (client) =>
        (await client.rows(`${SELECT} ORDER BY name_folded, id`, client.tenant)).map(projectOf),
      ),
    findById: (id) => database.read((client) => findById(client, id)),
    find: (text) => database.read((client) => findByText(client, text)),
    findByKeys: (keys) =>
      database.read(async (client) => {
        const owner = await firstOwner(client, keys);
        return owner === undefined ? undefined : findById(client, owner);
      }),
    register: (draft) => database.write((client) => register(client, draft)),
    counts: (id) => database.read((client) => countsOf(client, id)),
    lastWriteAt: (id) => database.read((client) => lastWriteAt(client, id)),
  };
}

/** When the project's newest change was written. */
async function lastWriteAt(client: Client, project: ProjectId): Promise<Timestamp | undefined> {
  const [row] = await client.rows(
    `SELECT at FROM changes WHERE ${SCOPE} ORDER BY at DESC LIMIT 1`,
    client.tenant,
    project,
  );
  return row === undefined ? undefined : String(row[0]);
}

function listSql(column: "key" | "root"): string {
  return `array_to_json(ARRAY(SELECT l.${column} FROM project_${column}s l
    WHERE l.tenant_id = p.tenant_id AND l.project_id = p.id ORDER BY l.position))`;
}

export async function findById(client: Client, id: ProjectId): Promise<Project | undefined> {
  const [row] = await client.rows(`${SELECT} AND id = ?`, client.tenant, id);
  return row === undefined ? undefined : projectOf(row);
}

async function findByText(client: Client, text: string): Promise<readonly Project[]> {
  const lower = text.toLowerCase();
  const owners = "SELECT k.project_id FROM project_keys k WHERE k.tenant_id = p.tenant_id AND k.key = ?";
  const rows = await client.last(
    `${SELECT} AND (id = ? OR ref = ? OR name_folded = ? OR id IN (${owners}))
     ORDER BY name_folded, id LIMIT ${FOUND_LIMIT}`,
    client.tenant,
    isUuid(lower) ? lower : null,
    lower,
    folded(text),
    text,
  );
  return rows.map(projectOf);
}

async function firstOwner(client: Client, keys: readonly string[]): Promise<ProjectId | undefined> {
  const [row] = await client.rows(
    `SELECT k.project_id FROM unnest(?::text[]) WITH ORDINALITY AS wanted (key, place)
     JOIN project_keys k ON k.tenant_id = ? AND k.key = wanted.key ORDER BY place LIMIT 1`,
    keys,
    client.tenant,
  );
  // SAFETY: the column's type holds it to a UUID, which PostgreSQL writes in lower case.
  return row === undefined ? undefined : (String(row[0]) as ProjectId);
}

async function register(client: Client, draft: ProjectDraft): Promise<Project> {
  // Two clones may register the same key at once: one after the other, within a tenant.
  await client.rows(
    "SELECT pg_advisory_xact_lock(hashtextextended('aiknowsys register ' || ?, 0))",
    client.tenant,
  );
  for (const key of draft.keys) {
    const owner = await firstOwner(client, [key]);
    if (owner !== undefined && owner !== draft.id) throw keyTaken(key, owner);
  }
  if ((await findById(client, draft.id)) === undefined) await insertProject(client, draft);
  await addLacking(client, "project_keys (tenant_id, project_id, key, position)", draft.id, draft.keys);
  await addLacking(client, "project_roots (tenant_id, project_id, root, position)", draft.id, draft.roots);
  const project = await findById(client, draft.id);
  if (project === undefined) throw new KnowledgeError("internal", `The project ${draft.id} was not kept.`);
  return project;
}

async function insertProject(client: Client, { id, name, createdAt }: ProjectDraft): Promise<void> {
  const refs = refsOf("project", id);
  const rows = await client.rows(
    "SELECT ref FROM projects WHERE tenant_id = ? AND ref = ANY (?::text[])",
    client.tenant,
    refs,
  );
  const taken = new Set(rows.map(([ref]) => String(ref)));
  const ref = refs.find((candidate) => !taken.has(candidate));
  if (ref === undefined) throw new KnowledgeError("internal", `No ref is free for the project ${id}.`);
  await client.run(
    "INSERT INTO projects (tenant_id, id, ref, name, name_folded, created_at) VALUES (?, ?, ?, ?, ?, ?)",
    client.tenant,
    id,
    ref,
    name,
    folded(name),
    createdAt,
  );
  await client.run("INSERT INTO project_numbers (tenant_id, project_id) VALUES (?, ?)", client.tenant, id);
}

/** Puts those of the values that a project lacks at the end of one of its lists. */
export async function addLacking(
  client: Client,
  target: string,
  project: ProjectId,
  values: readonly string[],
): Promise<void> {
  const table = target.slice(0, target.indexOf(" "));
  for (const value of values) {
    await client.run(
      `INSERT INTO ${target}
       SELECT ?::uuid, ?::uuid, ?, (SELECT coalesce(max(position) + 1, 0) FROM ${table} WHERE ${SCOPE})
       ON CONFLICT DO NOTHING`,
      client.tenant,
      project,
      value,
      client.tenant,
      project,
    );
  }
}

function projectOf([id, ref, name, createdAt, keys, roots]: RawRow): Project {
  return {
    // SAFETY: the column's type holds it to a UUID, which PostgreSQL writes in lower case.
    id: String(id) as ProjectId,
    ref: String(ref),
    name: String(name),
    keys: JSON.parse(String(keys)),
    roots: JSON.parse(String(roots)),
    createdAt: String(createdAt),
  };
}

async function countsOf(client: Client, project: ProjectId): Promise<ProjectCounts> {
  const counts = KINDS.map(
    (kind) =>
      `(SELECT count(*) FROM ${SHAPES[kind].table} WHERE tenant_id = me.tenant AND project_id = me.project
        AND deleted_at IS NULL)`,
  );
  const [row = []] = await client.rows(
    `SELECT ${counts.join(", ")} FROM (SELECT ?::uuid AS tenant, ?::uuid AS project) me`,
    client.tenant,
    project,
  );
  const [plans = 0, sessions = 0, patterns = 0, events = 0] = row.map(Number);
  return { plans, sessions, patterns, events, chunks: await countChunks(client, project) };
}
