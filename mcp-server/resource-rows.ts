import { KnowledgeError } from "../lib/domain/error.ts";
import { KINDS, type Kind, type ProjectId } from "../lib/domain/ids.ts";
import type { PageRequest } from "../lib/domain/page.ts";
import type { Project } from "../lib/domain/project.ts";
import type { Deps } from "../lib/knowledge/deps.ts";
import { listStanding } from "../lib/knowledge/merged-projects.ts";
import { findScope } from "../lib/knowledge/project.ts";
import { readProjectIdentity } from "../lib/knowledge/project-identity.ts";
import { contentOf, publicRow } from "../lib/knowledge/public-row.ts";
import { getRow } from "../lib/knowledge/resolve.ts";
import { type ListResourcesResult, ProtocolError } from "./sdk.ts";
import type { ServerOptions } from "./server-options.ts";

/** Rows of one page of the listing. */
const PAGE = 50;
/** Rows that a completion looks at, the newest of their kind. */
const LOOKED_AT = 500;
/** A kind and the cursor within it. */
const CURSOR = /^(plan|session|pattern|event)\.([\w-]*)$/;
/** JSON-RPC: invalid params. */
const INVALID_PARAMS = -32_602;

/**
 * A page of the current project's rows, or where there is none, of all projects that the caller may see: plans, then
 * sessions, patterns and events, each newest first.
 */
export async function listResources(
  options: ServerOptions,
  cursor: string | undefined,
): Promise<ListResourcesResult> {
  const { deps, projects } = await scopeOf(options, undefined);
  const resources: ListResourcesResult["resources"] = [];
  if (projects.length === 0) return { resources };
  const known = new Map(projects.map((project) => [project.id, project]));
  let { kind, inner } = parseCursor(cursor);
  while (kind !== undefined && resources.length < PAGE) {
    const page = await newest(deps, kind, projects, { limit: PAGE - resources.length, cursor: inner });
    for (const row of page.items) {
      const project = known.get(row.project);
      const uri = `aiknowsys://project/${project?.ref}/${kind}/${row.ref}`;
      const mimeType = kind === "event" ? "application/json" : "text/markdown";
      const of = projects.length === 1 ? {} : { description: `In ${project?.name}.` };
      resources.push({ uri, name: row.name, title: row.title, ...of, mimeType });
    }
    inner = page.nextCursor;
    if (inner === undefined) kind = KINDS[KINDS.indexOf(kind) + 1];
  }
  return { resources, ...(kind !== undefined && { nextCursor: `${kind}.${inner ?? ""}` }) };
}

/** Refs of projects whose ref or name begins so. */
export async function completeProject(options: ServerOptions, value: string): Promise<string[]> {
  const { deps } = await options.opener.open();
  const begins = beginsWith(value);
  return (await listStanding(deps))
    .filter(({ ref, name }) => begins(ref) || begins(name))
    .map(({ ref }) => ref);
}

/** Refs of rows whose ref, slug or title begins so, newest first. */
export async function completeRef(
  options: ServerOptions,
  kind: Kind,
  value: string,
  projectName: string | undefined,
): Promise<string[]> {
  const { deps, projects } = await scopeOf(options, projectName);
  if (projects.length === 0) return [];
  const begins = beginsWith(value);
  const { items } = await newest(deps, kind, projects, { limit: LOOKED_AT });
  return items
    .filter(({ ref, name, title }) => begins(ref) || begins(name) || begins(title))
    .map(({ ref }) => ref);
}

/** A document's markdown, an event's JSON; `undefined` when there is no such row. */
export async function readResource(
  options: ServerOptions,
  kind: Kind,
  project: string,
  ref: string,
): Promise<string | undefined> {
  const startedAt = performance.now();
  const read = await readRow(options, kind, project, ref);
  const outcome = read.text === undefined ? "not_found" : "ok";
  const rows = read.text === undefined ? 0 : 1;
  const durationMs = performance.now() - startedAt;
  options.onCall?.({ tool: "resources/read", project: read.project, outcome, durationMs, rows });
  return read.text;
}

async function readRow(
  options: ServerOptions,
  kind: Kind,
  named: string,
  ref: string,
): Promise<{ readonly text?: string; readonly project: ProjectId | undefined }> {
  const { deps, scope } = await scopeOf(options, named);
  const project = scope?.project?.id;
  if (scope === undefined) return { project };
  try {
    const found = await getRow(deps, scope, ref, [kind]);
    return { text: contentOf(found) ?? JSON.stringify(publicRow(found.row)), project };
  } catch (error) {
    if (isAbsence(error)) return { project };
    throw error;
  }
}

/**
 * The project named, else the one configured or of the folder; none when it is not known. Where the caller stands in no
 * project's folder, as over HTTP, all that it may see.
 */
async function scopeOf(options: ServerOptions, named: string | undefined) {
  const { deps } = await options.opener.open();
  const { cwd, userHome, project: configured } = options.config();
  try {
    const scope = await findScope(deps, { cwd, userHome, project: named ?? configured });
    const isNowhere = scope.project === undefined && readProjectIdentity(cwd, userHome) === undefined;
    return { deps, scope, projects: isNowhere ? await listStanding(deps) : scope.projects };
  } catch (error) {
    if (isAbsence(error)) return { deps, scope: undefined, projects: [] };
    throw error;
  }
}

interface Listed {
  readonly project: ProjectId;
  readonly ref: string;
  readonly name: string;
  readonly title: string;
}

async function newest(
  deps: Pick<Deps, "storage">,
  kind: Kind,
  projects: readonly Project[],
  page: PageRequest,
): Promise<{ readonly items: readonly Listed[]; readonly nextCursor?: string | undefined }> {
  const { plans, sessions, patterns, events } = deps.storage;
  const query = { projects: projects.map(({ id }) => id) };
  if (kind === "event") {
    const { items, nextCursor } = await events.query(query, page);
    return {
      items: items.map(({ project, ref, summary }) => ({ project, ref, name: ref, title: summary })),
      nextCursor,
    };
  }
  const { items, nextCursor } = await { plan: plans, session: sessions, pattern: patterns }[kind].query(
    query,
    page,
  );
  return {
    items: items.map(({ project, ref, slug, title }) => ({ project, ref, name: slug, title })),
    nextCursor,
  };
}

function parseCursor(cursor: string | undefined): {
  kind: Kind | undefined;
  inner: string | undefined;
} {
  if (cursor === undefined) return { kind: KINDS[0], inner: undefined };
  const [, name, inner] = CURSOR.exec(cursor) ?? [];
  const kind = KINDS.find((known) => known === name);
  if (kind !== undefined) return { kind, inner: inner === "" ? undefined : inner };
  throw new ProtocolError(
    INVALID_PARAMS,
    "The cursor is not one that this listing gave; leave it out to begin.",
  );
}

function beginsWith(value: string): (text: string) => boolean {
  const wanted = value.toLowerCase();
  return (text) => text.toLowerCase().startsWith(wanted);
}

function isAbsence(error: unknown): boolean {
  return error instanceof KnowledgeError && (error.code === "not_found" || error.code === "invalid_input");
}
