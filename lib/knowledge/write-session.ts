import type { StoredRow, StoredSession } from "../domain/document.ts";
import { KnowledgeError } from "../domain/error.ts";
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
  parseRevision,
  parseText,
} from "./arguments.ts";
import { type CreatedDocument, createDocumentFile } from "./create-file.ts";
import type { Deps, Scope } from "./deps.ts";
import { editText, relabel, retitle, type TextEdit } from "./document-text.ts";
import { editDocument } from "./edit-document.ts";
import { publicRow } from "./public-row.ts";
import { timeContext } from "./query.ts";
import { readBack, rowsByIds } from "./read-back.ts";
import { redactDraft, redactInput } from "./redact-draft.ts";
import { getRow, refOrName } from "./resolve.ts";
import { newRowId, storeRows } from "./store-row.ts";
import { parseEdit } from "./write-plan.ts";
import { leftOutWarnings, notesOf, type WritingNotes } from "./written-row.ts";

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

export type WrittenSession = Session & WritingNotes;

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
    plan: isFile ? parseOptionalName("plan", input.plan) : await refOrName(deps, project, "plan", input.plan),
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
  const { id, warnings } = isFile
    ? await createSessionFile(deps, project, draft.row, input.redact)
    : await createSessionRow(deps, project, draft.row);
  return sessionOf(await readBack(deps, project.id, "session", id), notesOf(redacted, warnings));
}

async function createSessionRow(
  deps: Deps,
  project: Project,
  row: Draft<StoredSession>,
): Promise<CreatedDocument> {
  const slugs = [`${row.date}-session`];
  const stored = await storeRows(deps, project.id, [
    { draft: { kind: "session", row }, operation: "create", expectedRevision: 0, slugs },
  ]);
  return { id: row.id, warnings: stored.flatMap((each) => leftOutWarnings("document", each)) };
}

async function createSessionFile(
  deps: Deps,
  project: Project,
  row: Draft<StoredSession>,
  redact: boolean | undefined,
): Promise<CreatedDocument> {
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
  const { value, found: secrets } = redactInput(parseUpdate(update), update.redact);
  const { added, given, text } = value;
  const asked = [...Object.values(given), added.files, added.topics, text.append, text.replaceSection];
  if (asked.every((item) => item === undefined)) {
    throw new KnowledgeError("invalid_input", "Nothing to change was given.", {
      hint: "Give at least one of append, status, title, plan, addFile, addTopic or replaceSection.",
    });
  }
  const revision = parseRevision(update.revision);
  const found =
    update.id.trim().toLowerCase() === "latest"
      ? await latestSession(deps, scope)
      : await getRow(deps, scope, update.id, ["session"]);
  if (found.kind !== "session")
    throw new KnowledgeError("internal", "A session was asked for, another kind was found.");
  const changes = { ...given, ...withAdded(found.row, added) };
  const {
    found: after,
    redacted,
    warnings,
  } = await editDocument(deps, found, {
    text: (old, isFile) => {
      const renamed = given.title === undefined ? old : retitle(old, found.row.title, given.title);
      return editText(relabel(renamed, changes, isFile), text);
    },
    row: (draft) =>
      draft.kind === "session"
        ? {
            kind: draft.kind,
            row: { ...draft.row, ...changes, ...(given.status !== undefined && { statusText: undefined }) },
          }
        : draft,
    revision,
    redact: update.redact,
  });
  return sessionOf(after, notesOf([...new Set([...secrets, ...redacted])].sort(), warnings));
}

/** What a caller wants changed, checked before anything is looked up. */
function parseUpdate(update: SessionUpdate) {
  return {
    text: parseEdit(update),
    given: {
      ...(update.title !== undefined && { title: parseName("title", update.title) }),
      ...(update.status !== undefined && { status: parseSessionStatus("status", update.status) }),
      ...(update.plan !== undefined && { plan: parseName("plan", update.plan) }),
    },
    added: { files: parseList(update.addFile), topics: parseList(update.addTopic) },
  };
}

/** The session's lists with what is added to them, each item once. */
function withAdded(row: StoredSession, { files, topics }: ReturnType<typeof parseUpdate>["added"]) {
  return {
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

function sessionOf(found: StoredRow, notes: WritingNotes): WrittenSession {
  if (found.kind !== "session")
    throw new KnowledgeError("internal", "A session was written, another kind was read back.");
  return { ...publicRow(found.row), ...notes };
}
