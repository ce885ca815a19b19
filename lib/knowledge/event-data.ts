import type * as z from "zod";
import { KnowledgeError } from "../domain/error.ts";
import { eventDataSchemas } from "../domain/event.ts";
import type { EventType } from "../domain/vocabulary.ts";
import { wellFormedJson } from "../domain/well-formed.ts";
import { MAX_TEXT } from "./arguments.ts";

/** The least that each type's `data` may be, as callers would write it. */
const EXAMPLES: Readonly<Record<EventType, string>> = {
  session_started: '{"title": "Rework the login"}',
  goal_defined: '{"goal": "Sign in without passwords"}',
  task_completed: '{"task": "Write the migration", "outcome": "success"}',
  decision_made: '{"decision": "Use WAL mode", "rationale": "many readers"}',
  pattern_discovered: '{"pattern": "Retry with jitter"}',
  validation_passed: '{"command": "npm test", "passed": 120}',
  validation_failed: '{"command": "npm test", "failed": 2}',
  bug_encountered: '{"symptom": "The list is empty", "fix": "Wait for the index"}',
  learning_captured: '{"learning": "The cache is per process"}',
  note: '{"text": "Ask the operators first"}',
};

/**
 * An object or its JSON text as an event's `data`, checked against its type; unknown keys stay.
 * @throws KnowledgeError `invalid_input`: one sentence that names the key, with an example.
 */
export function parseEventData(type: EventType, given: unknown): Record<string, unknown> {
  const data = typeof given === "string" ? parseJson(type, given) : given;
  const parsed = eventDataSchemas[type].safeParse(data);
  // Through JSON text, as stores keep it: no -0, no member that is undefined.
  if (parsed.success) return JSON.parse(JSON.stringify(wellFormedJson(parsed.data)));
  throw new KnowledgeError("invalid_input", sentenceOf(type, data, parsed.error.issues[0]), {
    field: "data",
    hint: `Give for example ${EXAMPLES[type]}; known keys: ${Object.keys(eventDataSchemas[type].shape).join(", ")}.`,
  });
}

function sentenceOf(type: EventType, data: unknown, issue: z.core.$ZodIssue | undefined): string {
  const key = issue?.path[0];
  if (issue === undefined || key === undefined) return `data of a ${type} event is not a JSON object.`;
  const isMissing = typeof data === "object" && data !== null && !Object.hasOwn(data, key);
  if (isMissing) return `data of a ${type} event lacks "${String(key)}".`;
  const place = issue.path.length > 1 ? `An item of "${String(key)}"` : `"${String(key)}"`;
  return `${place} in data of a ${type} event ${troubleOf(issue)}.`;
}

function troubleOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return `is not ${EXPECTED[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `is none of ${issue.values.map(String).join(", ")}`;
    case "too_small":
      return issue.origin === "string" ? "is empty" : `is less than ${issue.minimum}`;
    default:
      return "is not valid";
  }
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
};

function parseJson(type: EventType, text: string): unknown {
  if (text.length > MAX_TEXT)
    throw new KnowledgeError("invalid_input", "data is larger than 4 MB.", {
      field: "data",
      hint: "Keep the fact short; put long text into a plan or session.",
    });
  try {
    return JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/ in JSON| \(line.*$/g, "") : "";
    throw new KnowledgeError("invalid_input", `data is not valid JSON: ${why}.`, {
      field: "data",
      hint: `Give one JSON object in single quotes, for example --data '${EXAMPLES[type]}'.`,
      cause,
    });
  }
}
