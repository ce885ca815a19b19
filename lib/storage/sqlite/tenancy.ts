import { KnowledgeError } from "../../domain/error.ts";
import { folded } from "../../domain/folded.ts";
import { DEFAULT_TENANT } from "../../domain/ids.ts";
import { wellFormed } from "../../domain/well-formed.ts";
import type { Tenancy } from "../contract/tenancy.ts";
import { unknownProject } from "../neutral/refusals.ts";
import type { Database } from "./driver.ts";
import { openProjects } from "./projects.ts";
import type { Immediate, Sync } from "./sync.ts";

export function openTenancy(db: Database, immediate: Immediate): Sync<Tenancy> {
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
