import type { ProjectId } from "../../domain/ids.ts";
import type { Project } from "../../domain/project.ts";
import type { Tenant, TenantFigures } from "../../domain/tenant.ts";
import type { Timestamp } from "../../domain/timestamp.ts";
import type { SourceFile } from "./rows.ts";
import type { Write, WriteContext, WriteResult } from "./writes.ts";

/** One project's going into another, planned by whoever has read both. */
export interface ProjectMerge {
  readonly from: ProjectId;
  /** Where to, when and who. */
  readonly context: WriteContext;
  /** In the project that stays. */
  readonly arrivals: readonly Write[];
  /** In the one that goes: tombstones. */
  readonly departures: readonly Write[];
  /** Files of the one that goes as the other is to know them. */
  readonly files: readonly SourceFile[];
}

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
  /**
   * Makes two projects one, all or nothing: rows of the one leave tombstones there and arrive in the other, which takes its
   * keys, roots and files, too, and its id as the key `merged:<id>`. The emptied project stays with its history and seals.
   * Safe to do again. @returns what came of the arrivals, in their order
   * @throws KnowledgeError `not_found`; `conflict` when a row is not at its `expectedRevision`, or one is left behind.
   */
  mergeProject(merge: ProjectMerge): Promise<readonly WriteResult[]>;
  /** Removes a project with its rows, their history and their seals; calls stay in the audit. @throws KnowledgeError `not_found`. */
  deleteProject(id: ProjectId): Promise<void>;
}
