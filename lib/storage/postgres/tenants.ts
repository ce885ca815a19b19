import { KnowledgeError } from "../../domain/error.ts";
import type { Database } from "./driver.ts";

/**
 * The id of a tenant by its name, whatever tenant the database works for: by a function of the schema's, because
 * the ordinary role sees no tenant but its own.
 * @throws KnowledgeError `not_found`
 */
export async function requireTenant(database: Database, name: string): Promise<string> {
  const found = await findTenant(database, name);
  if (found !== undefined) return found;
  throw new KnowledgeError("not_found", `There is no tenant "${name}" in this store.`, {
    field: "tenant",
    hint: "Leave --tenant out to work in the tenant default.",
  });
}

/** The same for a tenant that need not be there. */
export async function findTenant(database: Database, name: string): Promise<string | undefined> {
  const [row] = await database.read((client) => client.rows("SELECT tenant_named(?)", name));
  return typeof row?.[0] === "string" ? row[0] : undefined;
}
