import type { ProjectId } from "../../domain/ids.ts";
import type { Project } from "../../domain/project.ts";
import type { Tenant, TenantFigures } from "../../domain/tenant.ts";
import type { Timestamp } from "../../domain/timestamp.ts";

/** What the owner of a store does with tenants and with a tenant's projects as a whole. */
export interface Tenancy {
  /** @throws KnowledgeError `conflict` for a name that is taken, `unsupported` where there is one tenant only (RULES 1). */
  createTenant(tenant: Tenant): Promise<void>;
  /** The id of the tenant of just this name. Not the owner's alone: whoever serves has to know. */
  findTenant(name: string): Promise<string | undefined>;
  /** All, by name. @param at tokens that count at this moment are counted */
  tenants(at: Timestamp): Promise<readonly TenantFigures[]>;
  /** @throws KnowledgeError `not_found`. */
  renameProject(id: ProjectId, name: string): Promise<Project>;
  /** Removes a project with its rows, their history and their seals; calls stay in the audit. @throws KnowledgeError `not_found`. */
  deleteProject(id: ProjectId): Promise<void>;
}
