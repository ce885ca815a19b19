import * as z from "zod";
import { projectIdSchema, rowIdSchema } from "./ids.ts";
import { timestampSchema } from "./timestamp.ts";
import { EVENT_TYPES, type EventType } from "./vocabulary.ts";

/** An event: one structured fact, such as a decision or a bug. */
export const eventSchema = z.object({
  id: rowIdSchema,
  ref: z.string(),
  project: projectIdSchema,
  type: z.enum(EVENT_TYPES),
  summary: z.string(),
  data: z.record(z.string(), z.unknown()),
  tags: z.array(z.string()),
  author: z.string().optional(),
  /** The assistant or program that recorded it. */
  agent: z.string().optional(),
  session: z.string().optional(),
  plan: z.string().optional(),
  commit: z.string().optional(),
  files: z.array(z.string()),
  occurredAt: timestampSchema,
  recordedAt: timestampSchema,
  /** The id of the event that this one replaces. */
  supersedes: rowIdSchema.optional(),
  supersededBy: rowIdSchema.optional(),
  retractedAt: timestampSchema.optional(),
  retractedWhy: z.string().optional(),
  revision: z.int().min(1),
  contentHash: z.string(),
});

export type Event = z.infer<typeof eventSchema>;

const text = z.string().min(1);
const list = z.array(z.string());
const count = z.int().min(0);

/** What `data` may hold for each event type; unknown keys are kept. */
export const eventDataSchemas = {
  session_started: z.looseObject({ title: text }),
  goal_defined: z.looseObject({ goal: text }),
  task_completed: z.looseObject({
    task: text,
    outcome: z.enum(["success", "failed", "partial"]).optional(),
    filesChanged: list.optional(),
    blockers: list.optional(),
  }),
  decision_made: z.looseObject({
    decision: text,
    rationale: z.string().optional(),
    alternatives: list.optional(),
    reversible: z.boolean().optional(),
  }),
  pattern_discovered: z.looseObject({
    pattern: text,
    category: z.string().optional(),
    solution: z.string().optional(),
  }),
  validation_passed: validation(),
  validation_failed: validation(),
  bug_encountered: z.looseObject({
    symptom: text,
    rootCause: z.string().optional(),
    fix: z.string().optional(),
    prevention: z.string().optional(),
    files: list.optional(),
  }),
  learning_captured: z.looseObject({
    learning: text,
    context: z.string().optional(),
    appliesTo: list.optional(),
    confidence: z.enum(["low", "medium", "high"]).optional(),
  }),
  note: z.looseObject({ text }),
} as const satisfies Record<EventType, z.ZodType>;

/** The required key of each type's `data`: the fact itself, from which a missing summary is made. */
export const EVENT_SUBJECT = {
  session_started: "title",
  goal_defined: "goal",
  task_completed: "task",
  decision_made: "decision",
  pattern_discovered: "pattern",
  validation_passed: "command",
  validation_failed: "command",
  bug_encountered: "symptom",
  learning_captured: "learning",
  note: "text",
} as const satisfies Record<EventType, string>;

function validation() {
  return z.looseObject({
    command: text,
    passed: count.optional(),
    failed: count.optional(),
    durationMs: z.number().min(0).optional(),
    summary: z.string().optional(),
  });
}
