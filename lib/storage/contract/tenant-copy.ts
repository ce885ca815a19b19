import type { Transfer } from "./transfer.ts";

/** One tenant's rows, for a copy of them. */
export interface TenantCopy {
  readonly tenant: string;
  readonly transfer: Transfer;
}

/** Keeps a copy of a tenant's rows before the schema changes; what it throws leaves the schema as it is. */
export type KeepCopy = (copy: TenantCopy) => Promise<void>;
