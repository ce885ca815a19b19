import type { StoredRow, StoredSession } from "../domain/document.ts";
import { KnowledgeError } from "../domain/error.ts";
import type { RowId } from "../domain/ids.ts";
import type { Project } from "../domain/project.ts";
import type { Session } from "../domain/session.ts";
import { dayOf, parseTimeSpan } from "../domain/time-range.ts";
import { timestampOf } from "../domain/timestamp.ts";
import { parseSessionStatus } from "../domain/vocabulary.ts";
import type { Draft } from "../storage/contract/writes.ts";
import {
  type ListArgument,
  type NumberArgument,
  parseList,
  parseName,
  parseOptionalName,
  parseText,
  parseWhole,
} from "./arguments.ts";
import { createDocumentFile } from "./create-file.ts";
import type { Deps, Scope } from "./deps.ts";
import { editText, relabel, retitle, type TextEdit } from "./document-text.ts";
import { editDocument } from "./edit-document.ts";
import { publicRow } from "./public-row.ts";
import { timeContext } from "./query.ts";
import { readBack, rowsByIds } from "./read-back.ts";
import { redactDraft, redactInput } from "./redact-draft.ts";
import { getRow } from "./resolve.ts";
import { newRowId, storeRows } from "./store-row.ts";
import { parseEdit } from "./write-plan.ts";

export interface SessionInput {
  /** `Session <date>` when left out. */
  readonly title?: string | undefined;
  /** Default today. */
  readonly date?: string | undefined;
  readonly plan?: string | undefined;
  readonly topics?: ListArgument;
  readonly content?: string | undefined;
  readonly status?: string | undefined;
  readonly author?: string | undefined;
  readonly timezone?: string | undefined;
  readonly redact?: boolean | undefined;
  /** Keep it as a file of the project. Default: the project's setting `documents`. */
  readonly asFile?: boolean | undefined;
}

export interface SessionUpdate extends TextEdit {
  /** A ref, slug or id, or `latest`. */
  readonly id: string;
  readonly title?: string | undefined;
  readonly status?: string | undefined;
  readonly plan?: string | undefined;
  readonly addFile?: ListArgument;
  readonly addTopic?: ListArgument;
  readonly revision?: NumberArgument;
  readonly redact?: boolean | undefined;
}

export type WrittenSession = Session & { readonly redacted?: readonly string[] };

/** Creates a session; several on one day are normal. @throws KnowledgeError `invalid_input`. */
export async function createSession(
  deps: Deps,
  project: Project,
  input: SessionInput,
): Promise<WrittenSession> {
  const time = timeContext(deps, input.timezone);
  const date = dayOf(parseTimeSpan("date", input.date ?? "today", time).startMs, time.timezone);
  const title = parseOptionalName("title", input.title) ?? `Session ${date}`;
  const now = timestampOf(deps.clock());
  const isFile = input.asFile ?? deps.documents === "files";
  const given: Draft<StoredSession> = {
    id: newRowId(deps),
    project: project.id,
    date,
    title,
    status: input.status === undefined ? "active" : parseSessionStatus("status", input.status),
    author: parseOptionalName("author", input.author),
    plan: isFile ? parseOptionalName("plan", input.plan) : await planRef(deps, project, input.plan),
    topics: [...(parseList(input.topics) ?? [])],
    phases: [],
    files: [],
    source: "store",
    createdAt: now,
    updatedAt: now,
    contentHash: "",
    content: parseText("content", input.content ?? `# ${title}\n`),
  };
  const { draft, found: redacted } = redactDraft({ kind: "session", row: given }, input.redact);
  const id = isFile
    ? await createSessionFile(deps, project, draft.row, input.redact)
    : await createSessionRow(deps, project, draft.row);
  return sessionOf(await readBack(deps, project.id, "session", id), redacted);
}

async function createSessionRow(deps: Deps, project: Project, row: Draft<StoredSession>): Promise<RowId> {
  const slugs = [`${row.date}-session`];
  await storeRows(deps, project.id, [
    { draft: { kind: "session", row }, operation: "create", expectedRevision: 0, slugs },
  ]);
  return row.id;
}

async function createSessionFile(
  deps: Deps,
  project: Project,
  row: Draft<StoredSession>,
  redact: boolean | undefined,
): Promise<RowId> {
  const { title, date, status, author, plan, topics, content } = row;
  const known = { title, date, status, author, plan, topics: topics.length > 0 ? topics : undefined };
  const labels = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
  const folder = ".aiknowsys/sessions";
  const file = { kind: "session", folder, name: `${date}-session`, content, labels, redact } as const;
  return createDocumentFile(deps, project, file);
}

/** Adds to a session. @throws KnowledgeError `not_found`, `invalid_input`, `conflict`. */
export async function updateSession(
  deps: Deps,
  scope: Scope,
  update: SessionUpdate,
): Promise<WrittenSession> {
  const found =
    update.id.trim().toLowerCase() === "latest"
      ? await latestSession(deps, scope)
      : await getRow(deps, scope, update.id, ["session"]);
  if (found.kind !== "session")
    throw new KnowledgeError("internal", "A session was asked for, another kind was found.");
  const asked = { changes: changesOf(update, found.row), text: parseEdit(update) };
  const { value, found: secrets } = redactInput(asked, update.redact);
  const { changes } = value;
  if (
    Object.keys(changes).length === 0 &&
    update.append === undefined &&
    update.replaceSection === undefined
  ) {
    throw new KnowledgeError("invalid_input", "Nothing to change was given.", {
      hint: "Give at least one of append, status, title, plan, addFile, addTopic or replaceSection.",
    });
  }
  const { found: after, redacted } = await editDocument(deps, found, {
    text: (old, isFile) => {
      const renamed = changes.title === undefined ? old : retitle(old, found.row.title, changes.title);
      return editText(relabel(renamed, changes, isFile), value.text);
    },
    row: (draft) =>
      draft.kind === "session"
        ? {
            kind: draft.kind,
            row: { ...draft.row, ...changes, ...(changes.status !== undefined && { statusText: undefined }) },
          }
        : draft,
    revision:
      update.revision === undefined
        ? undefined
        : parseWhole("revision", update.revision, { min: 1, max: 2 ** 31, otherwise: 1 }),
    redact: update.redact,
  });
  return sessionOf(after, [...new Set([...secrets, ...redacted])].sort());
}

function changesOf(update: SessionUpdate, row: StoredSession) {
  const files = parseList(update.addFile);
  const topics = parseList(update.addTopic);
  return {
    ...(update.title !== undefined && { title: parseName("title", update.title) }),
    ...(update.status !== undefined && { status: parseSessionStatus("status", update.status) }),
    ...(update.plan !== undefined && { plan: parseName("plan", update.plan) }),
    ...(files !== undefined && { files: [...new Set([...row.files, ...files])] }),
    ...(topics !== undefined && { topics: [...new Set([...row.topics, ...topics])] }),
  };
}

async function latestSession(deps: Deps, scope: Scope): Promise<StoredRow> {
  const projects = scope.project === undefined ? [] : [scope.project.id];
  const { items } = await deps.storage.sessions.query({ projects }, { limit: 1 });
  const [newest] = items;
  const [row] = newest === undefined ? [] : await rowsByIds(deps, newest.project, "session", [newest.id]);
  if (row !== undefined) return row;
  throw new KnowledgeError("not_found", "This project has no session yet.", {
    field: "id",
    hint: "Create one with create-session (over MCP: create_session).",
  });
}

async function planRef(deps: Deps, project: Project, text: string | undefined): Promise<string | undefined> {
  const name = parseOptionalName("plan", text);
  if (name === undefined) return undefined;
  const found = await deps.storage.plans.find([project.id], name);
  return found.length === 1 ? found[0]?.ref : name;
}

function sessionOf(found: StoredRow, redacted: readonly string[]): WrittenSession {
  if (found.kind !== "session")
    throw new KnowledgeError("internal", "A session was written, another kind was read back.");
  return { ...publicRow(found.row), ...(redacted.length > 0 && { redacted }) };
}
