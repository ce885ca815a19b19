import { canonicalJson } from "../domain/canonical-json.ts";
import type { StoredEvent } from "../domain/document.ts";
import { KnowledgeError } from "../domain/error.ts";
import type { Event } from "../domain/event.ts";
import { EVENT_SUBJECT } from "../domain/event.ts";
import { rowIdOfRetry } from "../domain/ids.ts";
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
  /** Given by the sender of a call that may be sent again: what has its key and says the same is recorded once. */
  readonly retryKey?: string | undefined;
  /** False keeps text that looks like a secret. Default true. */
  readonly redact?: boolean | undefined;
}

export type RecordedEvent = Event & { readonly redacted?: readonly string[] };

/**
 * Records one fact; with a `retryKey` that it was recorded under before, answers what was recorded then.
 * @throws KnowledgeError `invalid_input`, `not_found` or `conflict` (for `supersedes`, or a key used for another event).
 */
export async function recordEvent(deps: Deps, project: Project, input: EventInput): Promise<RecordedEvent> {
  if (input.retryKey === undefined) return recordAnew(deps, project, input);
  const id = rowIdOfRetry(project.id, "event", input.retryKey);
  const find = async () => (await deps.storage.events.byIds(project.id, [id]))[0];
  const before = await find();
  if (before !== undefined) return repeated(deps, project, input, before);
  try {
    return await recordAnew(deps, project, input);
  } catch (error) {
    // The same call may be under way in another process, which was quicker.
    const quicker = await find();
    if (quicker === undefined) throw error;
    return repeated(deps, project, input, quicker);
  }
}

async function recordAnew(deps: Deps, project: Project, input: EventInput): Promise<RecordedEvent> {
  const [event] = await recordEvents(deps, project, [input]);
  if (event === undefined) throw new KnowledgeError("internal", "The event was not recorded.");
  return event;
}

async function repeated(
  deps: Deps,
  project: Project,
  input: EventInput,
  before: StoredEvent,
): Promise<RecordedEvent> {
  const { row } = await draftEvent(deps, project, input);
  if (saidIn(row) === saidIn(before)) return publicRow(before);
  throw new KnowledgeError("conflict", `This retry key was used for another event, ${before.ref}.`, {
    hint: "Use a new key for each call, and the same one only when that call is sent again.",
    current: { ref: before.ref, revision: before.revision },
  });
}

function saidIn({ type, summary, data }: Pick<StoredEvent, "type" | "summary" | "data">): string {
  return canonicalJson({ type, summary, data });
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
    id: input.retryKey === undefined ? newRowId(deps) : rowIdOfRetry(project.id, "event", input.retryKey),
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
