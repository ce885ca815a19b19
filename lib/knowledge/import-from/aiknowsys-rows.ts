import {
  readPlanPriority,
  readPlanStatus,
  readPlanType,
  readSessionStatus,
} from "../../domain/vocabulary.ts";
import { readMetadata } from "../../markdown/metadata.ts";
import { slugOfTitle } from "../slug-of-title.ts";
import { isUntitled, recoveredTitle, sessionTitle } from "./aiknowsys-title.ts";
import { labels, name, type Origin, patternDraft, planDraft, sessionDraft, titled } from "./drafts.ts";
import type { FoundRow, Reading } from "./finding.ts";
import type { TableRecord } from "./foreign-records.ts";
import {
  firstText,
  listOf,
  type Members,
  momentOf,
  optionalText,
  readMoment,
  textOf,
} from "./foreign-value.ts";
import { leftoversOf } from "./leftovers.ts";

/** What is known while a database is read. */
export interface Old {
  readonly reading: Reading;
  readonly modifiedAt: string;
  /** Names of its projects by id. */
  readonly projects: ReadonlyMap<string, string>;
}

const SHARED = ["id", "project_id", "title", "status", "content", "topics", "created_at", "updated_at"];
const PLAN = [...SHARED, "author", "priority", "type", "description"];
const SESSION = [...SHARED, "date", "topic", "plan_id", "duration", "phases"];
const PATTERN = [...PLAN, "category", "tags", "source_project_id"];

export function planRow(old: Old, { item, members, rowid }: TableRecord): FoundRow {
  const own = textOf(members.id) || String(rowid);
  const { times, doubts } = timesOf(old, members);
  const { value: status, text: statusText } = readPlanStatus(textOf(members.status) || "PLANNED");
  const priority = readPlanPriority(textOf(members.priority));
  const type = textOf(members.type).trim();
  const { text, content, also, belongsTo } = contentOf(old, members, PLAN);
  const title = isUntitled(textOf(members.title))
    ? recoveredTitle(text, own)
    : titled(textOf(members.title), own);
  const known = readPlanType(type);
  const draft = planDraft(
    originOf(old, `plans/${own}`, { ...also, ...(type !== known && { original_type: type }) }),
    {
      ...{ title, status, ...times, content, links: [], topics: labels(listOf(members.topics)) },
      ...(statusText !== undefined && { statusText }),
      ...(priority !== undefined && { priority }),
      ...(type !== "" && { type: known ?? "other" }),
      author: authorOf(members),
      description: optionalText(textOf(members.description)),
      ...(status === "COMPLETE" && { completedAt: times.updatedAt }),
    },
  );
  const paths = [
    `PLAN_${own}.md`,
    `${own}.md`,
    `plans/${own}.md`,
    `plans/PLAN_${own}.md`,
    `plans/active-${own}.md`,
  ];
  return { is: "row", item, draft, slugs: [`PLAN_${own}`], belongsTo, doubts, madeFrom: { text, paths } };
}

/** A learned pattern: 0.10 kept most of them among the plans, with their category in the place of the title. */
export function patternRow(old: Old, table: string, { item, members, rowid }: TableRecord): FoundRow {
  const own = textOf(members.id) || String(rowid);
  const { times, doubts } = timesOf(old, members);
  const isPlan = table === "plans";
  const { text, content, also, belongsTo } = contentOf(old, members, PATTERN);
  const path = /\blearned\/\S+\.md$/.exec(textOf(members.description).trim())?.[0];
  const stem = path?.replace(/^.*\//, "").replace(/\.md$/, "") ?? own;
  const given = textOf(members.title);
  const title = isPlan || isUntitled(given) ? recoveredTitle(text, stem) : titled(given, own);
  const { fields } = readMetadata(path ?? "", text);
  const category =
    isPlan && !isUntitled(given)
      ? given
      : firstText({ ...members, said: fields.category?.text }, "category", "said");
  const status = textOf(members.status);
  const description = optionalText(textOf(members.description));
  const draft = patternDraft(
    originOf(old, `${table}/${own}`, { ...also, original_status: status, original_description: description }),
    {
      ...{ title, content, ...times },
      category: name(category),
      triggers: labels([
        ...listOf(members.topics),
        ...listOf(members.tags),
        ...(fields.triggers?.list ?? []),
      ]),
      author: authorOf(members),
    },
  );
  const paths = path === undefined ? [] : [path];
  return { is: "row", item, draft, slugs: [slugOfTitle(stem)], belongsTo, doubts, madeFrom: { text, paths } };
}

export function sessionRow(old: Old, { item, members, rowid }: TableRecord): FoundRow {
  const own = textOf(members.id) || String(rowid);
  const { times, doubts } = timesOf(old, members);
  const date = readMoment(members.date) ?? readMoment(own);
  const { value: status, text: statusText } = readSessionStatus(textOf(members.status) || "complete");
  const topic = firstText(members, "topic", "title");
  const { text, content, also, belongsTo } = contentOf(old, members, SESSION);
  const day = (date ?? times.createdAt).slice(0, 10);
  const plan = textOf(members.plan_id).trim();
  const minutes = minutesOf(textOf(members.duration));
  const draft = sessionDraft(
    originOf(old, `sessions/${own}`, { ...also, original_duration: textOf(members.duration) }),
    {
      date: day,
      title: isUntitled(topic) ? sessionTitle(text, `Session of ${day}`) : titled(topic, own),
      status,
      ...(statusText !== undefined && { statusText }),
      ...(plan !== "" && { plan: `PLAN_${plan}` }),
      ...(minutes !== undefined && { durationMinutes: minutes }),
      ...{ ...times, content, files: [] },
      topics: labels(listOf(members.topics)),
      phases: labels(listOf(members.phases)),
    },
  );
  const undated = `"${textOf(members.date)}" is no date that can be read; ${day} is taken`;
  return {
    ...{ is: "row", item, draft, belongsTo },
    slugs: [`${own}-session`],
    doubts: date === undefined ? [...doubts, undated] : doubts,
    madeFrom: { text, paths: [`sessions/${own}-session.md`, `sessions/${own}.md`] },
  };
}

function originOf({ reading }: Old, id: string, also: Origin["also"] = {}): Origin {
  return { peer: "aiknowsys-0.10", project: reading.project, id, also };
}

/** The text as it is there, and as it is kept: with what has no place in our words. */
function contentOf({ projects }: Old, members: Members, read: readonly string[]) {
  const text = textOf(members.content);
  const id = firstText(members, "project_id", "source_project_id");
  const belongsTo = optionalText(projects.get(id) ?? id);
  const { labels: left, sections } = leftoversOf(members, read);
  const content = sections === "" ? text : `${text.trimEnd()}\n\n${sections}`;
  return { text, content, belongsTo, also: { ...left, original_project: belongsTo } };
}

function timesOf({ modifiedAt }: Old, members: Members) {
  const created = momentOf([members.created_at, members.updated_at], modifiedAt);
  const updated = momentOf([members.updated_at], created.at);
  return {
    times: { createdAt: created.at, updatedAt: updated.at },
    doubts: [...new Set([created, updated].flatMap(({ doubt }) => doubt ?? []))],
  };
}

function authorOf({ author }: Members): string | undefined {
  const text = textOf(author);
  return text.trim().toLowerCase() === "unknown" ? undefined : name(text);
}

/** `90`, `90 min`, `1.5 hours`, `1h 30m` in minutes. */
function minutesOf(text: string): number | undefined {
  const hours = Number(/(\d+(?:\.\d+)?)\s*h/i.exec(text)?.[1] ?? 0);
  const minutes = Number(/(\d+(?:\.\d+)?)\s*m/i.exec(text)?.[1] ?? 0);
  const plain = Number(/^\s*~?(\d+(?:\.\d+)?)\s*$/.exec(text)?.[1] ?? 0);
  const total = Math.round(hours * 60 + minutes + plain);
  return total > 0 && total < 100_000 ? total : undefined;
}
