/** How a field's value is read. */
export type FieldType = "text" | "list" | "date";

interface Field {
  readonly type: FieldType;
  /** Other spellings, normalised, best first. Of a text or date field the first that is given counts; lists are put together. */
  readonly synonyms: readonly string[];
}

/** The fields that the store knows, by their one name. */
const FIELDS = {
  title: { type: "text", synonyms: [] },
  id: { type: "text", synonyms: [] },
  status: { type: "text", synonyms: ["state", "stage", "current_status", "statut", "estado"] },
  priority: { type: "text", synonyms: ["prio"] },
  author: {
    type: "text",
    synonyms: [
      "authors",
      "created_by",
      "owner",
      "owners",
      "assignee",
      "assignees",
      "assigned_to",
      "maintainer",
      "developer",
      "planner",
      "deciders",
      "decision_makers",
      "decision_maker",
    ],
  },
  type: { type: "text", synonyms: ["kind", "doc_type", "document_type", "plan_type", "session_type"] },
  topics: { type: "list", synonyms: ["topic", "tags", "tag", "labels", "label", "keywords", "keyword"] },
  date: { type: "date", synonyms: ["session_date", "datum", "decision_date", "date_decided"] },
  created: {
    type: "date",
    synonyms: [
      "created_at",
      "created_date",
      "created_on",
      "date_created",
      "creation_date",
      "discovered",
      "discovered_at",
      "date_discovered",
      "opened",
    ],
  },
  updated: {
    type: "date",
    synonyms: [
      "updated_at",
      "updated_date",
      "updated_on",
      "date_updated",
      "last_updated",
      "last_update",
      "last_modified",
      "modified",
      "modified_at",
      "lastmod",
      "last_refreshed",
      "last_synced",
    ],
  },
  started: { type: "date", synonyms: ["started_at", "start_date", "start", "date_started"] },
  completed: {
    type: "date",
    synonyms: [
      "completed_at",
      "completed_date",
      "completed_on",
      "completion_date",
      "date_completed",
      "finished",
      "finished_at",
      "closed",
      "closed_at",
      "done_date",
    ],
  },
  description: { type: "text", synonyms: ["summary", "goal", "objective", "purpose", "abstract", "feature"] },
  plan: { type: "text", synonyms: ["plan_id", "plan_file", "related_plan", "active_plan", "current_plan"] },
  phases: { type: "list", synonyms: ["phase"] },
  files: {
    type: "list",
    synonyms: ["files_changed", "files_modified", "changed_files", "modified_files", "affected_files"],
  },
  category: { type: "text", synonyms: ["pattern_type", "problem_type", "categories"] },
  triggers: { type: "list", synonyms: ["trigger", "trigger_words", "trigger_word", "applies_when"] },
  duration: { type: "text", synonyms: ["duration_minutes", "actual_duration", "time_spent", "time"] },
  supersedes: { type: "list", synonyms: ["replaces", "obsoletes"] },
  superseded_by: { type: "list", synonyms: ["replaced_by", "obsoleted_by"] },
  depends_on: { type: "list", synonyms: ["dependencies", "dependson", "blocked_by", "requires"] },
  related: {
    type: "list",
    synonyms: ["links", "see_also", "related_docs", "related_plans", "related_documents", "evolution_of"],
  },
  references: { type: "list", synonyms: ["documentation", "refs"] },
  parent: { type: "text", synonyms: ["parent_task_id", "parent_id", "parent_plan", "epic"] },
} as const satisfies Readonly<Record<string, Field>>;

export type FieldName = keyof typeof FIELDS;

const BY_SPELLING: ReadonlyMap<string, FieldName> = new Map(
  fieldNames().flatMap((name) =>
    [name, ...FIELDS[name].synonyms].map((spelling) => [spelling, name] as const),
  ),
);

/** `createdAt`, `Created-At` and `created at` as `created_at`. */
export function normaliseKey(key: string): string {
  return key
    .trim()
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, "$1_$2")
    .toLowerCase()
    .replace(/\(s\)$/, "s")
    .replace(/[^\p{L}\p{N}]+/gu, "_")
    .replace(/^_|_$/g, "");
}

/** The store's name for a key in whatever spelling, or `undefined` for a key that it does not know. */
export function findField(key: string): FieldName | undefined {
  return BY_SPELLING.get(normaliseKey(key));
}

export function fieldType(name: string): FieldType {
  return isFieldName(name) ? FIELDS[name].type : "text";
}

/** How good a spelling is among those of its field: 0 for the field's own name. */
export function spellingRank(key: string): number {
  const name = findField(key);
  if (name === undefined) return 0;
  const synonyms: readonly string[] = FIELDS[name].synonyms;
  return synonyms.indexOf(normaliseKey(key)) + 1;
}

function isFieldName(name: string): name is FieldName {
  return Object.hasOwn(FIELDS, name);
}

function fieldNames(): FieldName[] {
  return Object.keys(FIELDS).filter(isFieldName);
}
