import { KnowledgeError } from "../../domain/error.ts";
import { folded } from "../../domain/folded.ts";
import { DEFAULT_TENANT, KINDS, type ProjectId, refsOf } from "../../domain/ids.ts";
import type { Project, ProjectCounts } from "../../domain/project.ts";
import type { Timestamp } from "../../domain/timestamp.ts";
import { wellFormedJson } from "../../domain/well-formed.ts";
import type { ProjectDraft, Projects } from "../contract/rows.ts";
import { keyTaken } from "../neutral/refusals.ts";
import { SHAPES } from "../neutral/shapes.ts";
import type { Bindable, Database, RawRow } from "./driver.ts";
import { SCOPE } from "./rows.ts";
import type { Immediate, Sync } from "./sync.ts";
import { openTermFrequencies } from "./term-frequencies.ts";

const TENANT = `tenant_id = '${DEFAULT_TENANT}'`;
const SELECT = `SELECT id, ref, name, created_at FROM projects WHERE ${TENANT}`;
const FOUND_LIMIT = 20;

export function openProjects(db: Database, immediate: Immediate): Sync<Projects> {
  const read = (rows: readonly RawRow[]) => rows.map((row) => projectOf(db, row));
  const findById = (id: ProjectId) => read(db.prepare(`${SELECT} AND id = ?`).raw(id))[0];
  return {
    list: () => read(db.prepare(`${SELECT} ORDER BY name_folded, id`).raw()),
    findById,
    find: (text) => read(findRows(db, text)),
    findByKeys: (keys) => {
      const owner = firstOwner(db, keys);
      return owner === undefined ? undefined : findById(owner);
    },
    register: (draft) => immediate(() => register(db, wellFormedJson(draft))),
    counts: (id) => countsOf(db, id),
    lastWriteAt: (id) => lastWriteAt(db, id),
  };
}

/** When the project's newest change was written. */
export function lastWriteAt(db: Database, project: ProjectId): Timestamp | undefined {
  const sql = `SELECT at FROM changes INDEXED BY changes_at WHERE ${SCOPE} ORDER BY at DESC LIMIT 1`;
  const row = db.prepare(sql).raw(project)[0];
  return row === undefined ? undefined : String(row[0]);
}

function findRows(db: Database, text: string): readonly RawRow[] {
  const owners = `SELECT project_id FROM project_keys WHERE ${TENANT} AND key = ?`;
  const sql = `${SELECT} AND (id = ? OR ref = ? OR name_folded = ? OR id IN (${owners}))
    ORDER BY name_folded, id LIMIT ${FOUND_LIMIT}`;
  const lower = text.toLowerCase();
  return db.prepare(sql).raw(lower, lower, folded(text), text);
}

function firstOwner(db: Database, keys: readonly string[]): ProjectId | undefined {
  for (const key of keys) {
    const owner = ownerOf(db, key);
    if (owner !== undefined) return owner;
  }
  return undefined;
}

function ownerOf(db: Database, key: string): ProjectId | undefined {
  const row = db.prepare(`SELECT project_id FROM project_keys WHERE ${TENANT} AND key = ?`).raw(key)[0];
  // SAFETY: the column refers to `projects.id`, whose CHECK holds it to a lower-case UUID.
  return row === undefined ? undefined : (String(row[0]) as ProjectId);
}

function register(db: Database, draft: ProjectDraft): Project {
  for (const key of draft.keys) {
    const owner = ownerOf(db, key);
    if (owner !== undefined && owner !== draft.id) throw keyTaken(key, owner);
  }
  const known = db.prepare(`${SELECT} AND id = ?`).raw(draft.id);
  if (known.length === 0) insertProject(db, draft);
  addLacking(db, { table: "project_keys", column: "key" }, draft.id, draft.keys);
  addLacking(db, { table: "project_roots", column: "root" }, draft.id, draft.roots);
  const row = db.prepare(`${SELECT} AND id = ?`).raw(draft.id)[0] ?? [];
  return projectOf(db, row);
}

function insertProject(db: Database, { id, name, createdAt }: ProjectDraft): void {
  const taken = db.prepare(`SELECT 1 FROM projects WHERE ${TENANT} AND ref = ?`);
  const ref = refsOf("project", id).find((candidate) => taken.get(candidate) === undefined);
  if (ref === undefined) throw new KnowledgeError("internal", `No ref is free for the project ${id}.`);
  db.prepare(
    `INSERT INTO projects (tenant_id, id, ref, name, name_folded, created_at)
     VALUES ('${DEFAULT_TENANT}', ?, ?, ?, ?, ?)`,
  ).run(id, ref, name, folded(name), createdAt);
}

interface ListTable {
  readonly table: "project_keys" | "project_roots";
  readonly column: "key" | "root";
}

/** Puts those of the values that a project lacks at the end of one of its lists. */
export function addLacking(
  db: Database,
  { table, column }: ListTable,
  project: ProjectId,
  values: readonly string[],
): void {
  const insert = db.prepare(
    `INSERT INTO ${table} (tenant_id, project_id, ${column}, position)
     SELECT '${DEFAULT_TENANT}', ?, ?, (SELECT coalesce(max(position) + 1, 0) FROM ${table} WHERE ${SCOPE})
     WHERE NOT EXISTS (SELECT 1 FROM ${table} WHERE ${SCOPE} AND ${column} = ?)`,
  );
  for (const value of values) insert.run(project, value, project, project, value);
}

function projectOf(db: Database, [id, ref, name, createdAt]: RawRow): Project {
  const list = ({ table, column }: ListTable) =>
    texts(db, `SELECT ${column} FROM ${table} WHERE ${SCOPE} ORDER BY position`, String(id));
  return {
    // SAFETY: the column's CHECK holds it to a lower-case UUID.
    id: String(id) as ProjectId,
    ref: String(ref),
    name: String(name),
    keys: list({ table: "project_keys", column: "key" }),
    roots: list({ table: "project_roots", column: "root" }),
    createdAt: String(createdAt),
  };
}

function countsOf(db: Database, project: ProjectId): ProjectCounts {
  const [plans = 0, sessions = 0, patterns = 0, events = 0] = KINDS.map((kind) => {
    const sql = `SELECT count(*) FROM ${SHAPES[kind].table} WHERE ${SCOPE} AND deleted_at IS NULL`;
    return Number(db.prepare(sql).raw(project)[0]?.[0]);
  });
  return { plans, sessions, patterns, events, chunks: openTermFrequencies(db).chunksOf(project) };
}

function texts(db: Database, sql: string, ...values: readonly Bindable[]): string[] {
  return db
    .prepare(sql)
    .raw(...values)
    .map(([text]) => String(text));
}
