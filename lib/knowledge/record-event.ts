import type { StoredEvent } from "../domain/document.ts";
import { KnowledgeError } from "../domain/error.ts";
import type { Event } from "../domain/event.ts";
import { EVENT_SUBJECT } from "../domain/event.ts";
import type { Project } from "../domain/project.ts";
import { parseTimeSpan } from "../domain/time-range.ts";
import { timestampOf } from "../domain/timestamp.ts";
import { EVENT_TYPES, type EventType, parseChoice } from "../domain/vocabulary.ts";
import type { Draft } from "../storage/contract/writes.ts";
import { type ListArgument, parseList, parseOptionalName } from "./arguments.ts";
import type { Deps } from "./deps.ts";
import { parseEventData } from "./event-data.ts";
import { publicRow } from "./public-row.ts";
import { timeContext } from "./query.ts";
import { redactDraft } from "./redact-draft.ts";
import { getRow, refOrName } from "./resolve.ts";
import { newRowId, storeRows } from "./store-row.ts";

export interface EventInput {
  readonly type: string;
  /** An object, or its JSON text. */
  readonly data: unknown;
  /** One line; made from the data when left out. */
  readonly summary?: string | undefined;
  readonly tags?: ListArgument;
  readonly plan?: string | undefined;
  readonly session?: string | undefined;
  readonly commit?: string | undefined;
  readonly files?: ListArgument;
  /** Id, ref of the event that this one replaces. */
  readonly supersedes?: string | undefined;
  readonly author?: string | undefined;
  readonly agent?: string | undefined;
  readonly occurredAt?: string | undefined;
  readonly timezone?: string | undefined;
  /** False keeps text that looks like a secret. Default true. */
  readonly redact?: boolean | undefined;
}

export type RecordedEvent = Event & { readonly redacted?: readonly string[] };

/** Records one fact. @throws KnowledgeError `invalid_input`, `not_found` or `conflict` (for `supersedes`). */
export async function recordEvent(deps: Deps, project: Project, input: EventInput): Promise<RecordedEvent> {
  const [event] = await recordEvents(deps, project, [input]);
  if (event === undefined) throw new KnowledgeError("internal", "The event was not recorded.");
  return event;
}

/** Records facts in one transaction: all or none. */
export async function recordEvents(
  deps: Deps,
  project: Project,
  inputs: readonly EventInput[],
): Promise<readonly RecordedEvent[]> {
  const drafts = await Promise.all(inputs.map((input) => draftEvent(deps, project, input)));
  const written = await storeRows(
    deps,
    project.id,
    drafts.map(({ row }) => ({ draft: { kind: "event", row }, operation: "create", expectedRevision: 0 })),
  );
  // Drafts hold what any engine can keep, so a new event reads as it was drafted: nothing is read back.
  return drafts.flatMap(({ row, redacted }, index) => {
    const { ref, revision, contentHash } = written[index] ?? {};
    if (ref === undefined || revision === undefined || contentHash === undefined) return [];
    const stored: StoredEvent = { ...row, ref, revision, contentHash };
    return [{ ...publicRow(stored), ...(redacted.length > 0 && { redacted }) }];
  });
}

async function draftEvent(
  deps: Deps,
  project: Project,
  input: EventInput,
): Promise<{ readonly row: Draft<StoredEvent>; readonly redacted: readonly string[] }> {
  const type = parseChoice("type", input.type, EVENT_TYPES);
  const data = parseEventData(type, input.data);
  const now = deps.clock();
  const occurredMs =
    input.occurredAt === undefined
      ? now
      : parseTimeSpan("occurredAt", input.occurredAt, timeContext(deps, input.timezone)).startMs;
  const scope = { project, projects: [project] };
  const replaced =
    input.supersedes === undefined ? undefined : await getRow(deps, scope, input.supersedes, ["event"]);
  const given: Draft<StoredEvent> = {
    id: newRowId(deps),
    project: project.id,
    type,
    summary: parseOptionalName("summary", input.summary) ?? "",
    data,
    tags: [...(parseList(input.tags) ?? [])],
    author: parseOptionalName("author", input.author),
    agent: parseOptionalName("agent", input.agent),
    session: await refOrName(deps, project, "session", input.session),
    plan: await refOrName(deps, project, "plan", input.plan),
    commit: parseOptionalName("commit", input.commit),
    files: [...(parseList(input.files) ?? [])],
    occurredAt: timestampOf(occurredMs),
    recordedAt: timestampOf(now),
    supersedes: replaced?.row.id,
    contentHash: "",
  };
  const { draft, found: redacted } = redactDraft({ kind: "event", row: given }, input.redact);
  const { row } = draft;
  return { row: row.summary === "" ? { ...row, summary: summaryOf(type, row.data) } : row, redacted };
}

/** What an event says in one line, from its data. */
function summaryOf(type: EventType, data: Record<string, unknown>): string {
  const subject = String(data[EVENT_SUBJECT[type]] ?? type)
    .replace(/\s+/g, " ")
    .trim();
  return subject.length > 200 ? `${subject.slice(0, 199).trimEnd()}…` : subject || type;
}
