import { KnowledgeError } from "../../domain/error.ts";
import { folded } from "../../domain/folded.ts";
import type { ProjectId } from "../../domain/ids.ts";
import type { Tenancy } from "../contract/tenancy.ts";
import { unknownProject } from "../neutral/refusals.ts";
import type { Client, Database } from "./driver.ts";
import { isDuplicate } from "./errors.ts";
import { mergeProject } from "./merge-project.ts";
import { findById } from "./projects.ts";
import { SCOPE } from "./rows.ts";
import { findTenant } from "./tenants.ts";

/**
 * @param owner as the owner of the store: it sees all tenants, so every statement names whose rows are meant
 * @param server as whoever serves it
 */
export function openTenancy(owner: Database, server: Database): Tenancy {
  return {
    findTenant: (name) => findTenant(server, name),
    createTenant: async ({ id, name, createdAt }) => {
      const sql = "INSERT INTO tenants (id, name, created_at) VALUES (?, ?, ?)";
      try {
        await owner.write((client) => client.run(sql, id, name, createdAt));
      } catch (error) {
        throw isDuplicate(error instanceof Error ? error.cause : error) ? tenantTaken(name) : error;
      }
    },
    tenants: async (at) => {
      const rows = await owner.read((client) =>
        client.rows(
          `SELECT t.id, t.name, t.created_at, (SELECT count(*) FROM projects p WHERE p.tenant_id = t.id),
             (SELECT count(*) FROM tokens k WHERE k.tenant_id = t.id AND k.revoked_at IS NULL
                AND (k.expires_at IS NULL OR k.expires_at > ?))
           FROM tenants t ORDER BY t.name`,
          at,
        ),
      );
      return rows.map(([id, name, createdAt, projects, tokens]) => ({
        ...{ id: String(id), name: String(name), createdAt: String(createdAt) },
        ...{ projects: Number(projects), tokens: Number(tokens) },
      }));
    },
    mergeProject: async (merge) => {
      // Only who may act as the owner; the rows themselves are written as rows always are.
      await owner.read((client) => client.rows("SELECT 1"));
      return server.write((client) => mergeProject(client, merge));
    },
    deleteProject: (id) => owner.write((client) => deleteProject(client, id)),
    renameProject: (id, name) =>
      owner.write(async (client) => {
        const sql = "UPDATE projects SET name = ?, name_folded = ? WHERE tenant_id = ? AND id = ?";
        await client.run(sql, name, folded(name), client.tenant, id);
        const project = await findById(client, id);
        if (project === undefined) throw unknownProject(id);
        return project;
      }),
  };
}

/** Tables with a project's rows, those first that refer to others. */
const OF_PROJECT = [
  ...["vectors", "chunks", "term_frequencies", "project_numbers"],
  ...["plan_links", "plans", "sessions", "patterns", "events", "revisions", "changes", "change_seals"],
  "imported_rows",
  ...["source_files", "source_folders", "sources", "project_keys", "project_roots"],
];

async function deleteProject(client: Client, id: ProjectId): Promise<void> {
  // Who writes to it meanwhile waits, and then hears that it is gone.
  const [row] = await client.rows(
    "SELECT 1 FROM projects WHERE tenant_id = ? AND id = ? FOR UPDATE",
    client.tenant,
    id,
  );
  if (row === undefined) throw unknownProject(id);
  for (const table of OF_PROJECT) await client.run(`DELETE FROM ${table} WHERE ${SCOPE}`, client.tenant, id);
  await client.run("DELETE FROM projects WHERE tenant_id = ? AND id = ?", client.tenant, id);
}

function tenantTaken(name: string): KnowledgeError {
  return new KnowledgeError("conflict", `There is a tenant "${name}" already.`, {
    field: "name",
    hint: "See `aiknowsys tenant list`, and choose another name.",
  });
}
