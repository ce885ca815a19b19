import { refsOf, rowIdOfImport } from "../../domain/ids.ts";
import type { PlanLink } from "../../domain/plan.ts";
import type { Timestamp } from "../../domain/timestamp.ts";
import {
  type PlanPriority,
  readPlanPriority,
  readPlanStatus,
  readPlanType,
} from "../../domain/vocabulary.ts";
import { eventDraft, labels, name, patternDraft, planDraft, titled } from "./drafts.ts";
import type { Finding, Reading } from "./finding.ts";
import { attempted } from "./foreign-records.ts";
import {
  firstText,
  isMembers,
  listOf,
  type Members,
  momentOf,
  optionalText,
  textOf,
} from "./foreign-value.ts";
import { readRecords } from "./json-records.ts";
import { leftoversOf, sectionOf } from "./leftovers.ts";
import { fileAt } from "./place.ts";

/** Where beads keeps its issues, below the folder that is given. */
const FILES = ["issues.jsonl", "beads.jsonl", ".beads/issues.jsonl", ".beads/beads.jsonl"];

/** Members of an issue that have a place in a plan, or say only how the line was made. */
const READ = [
  ...["_type", "id", "title", "description", "design", "acceptance_criteria", "notes", "status", "priority"],
  ...["issue_type", "assignee", "owner", "created_by", "created_at", "updated_at", "started_at", "closed_at"],
  ...["labels", "dependencies", "comments", "content_hash", "close_reason"],
];

/** A file of beads' issues: each is a plan, its comments are notes. @throws KnowledgeError `not_found`, `invalid_input`. */
export async function* readBeads(reading: Reading): AsyncGenerator<Finding, void> {
  const place = await fileAt(reading.path, "beads", FILES);
  for await (const record of readRecords(reading, place)) {
    if ("is" in record) {
      yield record;
      continue;
    }
    const { line, members } = record;
    const item = textOf(members.id) || textOf(members.key) || "line";
    yield* attempted(
      item,
      () => findingsOf({ ...reading, modifiedAt: place.modifiedAt }, members, line),
      line,
    );
  }
}

type At = Reading & { readonly modifiedAt: Timestamp };

function findingsOf(at: At, members: Members, line: number): readonly Finding[] {
  if (members._type === "memory") return [memoryOf(at, members, line)];
  const id = textOf(members.id).trim();
  if (id === "") return [{ is: "fault", item: "line", line, reason: "is an issue without an id" }];
  if (members.status === "tombstone")
    return [{ is: "skipped", item: id, line, reason: "was deleted in beads" }];
  if (firstText(members, "title", "description") === "")
    return [{ is: "fault", item: id, line, reason: "is no issue: it has neither a title nor a description" }];
  const comments = Array.isArray(members.comments) ? members.comments : [];
  return [
    issueOf(at, id, members, line),
    ...comments.flatMap((comment, index) =>
      attempted(`${id} comment ${index + 1}`, () => commentOf(at, id, comment, index, line), line),
    ),
  ];
}

function issueOf({ project, modifiedAt }: At, id: string, members: Members, line: number): Finding {
  const title = titled(firstText(members, "title", "description").split("\n")[0] ?? "", id);
  const { labels: also, sections } = leftoversOf(members, READ);
  const created = momentOf([members.created_at], modifiedAt);
  const updated = momentOf([members.updated_at, members.closed_at], created.at);
  const closed = momentOf([members.closed_at, members.updated_at], updated.at);
  const started = momentOf([members.started_at], created.at);
  const { value: status, text: statusText } = readPlanStatus(statusOf(members));
  const priority = priorityOf(members.priority);
  const type = textOf(members.issue_type);
  const draft = planDraft(
    { peer: "beads", project, id, also: { ...also, original_issue_type: type, ...people(members) } },
    {
      title,
      status,
      ...(statusText !== undefined && { statusText }),
      ...(priority !== undefined && { priority }),
      ...(type !== "" && { type: readPlanType(type) ?? "other" }),
      author: name(firstText(members, "assignee", "owner", "created_by")),
      topics: labels(listOf(members.labels)),
      links: linksOf(id, members.dependencies),
      createdAt: created.at,
      updatedAt: updated.at,
      ...(textOf(members.started_at) !== "" && { startedAt: started.at }),
      ...(status === "COMPLETE" && { completedAt: closed.at }),
      content: `# ${title}\n\n${contentOf(members)}${sections}`,
    },
  );
  const doubts = [created, updated, started].flatMap(({ doubt }) => doubt ?? []);
  return { is: "row", item: id, line, draft, slugs: [id], doubts };
}

function contentOf(members: Members): string {
  const description = textOf(members.description).trim();
  return [
    description === "" ? "" : `${description}\n\n`,
    sectionOf("Design", members.design),
    sectionOf("Acceptance criteria", members.acceptance_criteria),
    sectionOf("Notes", members.notes),
    sectionOf("Closed because", members.close_reason),
  ].join("");
}

/** A status that beads gives and ours do not know by name. */
function statusOf({ status }: Members): string {
  const text = textOf(status);
  return text === "" ? "PLANNED" : text;
}

/** 0 is the most urgent. */
function priorityOf(priority: unknown): PlanPriority | undefined {
  const text = textOf(priority).trim();
  if (!/^[0-9]$/.test(text)) return readPlanPriority(text);
  return Number(text) <= 1 ? "high" : Number(text) === 2 ? "medium" : "low";
}

/** Who is not the author. */
function people(members: Members): Readonly<Record<string, string | undefined>> {
  const author = firstText(members, "assignee", "owner", "created_by");
  return Object.fromEntries(
    ["assignee", "owner", "created_by"].flatMap((key) => {
      const text = textOf(members[key]);
      return text === "" || text === author ? [] : [[`original_${key}`, text]];
    }),
  );
}

/** How beads' dependencies are called in plans. */
const RELATIONS: Readonly<Record<string, string>> = {
  blocks: "depends_on",
  "parent-child": "parent",
  related: "related",
  "discovered-from": "discovered_from",
};

function linksOf(id: string, dependencies: unknown): PlanLink[] {
  return (Array.isArray(dependencies) ? dependencies.filter(isMembers) : []).flatMap((dependency) => {
    const target = textOf(dependency.depends_on_id).trim();
    const type = textOf(dependency.type).trim() || "blocks";
    return target === "" || target === id ? [] : [{ rel: RELATIONS[type] ?? type, target }];
  });
}

function commentOf(
  { project, now, modifiedAt }: At,
  id: string,
  given: unknown,
  index: number,
  line: number,
): Finding {
  const item = `${id} comment ${index + 1}`;
  const comment = isMembers(given) ? given : { text: given };
  const own = textOf(comment.id);
  const occurred = momentOf([comment.created_at], modifiedAt);
  const draft = eventDraft(
    { peer: "beads", project, id: `${id}/comments/${own === "" ? index : own}` },
    {
      type: "note",
      data: { text: textOf(comment.text) },
      author: optionalText(textOf(comment.author)),
      plan: refsOf("plan", rowIdOfImport(project, "plan", "beads", id))[0],
      occurredAt: occurred.at,
    },
    now,
  );
  const doubts = occurred.doubt === undefined ? [] : [occurred.doubt];
  return { is: "row", item, line, draft, doubts, isUndated: !occurred.isGiven };
}

/** What beads was told to remember, apart from issues. */
function memoryOf({ project, modifiedAt }: At, members: Members, line: number): Finding {
  const key = firstText(members, "key", "id");
  if (key === "") return { is: "fault", item: "line", line, reason: "is a memory without a key" };
  const title = titled(key, key);
  const draft = patternDraft(
    { peer: "beads", project, id: `memory/${key}` },
    {
      title,
      triggers: [],
      createdAt: momentOf([members.created_at], modifiedAt).at,
      updatedAt: momentOf([members.updated_at, members.created_at], modifiedAt).at,
      content: `# ${title}\n\n${firstText(members, "value", "content", "text").trim()}\n`,
    },
  );
  return { is: "row", item: key, line, draft, slugs: [key] };
}
