import { KnowledgeError } from "../domain/error.ts";
import type { Kind } from "../domain/ids.ts";
import { mergedInto, type Project } from "../domain/project.ts";
import type { ReportItem } from "../domain/report.ts";
import { timestampOf } from "../domain/timestamp.ts";
import type { WriteResult } from "../storage/contract/writes.ts";
import type { Deps } from "./deps.ts";
import { type MergePlan, planMerge } from "./plan-merge.ts";
import { getProject } from "./project.ts";
import { type RowWrite, toWrites } from "./store-row.ts";
import { listTokens } from "./tokens.ts";

export interface MergeInput {
  readonly from: string;
  readonly into: string;
  readonly confirmed: boolean;
  /** Only tells what would be done. */
  readonly dryRun: boolean;
}

export interface MergeReport {
  readonly ok: boolean;
  readonly dryRun: boolean;
  readonly from: Pick<Project, "id" | "ref" | "name">;
  readonly into: Pick<Project, "id" | "ref" | "name">;
  readonly moved: Readonly<Record<Kind, number>>;
  readonly joined: number;
  readonly warnings: readonly ReportItem[];
  readonly tookMs: number;
}

/**
 * Makes two projects one (docs/adr/0011): rows move, keys and folders follow, names that were written down go on meaning the
 * same rows, and nothing of either history is touched. It cannot be undone by a command.
 * @throws KnowledgeError `not_found`, `conflict`; `invalid_input`, with what would move, unless that is confirmed
 */
export async function mergeProjects(deps: Deps, input: MergeInput): Promise<MergeReport> {
  const startedMs = deps.clock();
  const into = await getProject(deps, input.into);
  const from = await projectToMerge(deps, input.from, into);
  const at = timestampOf(startedMs);
  const plan = await planMerge(deps, { from, into, at });
  if (!input.dryRun && !input.confirmed) throw unconfirmed(from, into, plan);
  const names = input.dryRun
    ? await expectedNames(deps, into, plan.arrivals)
    : await merge(deps, { from, into, at, plan });
  return {
    ok: true,
    dryRun: input.dryRun,
    ...{ from: shown(from), into: shown(into) },
    ...{ moved: plan.moved, joined: plan.joined },
    warnings: [...plan.warnings, ...names, ...(await tokensLeftBehind(deps, from, into))],
    tookMs: deps.clock() - startedMs,
  };
}

/** The project that goes. One that was merged before may have got rows since, from programs that had it open. */
async function projectToMerge(deps: Deps, text: string, into: Project): Promise<Project> {
  const found = await deps.storage.projects.find(text.trim());
  const merged = found.find(({ id }) => mergedInto(into).includes(id));
  const from = merged ?? (await getProject(deps, text));
  if (from.id !== into.id) return from;
  throw new KnowledgeError("invalid_input", `${from.name} (${from.ref}) cannot be merged into itself.`, {
    field: "into",
    hint: "Name two projects; `aiknowsys project list` shows them.",
  });
}

interface Merging {
  readonly from: Project;
  readonly into: Project;
  readonly at: string;
  readonly plan: MergePlan;
}

async function merge(deps: Deps, { from, into, at, plan }: Merging): Promise<readonly ReportItem[]> {
  const batch = `merge ${from.ref} into ${into.ref}`;
  const results = await deps.storage.tenancy.mergeProject({
    from: from.id,
    context: { project: into.id, at, actor: deps.actor, batch },
    arrivals: await toWrites(plan.arrivals),
    departures: await toWrites(plan.departures),
    files: plan.files,
  });
  return plan.arrivals.flatMap((write, index) => namesLost(write, results[index]));
}

function namesLost({ slugs, refs }: RowWrite, result: WriteResult | undefined): readonly ReportItem[] {
  const [slug] = slugs ?? [];
  const [ref] = refs ?? [];
  if (result === undefined) return [];
  const items: ReportItem[] = [];
  if (slug !== undefined && result.slug !== undefined && result.slug !== slug)
    items.push({ item: slug, reason: `The slug is taken there: the document's is ${result.slug} now.` });
  if (ref !== undefined && result.ref !== ref)
    items.push({ item: ref, reason: `The ref is taken there: the row's is ${result.ref} now.` });
  return items;
}

/** What names would be, as far as that can be told without writing. */
async function expectedNames(
  { storage }: Deps,
  into: Project,
  arrivals: readonly RowWrite[],
): Promise<readonly ReportItem[]> {
  const facets = { plan: storage.plans, session: storage.sessions, pattern: storage.patterns };
  const items: ReportItem[] = [];
  for (const [kind, facet] of Object.entries(facets)) {
    const taken = new Set((await facet.names(into.id, { deleted: true })).map(({ slug }) => slug));
    for (const { draft, slugs, expectedRevision } of arrivals) {
      const [slug] = slugs ?? [];
      if (draft.kind !== kind || slug === undefined || expectedRevision > 0 || !taken.has(slug)) continue;
      items.push({
        item: slug,
        reason: `The slug is taken there: the document would get another, such as ${slug}~2.`,
      });
    }
  }
  return items;
}

/** A token is never widened by a merge: whoever had the one project is given the other on purpose, or not at all. */
async function tokensLeftBehind(deps: Deps, from: Project, into: Project): Promise<readonly ReportItem[]> {
  const tokens = await listTokens(deps);
  return tokens.flatMap(({ ref, name, projects }): readonly ReportItem[] => {
    if (projects === "all" || !projects.includes(from.id) || projects.includes(into.id)) return [];
    const reason = `The token ${name} is for ${from.name}, not for ${into.name}: it sees nothing of what moved.`;
    return [{ item: ref, reason }];
  });
}

function shown({ id, ref, name }: Project): Pick<Project, "id" | "ref" | "name"> {
  return { id, ref, name };
}

function unconfirmed(from: Project, into: Project, { moved, joined }: MergePlan): KnowledgeError {
  const { plan, session, pattern, event } = moved;
  const what = `${plan} plans, ${session} sessions, ${pattern} patterns and ${event} events`;
  const both = joined === 0 ? "" : `; ${joined} rows are in both`;
  return new KnowledgeError(
    "invalid_input",
    `This moves ${what} from ${from.name} (${from.ref}) to ${into.name} (${into.ref})${both}, and cannot be undone.`,
    {
      field: "yes",
      hint: "Nothing was changed. See all of it with --dry-run, keep a copy with `aiknowsys backup`, then say --yes.",
    },
  );
}
