import { KnowledgeError } from "../../domain/error.ts";
import { DEFAULT_TENANT } from "../../domain/ids.ts";
import type { Database } from "./driver.ts";

/**
 * The id of a tenant by its name. Looked up as the schema's owner: the ordinary role sees no tenant but its own.
 * @throws KnowledgeError `not_found`
 */
export async function findTenant(asOwner: (tenant: string) => Database, name: string): Promise<string> {
  // Fixed by the first migration: the common case needs no owner's rights.
  if (name === "default") return DEFAULT_TENANT;
  const rows = await asOwner(DEFAULT_TENANT).read((client) =>
    client.rows("SELECT id FROM tenants WHERE name = ?", name),
  );
  const [row] = rows;
  if (row !== undefined) return String(row[0]);
  throw new KnowledgeError("not_found", `There is no tenant "${name}" in this store.`, {
    field: "tenant",
    hint: "Leave --tenant out to work in the tenant default.",
  });
}
