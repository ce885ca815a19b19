import type { StoredPlan } from "../domain/document.ts";
import { KnowledgeError } from "../domain/error.ts";
import type { Plan } from "../domain/plan.ts";
import type { Project } from "../domain/project.ts";
import { timestampOf } from "../domain/timestamp.ts";
import {
  PLAN_PRIORITIES,
  PLAN_STATUSES,
  PLAN_TYPES,
  type PlanStatus,
  parseChoice,
} from "../domain/vocabulary.ts";
import type { Draft } from "../storage/contract/writes.ts";
import {
  type ListArgument,
  type NumberArgument,
  parseList,
  parseName,
  parseOptionalName,
  parseRevision,
  parseText,
} from "./arguments.ts";
import { type CreatedDocument, createDocumentFile } from "./create-file.ts";
import type { Deps, Scope } from "./deps.ts";
import { editText, relabel, retitle, type TextEdit } from "./document-text.ts";
import { editDocument } from "./edit-document.ts";
import { publicRow } from "./public-row.ts";
import { readBack } from "./read-back.ts";
import { redactDraft, redactInput } from "./redact-draft.ts";
import { getRow } from "./resolve.ts";
import { slugOfTitle } from "./slug-of-title.ts";
import { newRowId, storeRows } from "./store-row.ts";
import { leftOutWarnings, notesOf, type WritingNotes } from "./written-row.ts";

interface PlanFields {
  readonly status?: string | undefined;
  readonly topics?: ListArgument;
  readonly priority?: string | undefined;
  readonly type?: string | undefined;
  readonly author?: string | undefined;
  readonly description?: string | undefined;
  /** False keeps text that looks like a secret. Default true. */
  readonly redact?: boolean | undefined;
}

export interface PlanInput extends PlanFields {
  readonly title: string;
  /** Markdown; a heading with the title when left out. */
  readonly content?: string | undefined;
  /** Keep it as a file of the project. Default: the project's setting `documents`. */
  readonly asFile?: boolean | undefined;
}

export interface PlanUpdate extends PlanFields, TextEdit {
  readonly id: string;
  readonly title?: string | undefined;
  /** The revision that the caller saw; another one is a conflict. */
  readonly revision?: NumberArgument;
}

export type WrittenPlan = Plan & WritingNotes;

/** Creates a plan in the store. @throws KnowledgeError `invalid_input`. */
export async function createPlan(deps: Deps, project: Project, input: PlanInput): Promise<WrittenPlan> {
  const title = parseName("title", input.title);
  const fields = parseFields(input);
  const now = timestampOf(deps.clock());
  const status = fields.status ?? "PLANNED";
  const given: Draft<StoredPlan> = {
    id: newRowId(deps),
    project: project.id,
    title,
    topics: [],
    links: [],
    ...fields,
    status,
    source: "store",
    createdAt: now,
    updatedAt: now,
    ...moments(status, undefined, now),
    contentHash: "",
    content: parseText("content", input.content ?? `# ${title}\n`),
  };
  const { draft, found: redacted } = redactDraft({ kind: "plan", row: given }, input.redact);
  const { id, warnings } =
    (input.asFile ?? deps.documents === "files")
      ? await createPlanFile(deps, project, draft.row, input.redact)
      : await createPlanRow(deps, project, draft.row);
  return planOf(await readBack(deps, project.id, "plan", id), notesOf(redacted, warnings));
}

async function createPlanRow(deps: Deps, project: Project, row: Draft<StoredPlan>): Promise<CreatedDocument> {
  const stored = await storeRows(deps, project.id, [
    { draft: { kind: "plan", row }, operation: "create", expectedRevision: 0, slugs: [slugOf(row)] },
  ]);
  return { id: row.id, warnings: stored.flatMap((each) => leftOutWarnings("document", each)) };
}

async function createPlanFile(
  deps: Deps,
  project: Project,
  row: Draft<StoredPlan>,
  redact: boolean | undefined,
): Promise<CreatedDocument> {
  const { title, topics, priority, type, author, description, status, content } = row;
  const created = row.createdAt.slice(0, 10);
  const listed = topics.length > 0 ? topics : undefined;
  const known = { title, topics: listed, priority, type, author, description, status, created };
  const labels = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
  const folder = ".aiknowsys/plans";
  const file = { kind: "plan", folder, name: slugOf(row), content, labels, redact } as const;
  return createDocumentFile(deps, project, file);
}

function slugOf(row: Pick<StoredPlan, "title">): string {
  return `PLAN_${slugOfTitle(row.title)}`;
}

/** Changes a plan's metadata, text or both. @throws KnowledgeError `not_found`, `invalid_input`, `conflict`. */
export async function updatePlan(deps: Deps, scope: Scope, update: PlanUpdate): Promise<WrittenPlan> {
  const asked = {
    title: parseOptionalName("title", update.title),
    fields: parseFields(update),
    text: parseEdit(update),
  };
  const { value, found: secrets } = redactInput(asked, update.redact);
  const { title, fields } = value;
  const revision = parseRevision(update.revision);
  const labels = {
    title,
    status: fields.status,
    priority: fields.priority,
    type: fields.type,
    author: fields.author,
    topics: fields.topics,
  };
  const given = Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== undefined));
  if (
    Object.keys(given).length === 0 &&
    fields.description === undefined &&
    update.append === undefined &&
    update.replaceSection === undefined
  ) {
    throw new KnowledgeError("invalid_input", "Nothing to change was given.", {
      hint: "Give at least one of status, title, topics, priority, type, author, append or replaceSection.",
    });
  }
  const found = await getRow(deps, scope, update.id, ["plan"]);
  if (found.kind !== "plan")
    throw new KnowledgeError("internal", "A plan was asked for, another kind was found.");
  const now = timestampOf(deps.clock());
  const {
    found: after,
    redacted,
    warnings,
  } = await editDocument(deps, found, {
    text: (old, isFile) => {
      const renamed = title === undefined ? old : retitle(old, found.row.title, title);
      return editText(relabel(renamed, given, isFile), value.text);
    },
    row: (draft) => {
      if (draft.kind !== "plan") return draft;
      const changed = { ...draft.row, ...fields, ...(title !== undefined && { title }) };
      const statusText = fields.status === undefined ? draft.row.statusText : undefined;
      return { kind: "plan", row: { ...changed, statusText, ...moments(changed.status, draft.row, now) } };
    },
    revision,
    redact: update.redact,
  });
  return planOf(after, notesOf([...new Set([...secrets, ...redacted])].sort(), warnings));
}

/** The text of an edit, checked for size. */
export function parseEdit(edit: TextEdit): TextEdit {
  return {
    section: parseOptionalName("section", edit.section),
    append: edit.append === undefined ? undefined : parseText("append", edit.append),
    replaceSection:
      edit.replaceSection === undefined ? undefined : parseText("replaceSection", edit.replaceSection),
  };
}

function parseFields(input: PlanFields) {
  const topics = parseList(input.topics);
  return {
    ...(input.status !== undefined && { status: parseChoice("status", input.status, PLAN_STATUSES) }),
    ...(input.priority !== undefined && {
      priority: parseChoice("priority", input.priority, PLAN_PRIORITIES),
    }),
    ...(input.type !== undefined && { type: parseChoice("type", input.type, PLAN_TYPES) }),
    ...(input.author !== undefined && { author: parseName("author", input.author) }),
    ...(input.description !== undefined && { description: parseName("description", input.description) }),
    ...(topics !== undefined && { topics: [...topics] }),
  };
}

/** When a plan was started and completed, following its status. */
function moments(
  status: PlanStatus,
  before: { readonly startedAt?: string | undefined; readonly completedAt?: string | undefined } | undefined,
  now: string,
) {
  const startedAt = before?.startedAt ?? (status === "ACTIVE" || status === "COMPLETE" ? now : undefined);
  const completedAt = status === "COMPLETE" ? (before?.completedAt ?? now) : undefined;
  return { startedAt, completedAt };
}

function planOf(found: Awaited<ReturnType<typeof readBack>>, notes: WritingNotes): WrittenPlan {
  if (found.kind !== "plan")
    throw new KnowledgeError("internal", "A plan was written, another kind was read back.");
  return { ...publicRow(found.row), ...notes };
}
