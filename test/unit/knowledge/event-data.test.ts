import { describe, expect, it } from "vitest";
import { KnowledgeError } from "../../../lib/domain/error.ts";
import { eventDataSchemas } from "../../../lib/domain/event.ts";
import { EVENT_TYPES, type EventType } from "../../../lib/domain/vocabulary.ts";
import { parseEventData } from "../../../lib/knowledge/event-data.ts";

function refusal(type: EventType, data: unknown): KnowledgeError {
  try {
    parseEventData(type, data);
  } catch (error) {
    if (error instanceof KnowledgeError) return error;
  }
  throw new Error("It was not refused.");
}

describe("the data of an event", () => {
  it("is taken as an object or as its JSON text, with the keys that nobody knows", () => {
    const data = { decision: "Use WAL mode", ours: [1, { deep: true }] };
    expect(parseEventData("decision_made", data)).toEqual(data);
    expect(parseEventData("decision_made", JSON.stringify(data))).toEqual(data);
  });

  it.each(EVENT_TYPES)("lacks its subject in one sentence, with an example that is taken: %s", (type) => {
    const { code, field, message, hint = "" } = refusal(type, {});
    const [subject] = Object.keys(eventDataSchemas[type].shape);
    expect([code, field]).toEqual(["invalid_input", "data"]);
    expect(message).toBe(`data of a ${type} event lacks "${subject}".`);
    const example = /(\{.*\})/.exec(hint)?.[1] ?? "";
    expect(Object.keys(parseEventData(type, example))[0]).toBe(subject);
  });

  it.each<[EventType, unknown, string]>([
    ["decision_made", { decision: "" }, '"decision" in data of a decision_made event is empty.'],
    ["decision_made", { decision: 4 }, '"decision" in data of a decision_made event is not text.'],
    [
      "task_completed",
      { task: "a", outcome: "maybe" },
      '"outcome" in data of a task_completed event is none of success, failed, partial.',
    ],
    [
      "task_completed",
      { task: "a", blockers: [3] },
      'An item of "blockers" in data of a task_completed event is not text.',
    ],
    [
      "task_completed",
      { task: "a", blockers: "b" },
      '"blockers" in data of a task_completed event is not a list.',
    ],
    [
      "validation_failed",
      { command: "a", failed: -1 },
      '"failed" in data of a validation_failed event is less than 0.',
    ],
    [
      "validation_failed",
      { command: "a", failed: 1.5 },
      '"failed" in data of a validation_failed event is not a whole number.',
    ],
    [
      "decision_made",
      { decision: "a", reversible: 1 },
      '"reversible" in data of a decision_made event is not true or false.',
    ],
    ["note", ["a"], "data of a note event is not a JSON object."],
    ["note", "null", "data of a note event is not a JSON object."],
  ])("is refused in words: %s %j", (type, data, message) => {
    expect(refusal(type, data).message).toBe(message);
  });

  it("that is no JSON is shown how it is written", () => {
    expect(refusal("note", '{"text": "a" b}')).toMatchObject({
      message: expect.stringContaining("data is not valid JSON"),
      hint: `Give one JSON object in single quotes, for example --data '{"text": "Ask the operators first"}'.`,
    });
  });
});
