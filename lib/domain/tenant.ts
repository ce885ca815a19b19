import { KnowledgeError } from "./error.ts";
import type { Timestamp } from "./timestamp.ts";

/** A team on a shared store: it owns projects and tokens. */
export interface Tenant {
  /** UUID. */
  readonly id: string;
  readonly name: string;
  readonly createdAt: Timestamp;
}

export interface TenantFigures extends Tenant {
  readonly projects: number;
  /** Neither revoked nor expired. */
  readonly tokens: number;
}

/** A tenant's name, which stands in settings and on command lines. @throws KnowledgeError `invalid_input`. */
export function parseTenantName(name: string, field = "tenant"): string {
  if (/^[a-z0-9][a-z0-9_-]{0,62}$/.test(name)) return name;
  throw new KnowledgeError("invalid_input", `Tenant "${name.slice(0, 60)}" is not a valid name.`, {
    field,
    hint: "Use lower-case letters, digits, - and _, at most 63 characters.",
  });
}
