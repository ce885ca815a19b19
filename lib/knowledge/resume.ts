import { KnowledgeError } from "../domain/error.ts";
import type { Event } from "../domain/event.ts";
import type { Plan } from "../domain/plan.ts";
import type { Project } from "../domain/project.ts";
import type { Session } from "../domain/session.ts";
import { timestampOf } from "../domain/timestamp.ts";
import { openTasks } from "../markdown/checkboxes.ts";
import { readFrontmatter } from "../markdown/frontmatter.ts";
import { cutToTokens, estimateTokens } from "../ranking/budget.ts";
import { type NumberArgument, parseWhole } from "./arguments.ts";
import type { Deps } from "./deps.ts";
import { freshen } from "./freshness.ts";

/** INTERFACE: Resume. Lists hold what is needed to begin, not whole rows. */
export interface Resume {
  readonly project: { readonly ref: string; readonly name: string };
  readonly activePlans: readonly PlanBrief[];
  readonly lastSessions: readonly SessionBrief[];
  readonly openTasks: readonly TaskBrief[];
  readonly recentDecisions: readonly EventBrief[];
  readonly recentFailures: readonly EventBrief[];
  /** Counts of rows that changed since `since`; null on the first call of a client. */
  readonly changedSince: ChangedSince | null;
  /** To be given as `since` next time. */
  readonly cursor: string;
  readonly tokens: number;
  readonly omitted: number;
}

export interface PlanBrief {
  readonly ref: string;
  readonly slug: string;
  readonly title: string;
  readonly status: Plan["status"];
  readonly priority?: Plan["priority"];
  readonly updatedAt: string;
  readonly openTasks: number;
}

export interface SessionBrief {
  readonly ref: string;
  readonly title: string;
  readonly date: string;
  readonly status: Session["status"];
  readonly plan?: string | undefined;
}

export interface TaskBrief {
  /** The document that holds the box. */
  readonly ref: string;
  readonly task: string;
  readonly section?: string | undefined;
}

export interface EventBrief {
  readonly ref: string;
  readonly type: Event["type"];
  readonly summary: string;
  readonly occurredAt: string;
  readonly author?: string | undefined;
}

export interface ChangedSince {
  readonly since: string;
  readonly plans: number;
  readonly sessions: number;
  readonly patterns: number;
  readonly events: number;
}

export interface ResumeRequest {
  readonly maxTokens?: NumberArgument;
  /** The cursor of an earlier answer; default the one kept for this client. */
  readonly since?: string | undefined;
  /** Name of the client, for which the cursor is kept. */
  readonly client?: string | undefined;
}

const PLANS = 10;
const SESSIONS = 5;
const EVENTS = 8;
const TASKS = 30;
/** One text may take this share of the budget; a longer one is cut, so that one giant does not crowd out the rest. */
const TEXT_SHARE = 0.05;
const LEAST_TEXT = 24;
/** More changes than this are counted as this many. */
const CHANGES = 10_000;

/** What somebody needs at the start of work: active plans, last sessions, open tasks, recent decisions and failures, what changed. */
export async function resumeWork(deps: Deps, project: Project, request: ResumeRequest = {}): Promise<Resume> {
  const maxTokens = parseWhole("maxTokens", request.maxTokens, {
    min: 200,
    max: 1_000_000,
    otherwise: 1_500,
  });
  await freshen(deps, { project, projects: [project] });
  const key = `${project.id}:${request.client ?? "cli"}`;
  const since = request.since ?? deps.cursors.read(key);
  const seq = await deps.storage.changes.seal(project.id, timestampOf(deps.clock()));
  const changedSince = since === undefined ? null : await changesSince(deps, project, parseSince(since));
  const parts = await readParts(deps, project);
  const cursor = `r${seq}`;
  if (request.since === undefined) deps.cursors.write(key, cursor);
  return { ...fitParts(project, parts, changedSince, maxTokens), cursor };
}

interface Parts {
  readonly activePlans: readonly PlanBrief[];
  readonly lastSessions: readonly SessionBrief[];
  readonly openTasks: readonly TaskBrief[];
  readonly recentDecisions: readonly EventBrief[];
  readonly recentFailures: readonly EventBrief[];
}

async function readParts(deps: Deps, project: Project): Promise<Parts> {
  const { plans, sessions, events } = deps.storage;
  const projects = [project.id];
  const [active, last, decisions, failures] = await Promise.all([
    plans.query({ projects, statuses: ["ACTIVE"], sort: "updated" }, { limit: PLANS }),
    sessions.query({ projects }, { limit: SESSIONS }),
    events.query({ projects, types: ["decision_made"] }, { limit: EVENTS }),
    events.query({ projects, types: ["validation_failed", "bug_encountered"] }, { limit: EVENTS }),
  ]);
  const planRows = await plans.byIds(
    project.id,
    active.items.map(({ id }) => id),
  );
  const sessionRows = await sessions.byIds(
    project.id,
    last.items.slice(0, 1).map(({ id }) => id),
  );
  const tasksOf = new Map(
    [...planRows, ...sessionRows].map((row) => [row.ref, openTasks(readFrontmatter(row.content).body)]),
  );
  const tasks = [...tasksOf].flatMap(([ref, open]) =>
    open.map(
      ({ text, section }): TaskBrief => ({ ref, task: text, ...(section !== undefined && { section }) }),
    ),
  );
  return {
    activePlans: active.items.map((plan) => planBrief(plan, tasksOf.get(plan.ref)?.length ?? 0)),
    lastSessions: last.items.map(sessionBrief),
    openTasks: tasks.slice(0, TASKS),
    recentDecisions: decisions.items.map(eventBrief),
    recentFailures: failures.items.map(eventBrief),
  };
}

/**
 * Cuts the parts to the budget; what matters most is filled first: plans, sessions, decisions, failures, tasks.
 * Long texts end in `…`; what still does not fit is left out by itself, and what follows it is looked at too.
 */
function fitParts(
  project: Project,
  parts: Parts,
  changedSince: ChangedSince | null,
  maxTokens: number,
): Omit<Resume, "cursor"> {
  const head = { project: { ref: project.ref, name: project.name }, changedSince };
  let left = maxTokens - estimateTokens(JSON.stringify(head)) - 80;
  let omitted = 0;
  const mostOfText = Math.max(LEAST_TEXT, Math.floor(maxTokens * TEXT_SHARE));
  const brief = (text: string): string => shorten(text, mostOfText);
  const take = <Item>(items: readonly Item[]): readonly Item[] => {
    const kept = items.filter((item) => {
      const tokens = estimateTokens(JSON.stringify(item)) + 1;
      if (tokens > left) return false;
      left -= tokens;
      return true;
    });
    omitted += items.length - kept.length;
    return kept;
  };
  const briefEvent = (event: EventBrief): EventBrief => ({
    ...event,
    summary: brief(event.summary),
    ...(event.author !== undefined && { author: brief(event.author) }),
  });
  const activePlans = take(parts.activePlans.map((plan) => ({ ...plan, title: brief(plan.title) })));
  const lastSessions = take(
    parts.lastSessions.map((session) => ({
      ...session,
      title: brief(session.title),
      ...(session.plan !== undefined && { plan: brief(session.plan) }),
    })),
  );
  const recentDecisions = take(parts.recentDecisions.map(briefEvent));
  const recentFailures = take(parts.recentFailures.map(briefEvent));
  const tasks = take(
    parts.openTasks.map((open) => ({
      ...open,
      task: brief(open.task),
      ...(open.section !== undefined && { section: brief(open.section) }),
    })),
  );
  return {
    ...head,
    activePlans,
    lastSessions,
    openTasks: tasks,
    recentDecisions,
    recentFailures,
    tokens: maxTokens - left,
    omitted,
  };
}

/** The text, or its beginning and `…`. */
function shorten(text: string, maxTokens: number): string {
  return estimateTokens(text) <= maxTokens ? text : `${cutToTokens(text, maxTokens - 1).trimEnd()}…`;
}

async function changesSince(deps: Deps, project: Project, seq: number): Promise<ChangedSince> {
  const changes = await deps.storage.changes.since(project.id, seq, CHANGES);
  const ids = (kind: string): number =>
    new Set(changes.filter((change) => change.kind === kind).map(({ id }) => id)).size;
  const [first] = changes;
  return {
    since: first?.at ?? timestampOf(deps.clock()),
    plans: ids("plan"),
    sessions: ids("session"),
    patterns: ids("pattern"),
    events: ids("event"),
  };
}

function parseSince(text: string): number {
  const seq = Number(/^r(\d{1,15})$/.exec(text.trim())?.[1] ?? Number.NaN);
  if (Number.isFinite(seq)) return seq;
  throw new KnowledgeError("invalid_input", "since is not a cursor that resume gave.", {
    field: "since",
    hint: "Use the cursor of an earlier answer, or leave since out.",
  });
}

function planBrief(plan: Plan, tasks: number): PlanBrief {
  const { ref, slug, title, status, priority, updatedAt } = plan;
  return {
    ref,
    slug,
    title,
    status,
    ...(priority !== undefined && { priority }),
    updatedAt,
    openTasks: tasks,
  };
}

function sessionBrief(session: Session): SessionBrief {
  const { ref, title, date, status, plan } = session;
  return { ref, title, date, status, ...(plan !== undefined && { plan }) };
}

function eventBrief(event: Event): EventBrief {
  const { ref, type, summary, occurredAt, author } = event;
  return { ref, type, summary, occurredAt, ...(author !== undefined && { author }) };
}
