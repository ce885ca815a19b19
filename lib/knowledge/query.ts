import type { KnowledgeError } from "../domain/error.ts";
import type { Event } from "../domain/event.ts";
import type { Page } from "../domain/page.ts";
import type { Pattern } from "../domain/pattern.ts";
import type { Plan } from "../domain/plan.ts";
import type { Session } from "../domain/session.ts";
import {
  dayOf,
  emptySpan,
  parseBounds,
  parseTimeSpan,
  parseTimezone,
  type TimeContext,
} from "../domain/time-range.ts";
import {
  EVENT_TYPES,
  PLAN_PRIORITIES,
  PLAN_STATUSES,
  PLAN_TYPES,
  parseChoice,
  parseSessionStatus,
} from "../domain/vocabulary.ts";
import { PLAN_SORTS } from "../storage/contract/rows.ts";
import {
  type ListArgument,
  type NumberArgument,
  parseChoices,
  parseLimit,
  parseList,
  parseOptionalName,
  parseWhole,
} from "./arguments.ts";
import type { Deps, Scope } from "./deps.ts";
import { freshen } from "./freshness.ts";
import { type NamedRow, namesOf, unknownName } from "./resolve.ts";

interface PageArguments {
  readonly limit?: NumberArgument;
  readonly cursor?: string | undefined;
  readonly timezone?: string | undefined;
}

export interface PlanQuery extends PageArguments {
  readonly status?: ListArgument;
  readonly author?: string | undefined;
  readonly topic?: string | undefined;
  readonly priority?: ListArgument;
  readonly type?: ListArgument;
  readonly updatedAfter?: string | undefined;
  readonly updatedBefore?: string | undefined;
  readonly sort?: string | undefined;
}

export interface SessionQuery extends PageArguments {
  readonly date?: string | undefined;
  readonly dateAfter?: string | undefined;
  readonly dateBefore?: string | undefined;
  /** The last so many days, today included. */
  readonly days?: NumberArgument;
  readonly topic?: string | undefined;
  readonly plan?: string | undefined;
  readonly status?: ListArgument;
}

export interface EventQuery extends PageArguments {
  readonly type?: ListArgument;
  readonly after?: string | undefined;
  readonly before?: string | undefined;
  readonly tag?: string | undefined;
  readonly plan?: string | undefined;
  readonly session?: string | undefined;
  readonly includeSuperseded?: boolean | undefined;
}

export interface PatternQuery extends PageArguments {
  readonly category?: string | undefined;
  readonly topic?: string | undefined;
}

interface Counted {
  /** All rows that match, not those of this page. */
  readonly count: number;
  /** False beyond 10,000. */
  readonly countExact: boolean;
  readonly nextCursor?: string | undefined;
}

/** A page of plans, newest change first unless sorted otherwise. @throws KnowledgeError `invalid_input`. */
export async function queryPlans(
  deps: Deps,
  scope: Scope,
  query: PlanQuery,
): Promise<Counted & { readonly plans: readonly Plan[] }> {
  const time = timeContext(deps, query.timezone);
  const { after, before } = parseBounds(
    { field: "updatedAfter", text: query.updatedAfter },
    { field: "updatedBefore", text: query.updatedBefore },
    time,
  );
  const filter = {
    projects: idsOf(scope),
    statuses: parseChoices("status", query.status, PLAN_STATUSES),
    priorities: parseChoices("priority", query.priority, PLAN_PRIORITIES),
    types: parseChoices("type", query.type, PLAN_TYPES),
    author: parseOptionalName("author", query.author),
    topic: parseOptionalName("topic", query.topic),
    updatedAfter: after,
    updatedBefore: before,
    sort: optional(query.sort, (text) => parseChoice("sort", text, PLAN_SORTS)),
  };
  await freshen(deps, scope);
  const page = await deps.storage.plans.query(filter, pageOf(query));
  return { ...countsOf(page), plans: page.items, ...next(page) };
}

/** A page of sessions, newest day first. @throws KnowledgeError `invalid_input`, `not_found` (no such plan). */
export async function querySessions(
  deps: Deps,
  scope: Scope,
  query: SessionQuery,
): Promise<Counted & { readonly sessions: readonly Session[] }> {
  const time = timeContext(deps, query.timezone);
  const filter = {
    projects: idsOf(scope),
    statuses: parseList(query.status)?.map((text) => parseSessionStatus("status", text)),
    ...daysOf(query, time),
    topic: parseOptionalName("topic", query.topic),
  };
  await freshen(deps, scope);
  const plan = await namesOf(deps, scope, "plan", parseOptionalName("plan", query.plan));
  const page = await deps.storage.sessions.query({ ...filter, plan: plan?.names }, pageOf(query));
  if (page.count === 0) await requireName(deps, scope, "plan", plan);
  return { ...countsOf(page), sessions: page.items, ...next(page) };
}

/** A page of events, newest first. @throws KnowledgeError `invalid_input`, `not_found` (no such plan or session). */
export async function queryEvents(
  deps: Deps,
  scope: Scope,
  query: EventQuery,
): Promise<Counted & { readonly events: readonly Event[] }> {
  const time = timeContext(deps, query.timezone);
  const filter = {
    projects: idsOf(scope),
    types: parseChoices("type", query.type, EVENT_TYPES),
    ...parseBounds({ field: "after", text: query.after }, { field: "before", text: query.before }, time),
    tag: parseOptionalName("tag", query.tag),
    includeSuperseded: query.includeSuperseded ?? false,
  };
  const plan = await namesOf(deps, scope, "plan", parseOptionalName("plan", query.plan));
  const session = await namesOf(deps, scope, "session", parseOptionalName("session", query.session));
  const named = { ...filter, plan: plan?.names, session: session?.names };
  const page = await deps.storage.events.query(named, pageOf(query));
  if (page.count === 0) {
    await requireName(deps, scope, "plan", plan);
    await requireName(deps, scope, "session", session);
  }
  return { ...countsOf(page), events: page.items, ...next(page) };
}

/** A page of patterns, newest change first. @throws KnowledgeError `invalid_input`. */
export async function queryPatterns(
  deps: Deps,
  scope: Scope,
  query: PatternQuery,
): Promise<Counted & { readonly patterns: readonly Pattern[] }> {
  await freshen(deps, scope);
  const page = await deps.storage.patterns.query(
    {
      projects: idsOf(scope),
      category: parseOptionalName("category", query.category),
      topic: parseOptionalName("topic", query.topic),
    },
    pageOf(query),
  );
  return { ...countsOf(page), patterns: page.items, ...next(page) };
}

/** The clock and zone in which a caller's words about time are read; UTC unless told. */
export function timeContext(deps: Pick<Deps, "clock">, timezone: string | undefined): TimeContext {
  return { nowMs: deps.clock(), timezone: timezone === undefined ? "UTC" : parseTimezone(timezone) };
}

function daysOf(query: SessionQuery, time: TimeContext) {
  const dayAt = (ms: number): string => dayOf(ms, time.timezone);
  const span = optional(query.date, (text) => parseTimeSpan("date", text, time));
  const days = optional(query.days, (given) =>
    parseWhole("days", given, { min: 1, max: 36_500, otherwise: 7 }),
  );
  const lastDays = optional(days, (count) =>
    dayAt(parseTimeSpan("days", `${count - 1} days ago`, time).startMs),
  );
  const dateAfter =
    optional(query.dateAfter, (text) => dayAt(parseTimeSpan("dateAfter", text, time).startMs)) ??
    optional(span, ({ startMs }) => dayAt(startMs)) ??
    lastDays;
  const dateBefore =
    optional(query.dateBefore, (text) => dayAt(parseTimeSpan("dateBefore", text, time).endMs - 1)) ??
    optional(span, ({ endMs }) => dayAt(endMs - 1));
  if (dateAfter !== undefined && dateBefore !== undefined && dateAfter > dateBefore) throw noDays(query);
  return { dateAfter, dateBefore };
}

function noDays({ dateAfter, dateBefore, date, days }: SessionQuery): KnowledgeError {
  const from =
    dateAfter !== undefined
      ? { field: "dateAfter", text: dateAfter }
      : date !== undefined
        ? { field: "date", text: date }
        : { field: "days", text: String(days) };
  const to =
    dateBefore !== undefined ? { field: "dateBefore", text: dateBefore } : { field: "date", text: date };
  return emptySpan(from, to);
}

/**
 * Refuses the name of a plan or session that is no row and that no row gives as plain text, so that a mistyped
 * name is not taken for an empty answer.
 */
async function requireName(
  deps: Deps,
  scope: Scope,
  kind: "plan" | "session",
  named: NamedRow | undefined,
): Promise<void> {
  if (named === undefined || named.isKnown || scope.projects.length === 0) return;
  const { events, sessions } = deps.storage;
  const filter = { projects: idsOf(scope), [kind]: named.names };
  const held = await events.query({ ...filter, includeSuperseded: true }, { limit: 1 });
  if (held.count > 0) return;
  if (kind === "plan" && (await sessions.query(filter, { limit: 1 })).count > 0) return;
  throw unknownName(kind, named.names[0] ?? "", scope);
}

function idsOf(scope: Scope) {
  return scope.projects.map(({ id }) => id);
}

function pageOf(query: PageArguments) {
  return { limit: parseLimit(query.limit), cursor: query.cursor };
}

function countsOf(page: Page<unknown>): { readonly count: number; readonly countExact: boolean } {
  return { count: page.count, countExact: page.countExact };
}

function next(page: Page<unknown>): { readonly nextCursor?: string } {
  return page.nextCursor === undefined ? {} : { nextCursor: page.nextCursor };
}

function optional<From, To>(value: From | undefined, read: (value: From) => To): To | undefined {
  return value === undefined ? undefined : read(value);
}
