import type { StoredRow } from "../domain/document.ts";
import { KnowledgeError } from "../domain/error.ts";
import { folded } from "../domain/folded.ts";
import { type DocumentKind, isRef, isUuid, KINDS, type Kind, kindOfRef } from "../domain/ids.ts";
import { mergedInto, type Project } from "../domain/project.ts";
import { parseOptionalName } from "./arguments.ts";
import type { Deps, Scope } from "./deps.ts";
import { counterpartIn } from "./merged-rows.ts";
import { rowsByIds } from "./read-back.ts";

/**
 * The row that an id, ref or slug names: in the current project first, then in the others of the scope. A slug
 * of which no row has just this spelling is matched without regard to case.
 * @throws KnowledgeError `not_found`, or `invalid_input` with the candidates when it names several.
 */
export async function getRow(
  deps: Pick<Deps, "storage">,
  scope: Scope,
  id: string,
  kinds: readonly Kind[] = KINDS,
): Promise<StoredRow> {
  const text = id.trim();
  const wanted = kindOfRef(text);
  const searched =
    wanted === undefined || wanted === "project" ? kinds : kinds.filter((kind) => kind === wanted);
  if (wanted !== undefined && searched.length === 0) throw wrongKind(text, wanted, kinds);
  const here = scope.project === undefined ? [] : await findRows(deps, [scope.project.id], text, searched);
  const found =
    here.length > 0
      ? here
      : await findRows(
          deps,
          scope.projects.map((project) => project.id),
          text,
          searched,
        );
  const named = found.length > 0 ? found : await findFormer(deps, scope.projects, text, searched);
  const [first, ...others] = named;
  if (first !== undefined && others.length === 0) return first;
  if (first !== undefined) throw ambiguous(text, named);
  throw missing(text, kinds, { scope, owner: await ownerElsewhere(deps, scope, text, searched) });
}

/** Rows by a name that they had in a project that was merged into one of these. */
async function findFormer(
  deps: Pick<Deps, "storage">,
  projects: readonly Project[],
  text: string,
  kinds: readonly Kind[],
): Promise<readonly StoredRow[]> {
  const found = new Map<string, StoredRow>();
  for (const project of projects) {
    const former = await findRows(deps, mergedInto(project), text, kinds, { deleted: true });
    for (const each of former) {
      const id = counterpartIn(project.id, each);
      const [now] = await rowsByIds(deps, project.id, each.kind, [id]);
      if (now !== undefined && now.row.deletedAt === undefined) found.set(id, now);
    }
  }
  return [...found.values()];
}

/** A plan or session as a filter names it. */
export interface NamedRow {
  /** The spellings by which other rows may name it: id, ref, slug and title, and the text that was given. */
  readonly names: readonly string[];
  /** False when the text is no row's id, ref or slug: other rows may still hold it as plain text. */
  readonly isKnown: boolean;
}

/** What a filter's text names; `undefined` when not asked. */
export async function namesOf(
  deps: Pick<Deps, "storage">,
  scope: Scope,
  kind: "plan" | "session",
  text: string | undefined,
): Promise<NamedRow | undefined> {
  if (text === undefined) return undefined;
  const rows = await findRows(
    deps,
    scope.projects.map((project) => project.id),
    text.trim(),
    [kind],
  );
  const known = rows.length > 0 ? rows : await findFormer(deps, scope.projects, text.trim(), [kind]);
  const former = await Promise.all(known.map((row) => formerRows(deps, scope, row)));
  const names = [...known, ...former.flat()].flatMap(({ row }) => [
    ...[row.id, row.ref, ...("slug" in row ? [row.slug, row.title] : [])],
  ]);
  return { names: [...new Set([text.trim(), ...names])], isKnown: known.length > 0 };
}

/** The row as it was in projects that were merged into its own: tombstones, with the history until then. */
export async function formerRows(
  deps: Pick<Deps, "storage">,
  scope: Scope,
  found: StoredRow,
): Promise<readonly StoredRow[]> {
  const project = scope.projects.find(({ id }) => id === found.row.project);
  const ids = project === undefined ? [] : mergedInto(project);
  const rows = ids.map((id) => rowsByIds(deps, id, found.kind, [counterpartIn(id, found)]));
  return (await Promise.all(rows)).flat();
}

/**
 * What a row keeps of the plan or session that its writer names: the ref, or the name as given when nothing, or
 * more than one, answers to it. @throws KnowledgeError `invalid_input` for an empty name.
 */
export async function refOrName(
  deps: Pick<Deps, "storage">,
  project: Project,
  kind: "plan" | "session",
  text: string | undefined,
): Promise<string | undefined> {
  const name = parseOptionalName(kind, text);
  if (name === undefined) return undefined;
  const [first, ...others] = await findRows(deps, [project.id], name, [kind]);
  return first === undefined || others.length > 0 ? name : first.row.ref;
}

/** Says that no plan or session of this name is there, nor any row that names one so. */
export function unknownName(kind: "plan" | "session", text: string, scope: Scope): KnowledgeError {
  return new KnowledgeError("not_found", `No ${kind} "${shown(text)}" in ${placeOf(scope)}.`, {
    field: kind,
    hint: `Give the ref, slug or id of a ${kind}, or the name that rows give it; query-${kind}s lists them.`,
  });
}

/** Rows by id, ref or slug as it is spelt, else by slug without regard to case; tombstones too when `deleted`. */
export async function findRows(
  deps: Pick<Deps, "storage">,
  projects: Projects,
  text: string,
  kinds: readonly Kind[],
  options: WhichRows = {},
): Promise<readonly StoredRow[]> {
  const exact = await findExact(deps, projects, text, kinds, options);
  if (exact.length > 0 || text === "" || isRef(text) || isUuid(text)) return exact;
  const wanted = folded(text);
  const documents = kinds.filter((kind): kind is DocumentKind => kind !== "event");
  const slugs = await Promise.all(
    projects.flatMap((project) =>
      documents.map(async (kind) => {
        const names = await facetOf(deps, kind).names(project, options);
        const slug = names.filter((name) => folded(name.slug) === wanted).map((name) => name.slug);
        return Promise.all(slug.map((spelt) => findExact(deps, [project], spelt, [kind], options)));
      }),
    ),
  );
  return slugs.flat(2);
}

function facetOf(deps: Pick<Deps, "storage">, kind: DocumentKind) {
  const { plans, sessions, patterns } = deps.storage;
  return { plan: plans, session: sessions, pattern: patterns }[kind];
}

/** The one project outside the scope that holds the row, when the text names it beyond doubt. */
async function ownerElsewhere(
  deps: Pick<Deps, "storage">,
  scope: Scope,
  text: string,
  kinds: readonly Kind[],
): Promise<Project | undefined> {
  if (!isRef(text) && !isUuid(text)) return undefined;
  const inScope = new Set(scope.projects.map(({ id }) => id));
  const others = (await deps.storage.projects.list()).filter(({ id }) => !inScope.has(id));
  const found = await findExact(
    deps,
    others.map(({ id }) => id),
    text,
    kinds,
  );
  const owners = new Set(found.map(({ row }) => row.project));
  return owners.size === 1 ? others.find(({ id }) => owners.has(id)) : undefined;
}

type Projects = Parameters<Deps["storage"]["plans"]["find"]>[0];
type WhichRows = NonNullable<Parameters<Deps["storage"]["plans"]["find"]>[2]>;

async function findExact(
  deps: Pick<Deps, "storage">,
  projects: Projects,
  text: string,
  kinds: readonly Kind[],
  options?: WhichRows,
): Promise<readonly StoredRow[]> {
  if (projects.length === 0 || text === "") return [];
  const { plans, sessions, patterns, events } = deps.storage;
  const found = await Promise.all(
    kinds.map(async (kind): Promise<readonly StoredRow[]> => {
      switch (kind) {
        case "plan":
          return (await plans.find(projects, text, options)).map((row) => ({ kind, row }));
        case "session":
          return (await sessions.find(projects, text, options)).map((row) => ({ kind, row }));
        case "pattern":
          return (await patterns.find(projects, text, options)).map((row) => ({ kind, row }));
        case "event":
          return (await events.find(projects, text, options)).map((row) => ({ kind, row }));
        default:
          return kind satisfies never;
      }
    }),
  );
  return found.flat();
}

function wrongKind(text: string, wanted: Kind | "project", kinds: readonly Kind[]): KnowledgeError {
  return new KnowledgeError(
    "invalid_input",
    `"${text}" is a ${wanted}, but a ${kinds.join(" or ")} is needed here.`,
    {
      field: "id",
      hint: `Give the ref, slug or id of a ${kinds.join(" or ")}.`,
    },
  );
}

function ambiguous(text: string, found: readonly StoredRow[]): KnowledgeError {
  return new KnowledgeError("invalid_input", `"${text}" names ${found.length} rows.`, {
    field: "id",
    valid: found.map(({ kind, row }) => `${row.ref} (${kind}: ${"title" in row ? row.title : row.summary})`),
    hint: "Use the ref of the one that is meant.",
  });
}

function missing(
  text: string,
  kinds: readonly Kind[],
  { scope, owner }: { readonly scope: Scope; readonly owner: Project | undefined },
): KnowledgeError {
  const what = kinds.length === KINDS.length ? "document or event" : kinds.join(" or ");
  return new KnowledgeError("not_found", `No ${what} "${shown(text)}" in ${placeOf(scope)}.`, {
    field: "id",
    hint: owner === undefined ? whereToLook(scope) : `It is in ${owner.name}: add --project ${owner.ref}.`,
  });
}

function whereToLook(scope: Scope): string {
  return scope.projects.length === 0
    ? "Run `aiknowsys index` in the project's folder, or name a project with --project."
    : "Look it up with search or query-plans; ids are refs such as pln_k3v9t2qa, slugs or UUIDs.";
}

function placeOf(scope: Scope): string {
  if (scope.projects.length === 0) return "this folder, which is not indexed yet";
  return scope.projects.length === 1 ? "this project" : "these projects";
}

function shown(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
