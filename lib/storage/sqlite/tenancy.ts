import { KnowledgeError } from "../../domain/error.ts";
import { folded } from "../../domain/folded.ts";
import { DEFAULT_TENANT, type ProjectId } from "../../domain/ids.ts";
import { wellFormed } from "../../domain/well-formed.ts";
import type { Tenancy } from "../contract/tenancy.ts";
import { unknownProject } from "../neutral/refusals.ts";
import type { Database } from "./driver.ts";
import { mergeProject } from "./merge-project.ts";
import type { PassageStore } from "./passages.ts";
import { openProjects } from "./projects.ts";
import { SCOPE } from "./rows.ts";
import type { Immediate, Sync } from "./sync.ts";

export function openTenancy(db: Database, immediate: Immediate, passages: PassageStore): Sync<Tenancy> {
  return {
    createTenant: () => {
      throw new KnowledgeError("unsupported", "A SQLite store holds one tenant only.", {
        hint: "Keep the store in PostgreSQL to have several teams in it (`--storage postgres`).",
      });
    },
    findTenant: (name) => {
      const id = db.prepare("SELECT id FROM tenants WHERE name = ?").raw(name)[0]?.[0];
      return id === undefined ? undefined : String(id);
    },
    tenants: (at) => {
      const sql = `SELECT id, name, created_at, (SELECT count(*) FROM projects), (SELECT count(*) FROM tokens
          WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)) FROM tenants ORDER BY name`;
      const rows = db.prepare(sql).raw(at);
      return rows.map(([id, name, createdAt, projects, tokens]) => ({
        ...{ id: String(id), name: String(name), createdAt: String(createdAt) },
        ...{ projects: Number(projects), tokens: Number(tokens) },
      }));
    },
    mergeProject: (merge) =>
      immediate(
        () => mergeProject({ db, immediate, passages }, merge),
        () => passages.discard(),
      ),
    deleteProject: (id) => immediate(() => deleteProject(db, id)),
    renameProject: (id, given) =>
      immediate(() => {
        const name = wellFormed(given);
        const sql = `UPDATE projects SET name = ?, name_folded = ? WHERE tenant_id = '${DEFAULT_TENANT}' AND id = ?`;
        db.prepare(sql).run(name, folded(name), id);
        const project = openProjects(db, immediate).findById(id);
        if (project === undefined) throw unknownProject(id);
        return project;
      }),
  };
}

/** Tables with a project's rows, those first that refer to others. */
const OF_PROJECT = [
  ...["plan_links", "plans", "sessions", "patterns", "events", "revisions", "changes", "change_seals"],
  "imported_rows",
  ...["source_files", "source_folders", "sources", "project_keys", "project_roots"],
];
const NUMBER = `(SELECT number FROM project_numbers WHERE ${SCOPE})`;

export function deleteProject(db: Database, id: ProjectId): void {
  const remove = (rows: string) => db.prepare(`DELETE FROM ${rows}`).run(id);
  if (
    db.prepare(`SELECT 1 FROM projects WHERE tenant_id = '${DEFAULT_TENANT}' AND id = ?`).get(id) ===
    undefined
  )
    throw unknownProject(id);
  remove(`words WHERE rowid IN (SELECT id FROM chunks WHERE ${SCOPE})`);
  // Their vectors, and what is owed of them, go by trigger. The project's number stays (schema/sqlite).
  remove(`chunks WHERE ${SCOPE}`);
  for (const table of ["vector_segments", "term_frequencies"])
    remove(`${table} WHERE project_no = ${NUMBER}`);
  for (const table of OF_PROJECT) remove(`${table} WHERE ${SCOPE}`);
  remove(`projects WHERE tenant_id = '${DEFAULT_TENANT}' AND id = ?`);
}
