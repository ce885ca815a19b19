import { KnowledgeError } from "./error.ts";

export const PLAN_STATUSES = ["PLANNED", "ACTIVE", "PAUSED", "COMPLETE", "CANCELLED", "SUPERSEDED"] as const;
export const PLAN_PRIORITIES = ["high", "medium", "low"] as const;
export const PLAN_TYPES = ["feature", "refactor", "bugfix", "research", "chore", "other"] as const;
export const SESSION_STATUSES = ["active", "paused", "complete", "abandoned"] as const;
export const EVENT_TYPES = [
  "session_started",
  "goal_defined",
  "task_completed",
  "decision_made",
  "pattern_discovered",
  "validation_passed",
  "validation_failed",
  "bug_encountered",
  "learning_captured",
  "note",
] as const;

export type PlanStatus = (typeof PLAN_STATUSES)[number];
export type PlanPriority = (typeof PLAN_PRIORITIES)[number];
export type PlanType = (typeof PLAN_TYPES)[number];
export type SessionStatus = (typeof SESSION_STATUSES)[number];
export type EventType = (typeof EVENT_TYPES)[number];

/** Words that people write for a closed value, lower-case, letters and digits only. */
const PLAN_STATUS_WORDS: Readonly<Record<PlanStatus, readonly string[]>> = {
  PLANNED: [
    "planned",
    "planning",
    "proposed",
    "draft",
    "todo",
    "backlog",
    "open",
    "new",
    "ready",
    "notstarted",
    "pending",
    "queued",
    "rfc",
    "exploring",
    "discussion",
  ],
  ACTIVE: [
    "active",
    "inprogress",
    "started",
    "doing",
    "wip",
    "ongoing",
    "accepted",
    "approved",
    "recommended",
    "inreview",
    "review",
    "implementing",
    "current",
  ],
  PAUSED: ["paused", "onhold", "blocked", "deferred", "postponed", "waiting", "stalled"],
  COMPLETE: [
    "complete",
    "completed",
    "done",
    "closed",
    "finished",
    "implemented",
    "shipped",
    "released",
    "merged",
    "resolved",
    "final",
    "fixed",
  ],
  CANCELLED: [
    "cancelled",
    "canceled",
    "rejected",
    "abandoned",
    "withdrawn",
    "wontfix",
    "dropped",
    "declined",
    "archived",
    "discontinued",
  ],
  SUPERSEDED: ["superseded", "replaced", "obsolete", "deprecated", "outdated"],
};

const SESSION_STATUS_WORDS: Readonly<Record<SessionStatus, readonly string[]>> = {
  active: ["active", "inprogress", "started", "open", "ongoing", "wip", "current"],
  paused: ["paused", "onhold", "blocked", "interrupted", "waiting"],
  complete: ["complete", "completed", "done", "closed", "finished", "ended"],
  abandoned: ["abandoned", "cancelled", "canceled", "dropped"],
};

/** A value of a closed vocabulary as read from a file: never refused, never dropped. */
export interface ReadValue<T extends string> {
  readonly value: T;
  /** The text as written, kept when it is not exactly the closed value. */
  readonly text?: string;
}

/** The plan status nearest to what a file says; text that fits none reads as PLANNED and is kept. */
export function readPlanStatus(text: string): ReadValue<PlanStatus> {
  return nearest(text, PLAN_STATUSES, PLAN_STATUS_WORDS, "PLANNED");
}

/** The session status nearest to what a file says; text that fits none reads as complete and is kept. */
export function readSessionStatus(text: string): ReadValue<SessionStatus> {
  return nearest(text, SESSION_STATUSES, SESSION_STATUS_WORDS, "complete");
}

export function readPlanPriority(text: string): PlanPriority | undefined {
  const word = letters(text);
  if (/^(high|critical|urgent|p0|p1|highest|important)/.test(word)) return "high";
  if (/^(medium|normal|moderate|p2|default)/.test(word)) return "medium";
  if (/^(low|minor|p3|p4|trivial|lowest)/.test(word)) return "low";
  return undefined;
}

export function readPlanType(text: string): PlanType | undefined {
  const word = letters(text);
  if (/^(feat|enhancement|story)/.test(word)) return "feature";
  if (/^refactor/.test(word)) return "refactor";
  if (/^(bug|fix|hotfix|defect)/.test(word)) return "bugfix";
  if (/^(research|spike|investigation|exploration)/.test(word)) return "research";
  if (/^(chore|maintenance|docs?|ci|build|test)/.test(word)) return "chore";
  return word === "other" ? "other" : undefined;
}

/**
 * The value of a closed vocabulary that a caller gave, matched without regard to case and with ` `, `-`
 * and `_` alike. @throws KnowledgeError `invalid_input` that lists every valid value.
 */
export function parseChoice<T extends string>(field: string, text: string, valid: readonly T[]): T {
  const wanted = letters(text);
  const match = valid.find((value) => letters(value) === wanted);
  if (match !== undefined) return match;
  throw new KnowledgeError("invalid_input", `${field} is "${shorten(text)}", which is not a valid value.`, {
    field,
    valid,
    hint: `Use one of: ${valid.join(", ")}.`,
  });
}

/** Like {@link parseChoice}; `in-progress` reads as `active`. */
export function parseSessionStatus(field: string, text: string): SessionStatus {
  return parseChoice(field, letters(text) === "inprogress" ? "active" : text, SESSION_STATUSES);
}

function nearest<T extends string>(
  text: string,
  values: readonly T[],
  words: Readonly<Record<T, readonly string[]>>,
  otherwise: T,
): ReadValue<T> {
  const wanted = letters(text);
  const exact = values.find((value) => letters(value) === wanted);
  if (exact !== undefined) return text.trim() === exact ? { value: exact } : { value: exact, text };
  const equal = values.find((value) => words[value].includes(wanted));
  const starting = values.find((value) => words[value].some((word) => wanted.startsWith(word)));
  return { value: equal ?? starting ?? otherwise, text };
}

function letters(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, "");
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
