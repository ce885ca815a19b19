import { KnowledgeError } from "../../domain/error.ts";
import { EVENT_SUBJECT } from "../../domain/event.ts";
import { refsOf, sha256 } from "../../domain/ids.ts";
import type { EventType } from "../../domain/vocabulary.ts";
import { readFrontmatter } from "../../markdown/frontmatter.ts";
import { eventDraft } from "./drafts.ts";
import type { Finding, FoundRow, Reading } from "./finding.ts";
import { attempted } from "./foreign-records.ts";
import { type NoteFile, readNotes } from "./note-files.ts";
import { type Observation, type Relation, readMarks } from "./note-marks.ts";
import { lookAt } from "./place.ts";

/** Categories of observations that are facts of a type of ours. All others are found as text of their note. */
const TYPE_OF_CATEGORY: ReadonlyMap<string, EventType> = new Map([
  ...typed("decision_made", "decision decided choice"),
  ...typed("bug_encountered", "bug issue problem gotcha defect"),
  ...typed("learning_captured", "learning lesson insight learned takeaway"),
  ...typed("pattern_discovered", "pattern technique best-practice"),
  ...typed("goal_defined", "goal objective"),
]);

/**
 * A folder of basic-memory's notes: each is a document of the kind that its type names, and its observations of a
 * known category are events beside it. @throws KnowledgeError `not_found`, `invalid_input`.
 */
export async function* readBasicMemory(reading: Reading): AsyncGenerator<Finding, void> {
  const place = await lookAt(reading.path);
  if (!place.isFolder) {
    throw new KnowledgeError(
      "invalid_input",
      `${reading.path} is a file; basic-memory keeps a folder of notes.`,
      {
        field: "path",
        hint: "Give the folder of a basic-memory project.",
      },
    );
  }
  for await (const found of readNotes(reading, "basic-memory", place.path)) {
    if ("is" in found) yield found;
    else yield* findingsOfNote(reading, found);
  }
}

function* findingsOfNote(reading: Reading, note: NoteFile): Generator<Finding> {
  const { observations, relations } = readMarks(readFrontmatter(note.text).body);
  yield withRelations(note.row, relations);
  for (const observation of observations) {
    const type = TYPE_OF_CATEGORY.get(observation.category.toLowerCase().replace(/[\s_]+/g, "-"));
    if (type !== undefined)
      yield* attempted(note.path, () => eventOf(reading, note, { ...observation, type }));
  }
}

/** Relations of a plan are its links; those of other notes are text that search finds. */
function withRelations(row: FoundRow, relations: readonly Relation[]): FoundRow {
  if (row.draft.kind !== "plan" || relations.length === 0) return row;
  const links = [...row.draft.row.links, ...relations];
  return { ...row, draft: { kind: "plan", row: { ...row.draft.row, links } } };
}

function eventOf(
  { project, now }: Reading,
  note: NoteFile,
  { type, category, text, tags, context }: Observation & { readonly type: EventType },
): Finding {
  const { kind, row } = note.document;
  const id = `${note.path}#${category}-${sha256(text).slice(0, 16)}`;
  const [ref] = refsOf(kind, row.id);
  const draft = eventDraft(
    { peer: "basic-memory", project, id },
    {
      type,
      data: { [EVENT_SUBJECT[type]]: text, category, context, note: note.path },
      tags,
      occurredAt: row.updatedAt,
      ...(kind === "plan" && { plan: ref }),
      ...(kind === "session" && { session: ref }),
    },
    now,
  );
  return { is: "row", item: id, draft, isUndated: note.isUndated };
}

function typed(type: EventType, categories: string): readonly (readonly [string, EventType])[] {
  return categories.split(" ").map((category) => [category, type] as const);
}
