import { DEFAULT_TENANT } from "../../domain/ids.ts";
import type { KeepCopy } from "../contract/tenant-copy.ts";
import { schemaLeft } from "../neutral/refusals.ts";
import { openDatabase } from "./database.ts";
import type { Connections } from "./driver.ts";
import { asOwner } from "./owner.ts";
import { readSchema } from "./schema.ts";
import { openTransfer, TRANSFER_TIMEOUT_MS } from "./transfer.ts";

export interface BeforeChange {
  readonly connections: Connections;
  readonly keepCopy: KeepCopy;
  /** The version that is wanted; default the newest. */
  readonly to?: number | undefined;
}

/**
 * Hands the rows of every tenant that has some to `keepCopy`, as they are in the older schema.
 * @throws KnowledgeError whose sentence says that the schema was not changed
 */
export async function copyBeforeChange({ connections, keepCopy, to }: BeforeChange): Promise<void> {
  const { version, pending, searchPath } = await readSchema(connections);
  if (version === 0 || pending.length === 0 || (to !== undefined && to <= version)) return;
  const projects = "all" as const;
  try {
    const owner = openDatabase({
      connections,
      searchPath,
      access: { role: "aiknowsys_admin", tenant: DEFAULT_TENANT, projects },
    });
    const tenants = await asOwner(owner).read((client) =>
      client.rows(
        `SELECT t.id, t.name FROM tenants t
         WHERE EXISTS (SELECT 1 FROM projects p WHERE p.tenant_id = t.id) ORDER BY t.name`,
      ),
    );
    for (const [id, tenant] of tenants) {
      const access = { role: "aiknowsys_app", tenant: String(id), projects } as const;
      const database = openDatabase({
        ...{ connections, searchPath, access },
        statementTimeoutMs: TRANSFER_TIMEOUT_MS,
      });
      const transfer = openTransfer(database, { older: true });
      await keepCopy({ tenant: String(tenant), transfer });
    }
  } catch (error) {
    throw schemaLeft(error);
  }
}
