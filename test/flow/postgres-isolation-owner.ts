import type { AuditedCall } from "../../lib/domain/audit.ts";
import { type ProjectId, sha256 } from "../../lib/domain/ids.ts";
import type { Audit } from "../../lib/storage/contract/audit.ts";
import type { ProjectMerge, Tenancy } from "../../lib/storage/contract/tenancy.ts";
import type { Tokens } from "../../lib/storage/contract/tokens.ts";
import { after, nextRowId } from "../helpers/store.ts";
import type { Attempt } from "./postgres-isolation-attempts.ts";

const NEW = { id: nextRowId(), hash: sha256("a new one"), createdAt: after(0) };

/** What only the owner of a store may do: a caller of it is refused all of it. */
export const TOKENS: { readonly [Member in keyof Tokens]: readonly Attempt[] } = {
  create: [({ tokens }) => tokens.create({ ...NEW, name: "mine", scope: "admin", projects: "all" })],
  list: [({ tokens }) => tokens.list()],
  rotate: [({ tokens }) => tokens.rotate(nextRowId(), NEW, after(1))],
  revoke: [({ tokens }) => tokens.revoke(NEW.id, after(1))],
  authenticate: [({ tokens }, { theirs }) => tokens.authenticate(sha256(theirs.word))],
  noteUse: [({ tokens }, { theirs }) => tokens.noteUse({ id: NEW.id, tenant: theirs.tenant }, after(1))],
};

export const TENANCY: { readonly [Member in keyof Tenancy]: readonly Attempt[] } = {
  createTenant: [
    ({ tenancy }) => tenancy.createTenant({ id: nextRowId(), name: "new", createdAt: after(0) }),
  ],
  findTenant: [({ tenancy }, { theirs }) => tenancy.findTenant(theirs.tenant)],
  tenants: [({ tenancy }) => tenancy.tenants(after(0))],
  deleteProject: [
    ({ tenancy }, { theirs }) => tenancy.deleteProject(theirs.project.id),
    ({ tenancy }, { mine }) => tenancy.deleteProject(mine.project.id),
  ],
  mergeProject: [
    ({ tenancy }, { theirs, mine }) => tenancy.mergeProject(mergeOf(theirs.project.id, mine.project.id)),
    ({ tenancy }, { theirs, mine }) => tenancy.mergeProject(mergeOf(mine.project.id, theirs.project.id)),
  ],
  renameProject: [
    ({ tenancy }, { theirs }) => tenancy.renameProject(theirs.project.id, "Mine now"),
    ({ tenancy }, { mine }) => tenancy.renameProject(mine.project.id, "Mine still"),
  ],
};

export const AUDIT: { readonly [Member in keyof Audit]: readonly Attempt[] } = {
  record: [({ audit }, { theirs }) => audit.record(theirs.tenant, [callOf(theirs.project.id)])],
  seal: [
    ({ audit }, { theirs }) => audit.seal({ project: theirs.project.id }, after(1)),
    ({ audit }, { theirs }) => audit.seal({ tenant: theirs.tenant, project: theirs.project.id }, after(1)),
  ],
  chains: [({ audit }) => audit.chains()],
  seals: [({ audit }, { theirs }) => audit.seals("changes", theirs.project.id)],
  lines: [({ audit }, { theirs }) => audit.lines("changes", theirs.project.id, { fromSeq: 1, toSeq: 9 })],
};

function mergeOf(from: ProjectId, into: ProjectId): ProjectMerge {
  const context = { project: into, at: after(1), actor: "somebody" };
  return { from, context, arrivals: [], departures: [], files: [] };
}

function callOf(project: ProjectId): AuditedCall {
  const call = { at: after(0), actor: "somebody", token: "some", tool: "resume_work", durationMs: 1 };
  return { ...call, project, outcome: "ok" };
}
