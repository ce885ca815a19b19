import { join } from "node:path";
import { type ProjectId, projectIdSchema, rowIdOfFile, sha256 } from "../lib/domain/ids.ts";
import type { Project } from "../lib/domain/project.ts";
import { timestampOf } from "../lib/domain/timestamp.ts";
import type { Deps } from "../lib/knowledge/deps.ts";
import { readDocumentOfFile } from "../lib/knowledge/document-of-file.ts";
import { rowsByIds } from "../lib/knowledge/read-back.ts";
import { type RowWrite, storeRows } from "../lib/knowledge/store-row.ts";
import type { Dataset } from "./dataset.ts";

/** Where a set lies in the store: a project a scope, and which row is which document. */
export interface LoadedDataset {
  readonly projects: ReadonlyMap<string, Project>;
  /** Row id → the set's document id. */
  readonly documents: ReadonlyMap<string, string>;
}

const BATCH = 100;
/** The scope of documents and queries that name none. */
export const NO_SCOPE = "all";

/** Stores a set's documents as reference documents, unchanged ones not again. */
export async function storeDataset(deps: Deps, set: Dataset): Promise<LoadedDataset> {
  const projects = new Map<string, Project>();
  const documents = new Map<string, string>();
  const scopes = [...new Set(set.documents.map(({ scope }) => scope ?? NO_SCOPE))];
  for (const scope of scopes) {
    const project = await registerScope(deps, set.name, scope);
    projects.set(scope, project);
    const own = set.documents.filter((document) => (document.scope ?? NO_SCOPE) === scope);
    for (let at = 0; at < own.length; at += BATCH) {
      const writes = own.slice(at, at + BATCH).map((document) => writeOf(project.id, document));
      for (const [index, { draft }] of writes.entries())
        documents.set(draft.row.id, own[at + index]?.id ?? "");
      await storeNew(deps, project.id, writes);
    }
  }
  return { projects, documents };
}

async function storeNew(deps: Deps, project: ProjectId, writes: readonly RowWrite[]): Promise<void> {
  const known = await rowsByIds(
    deps,
    project,
    "pattern",
    writes.map(({ draft }) => draft.row.id),
  );
  const stored = new Set(known.map(({ row }) => row.id));
  const fresh = writes.filter(({ draft }) => !stored.has(draft.row.id));
  if (fresh.length > 0) await storeRows(deps, project, fresh);
}

/** A document's text as the file it would be: a title becomes its first heading. */
function writeOf(project: ProjectId, document: Dataset["documents"][number]): RowWrite {
  const title = document.title?.trim() ?? "";
  const text = title === "" ? document.text : `# ${title.replace(/\s+/g, " ")}\n\n${document.text}`;
  const path = /\.(?:md|txt)$/.test(document.id) ? document.id : join("documents", `${document.id}.md`);
  const { draft } = readDocumentOfFile({
    project,
    kind: "pattern",
    path,
    text,
    fileHash: sha256(text),
    modifiedMs: 0,
  });
  return { draft, operation: "create", expectedRevision: 0, slugs: [document.id] };
}

async function registerScope(deps: Deps, name: string, scope: string): Promise<Project> {
  const id = projectIdSchema.parse(
    rowIdOfFile(projectIdSchema.parse("00000000-0000-8000-8000-000000000000"), "pattern", `${name}/${scope}`),
  );
  return deps.storage.projects.register({
    id,
    name: scope,
    keys: [`path:/eval/${name}/${scope}`],
    roots: [],
    createdAt: timestampOf(0),
  });
}
