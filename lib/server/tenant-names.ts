import type { Tenancy } from "../storage/contract/tenancy.ts";
import type { FindTenant } from "./claims.ts";

/** Names that are kept; tenants are neither renamed nor deleted. */
const MOST = 10_000;

/** Finds tenants by name; one that was found is not asked for again. */
export function openTenantNames({ findTenant }: Pick<Tenancy, "findTenant">): FindTenant {
  const known = new Map<string, string>();
  return async (name) => {
    const id = known.get(name) ?? (await findTenant(name));
    if (id !== undefined && known.size < MOST) known.set(name, id);
    return id;
  };
}
