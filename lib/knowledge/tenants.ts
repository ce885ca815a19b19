import { rowIdFrom } from "../domain/ids.ts";
import { parseTenantName, type Tenant, type TenantFigures } from "../domain/tenant.ts";
import { timestampOf } from "../domain/timestamp.ts";
import type { Deps } from "./deps.ts";

type TenantDeps = Pick<Deps, "storage" | "clock" | "random">;

/** A new team in a shared store. @throws KnowledgeError `invalid_input`, `conflict`, `unsupported` on SQLite. */
export async function createTenant(deps: TenantDeps, input: { readonly name: string }): Promise<Tenant> {
  const name = parseTenantName(input.name.trim(), "name");
  const now = deps.clock();
  const tenant = { id: rowIdFrom(now, deps.random(16)), name, createdAt: timestampOf(now) };
  await deps.storage.tenancy.createTenant(tenant);
  return tenant;
}

/** By name. */
export async function listTenants(deps: TenantDeps): Promise<readonly TenantFigures[]> {
  return deps.storage.tenancy.tenants(timestampOf(deps.clock()));
}
