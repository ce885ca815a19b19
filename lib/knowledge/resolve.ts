import type { StoredRow } from "../domain/document.ts";
import { KnowledgeError } from "../domain/error.ts";
import { KINDS, type Kind, kindOfRef } from "../domain/ids.ts";
import type { Deps, Scope } from "./deps.ts";

/**
 * The row that an id, ref or slug names: in the current project first, then in the others of the scope.
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
  const [first, ...others] = found;
  if (first !== undefined && others.length === 0) return first;
  if (first !== undefined) throw ambiguous(text, found);
  throw missing(text, kinds, scope);
}

/**
 * The spellings by which other rows may name a plan or session: its id, ref, slug and title; the text alone
 * when it names none. `undefined` when not asked.
 */
export async function namesOf(
  deps: Pick<Deps, "storage">,
  scope: Scope,
  kind: "plan" | "session",
  text: string | undefined,
): Promise<readonly string[] | undefined> {
  if (text === undefined) return undefined;
  const rows = await findRows(
    deps,
    scope.projects.map((project) => project.id),
    text.trim(),
    [kind],
  );
  const names = rows.flatMap(({ row }) => [row.id, row.ref, ...("slug" in row ? [row.slug, row.title] : [])]);
  return [...new Set([text.trim(), ...names])];
}

async function findRows(
  deps: Pick<Deps, "storage">,
  projects: Parameters<Deps["storage"]["plans"]["find"]>[0],
  text: string,
  kinds: readonly Kind[],
): Promise<readonly StoredRow[]> {
  if (projects.length === 0 || text === "") return [];
  const { plans, sessions, patterns, events } = deps.storage;
  const found = await Promise.all(
    kinds.map(async (kind): Promise<readonly StoredRow[]> => {
      switch (kind) {
        case "plan":
          return (await plans.find(projects, text)).map((row) => ({ kind, row }));
        case "session":
          return (await sessions.find(projects, text)).map((row) => ({ kind, row }));
        case "pattern":
          return (await patterns.find(projects, text)).map((row) => ({ kind, row }));
        case "event":
          return (await events.find(projects, text)).map((row) => ({ kind, row }));
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

function missing(text: string, kinds: readonly Kind[], scope: Scope): KnowledgeError {
  const where =
    scope.projects.length === 0
      ? "this folder, which is not indexed yet"
      : scope.projects.length === 1
        ? "this project"
        : "these projects";
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return new KnowledgeError(
    "not_found",
    `No ${kinds.length === KINDS.length ? "document or event" : kinds.join(" or ")} "${shown}" in ${where}.`,
    {
      field: "id",
      hint:
        scope.projects.length === 0
          ? "Run `aiknowsys index` in the project's folder, or name a project with --project."
          : "Look it up with search or query-plans; ids are refs such as pln_k3v9t2qa, slugs or UUIDs.",
    },
  );
}
