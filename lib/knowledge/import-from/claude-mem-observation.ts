import { KnowledgeError } from "../../domain/error.ts";
import type { EventType } from "../../domain/vocabulary.ts";
import { type ClaudeMemory, SESSION_COLUMNS, sessionIdIn, sessionRef } from "./claude-memory.ts";
import { eventDraft } from "./drafts.ts";
import type { Finding } from "./finding.ts";
import type { TableRecord } from "./foreign-records.ts";
import { firstText, listOf, type Members, momentOf, optionalText, textOf } from "./foreign-value.ts";
import { labelsOf } from "./leftovers.ts";

/** Columns that have a place in an event, or say only how the row was made. */
const READ = [
  ...[
    "id",
    ...SESSION_COLUMNS,
    "project",
    "merged_into_project",
    "type",
    "title",
    "subtitle",
    "narrative",
    "text",
  ],
  ...["facts", "concepts", "keywords", "files_read", "files_modified", "files_touched", "created_at"],
  ...["created_at_epoch", "content_hash", "discovery_tokens"],
];

/** What an observation becomes: the event's type, and where its title and its story stand there. */
interface Shape {
  readonly type: EventType;
  readonly title: string;
  readonly story: string;
  readonly also?: Members;
}

const DONE: Shape = { type: "task_completed", title: "task", story: "details", also: { outcome: "success" } };
const LEARNT: Shape = { type: "learning_captured", title: "learning", story: "context" };
const SHAPES: Readonly<Record<string, Shape>> = {
  decision: { type: "decision_made", title: "decision", story: "rationale" },
  bugfix: { type: "bug_encountered", title: "symptom", story: "fix" },
  feature: DONE,
  refactor: DONE,
  change: DONE,
  discovery: LEARNT,
};
const NOTE: Shape = { type: "note", title: "text", story: "details" };

/** An observation, or a memory of the versions before 4, as an event. @throws KnowledgeError `invalid_input` for one that says nothing or too much. */
export function observationOf(memory: ClaudeMemory, table: string, record: TableRecord): Finding {
  const { members, item, rowid } = record;
  const { reading, modifiedAt } = memory;
  const kind = textOf(members.type);
  const shape =
    table === "memories" ? LEARNT : ((Object.hasOwn(SHAPES, kind) ? SHAPES[kind] : undefined) ?? NOTE);
  const title = firstText(members, "title", "subtitle", "text", "narrative").trim();
  if (title === "") throw new KnowledgeError("invalid_input", "It has no title and no text.");
  const story = firstText(members, "narrative", "text").trim();
  const occurred = momentOf([members.created_at_epoch, members.created_at], modifiedAt);
  const belongsTo = optionalText(firstText(members, "merged_into_project", "project"));
  const draft = eventDraft(
    { peer: "claude-mem", project: reading.project, id: `${table}/${rowid}`, also: labelsOf(members, READ) },
    {
      type: shape.type,
      data: {
        [shape.title]: title,
        [shape.story]: story === title ? undefined : story,
        subtitle: textOf(members.subtitle),
        facts: listOf(members.facts),
        filesRead: listOf(members.files_read),
        ...shape.also,
        ...(kind !== "" && { originalType: kind }),
        originalProject: belongsTo,
        originalSession: sessionIdIn(record),
      },
      tags: [...listOf(members.concepts), ...listOf(members.keywords)],
      files: [...listOf(members.files_modified), ...listOf(members.files_touched)],
      agent: "claude-mem",
      session: sessionRef(memory, record),
      occurredAt: occurred.at,
    },
    reading.now,
  );
  const doubts = occurred.doubt === undefined ? [] : [occurred.doubt];
  return { is: "row", item, draft, belongsTo, doubts, isUndated: !occurred.isGiven };
}
