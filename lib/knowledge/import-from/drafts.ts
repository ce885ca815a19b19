import { KnowledgeError } from "../../domain/error.ts";
import type { Event } from "../../domain/event.ts";
import { EVENT_SUBJECT } from "../../domain/event.ts";
import { type ProjectId, rowIdOfImport } from "../../domain/ids.ts";
import type { Timestamp } from "../../domain/timestamp.ts";
import { patchFrontmatter } from "../../markdown/patch.ts";
import type { DraftRow } from "../../storage/contract/writes.ts";
import { parseEventData } from "../event-data.ts";
import type { Peer } from "./finding.ts";
import { lineOf, type Members, textOf } from "./foreign-value.ts";

/** Where a row came from. */
export interface Origin {
  readonly peer: Peer;
  readonly project: ProjectId;
  /** The record's own id, unique in its tool and kind. */
  readonly id: string;
  /** What our words have no place for, by its name there; kept with the row. */
  readonly also?: Readonly<Record<string, string | readonly string[] | undefined>>;
}

type Row<Kind extends DraftRow["kind"]> = Extract<DraftRow, { readonly kind: Kind }>["row"];
type Given<Kind extends DraftRow["kind"]> = Omit<
  Row<Kind>,
  "id" | "project" | "source" | "contentHash" | "deletedAt"
>;

/** A plan whose content says where it came from. */
export function planDraft(
  origin: Origin,
  given: Given<"plan">,
): Extract<DraftRow, { readonly kind: "plan" }> {
  return { kind: "plan", row: { ...given, ...common(origin, "plan", given) } };
}

/** A session whose content says where it came from. */
export function sessionDraft(
  origin: Origin,
  given: Given<"session">,
): Extract<DraftRow, { readonly kind: "session" }> {
  return { kind: "session", row: { ...given, ...common(origin, "session", given) } };
}

/** A pattern whose content says where it came from. */
export function patternDraft(
  origin: Origin,
  given: Given<"pattern">,
): Extract<DraftRow, { readonly kind: "pattern" }> {
  return { kind: "pattern", row: { ...given, ...common(origin, "pattern", given) } };
}

export interface EventGiven {
  readonly type: Event["type"];
  readonly data: Members;
  readonly occurredAt: Timestamp;
  readonly tags?: readonly string[];
  readonly files?: readonly string[];
  readonly author?: string | undefined;
  readonly agent?: string | undefined;
  readonly session?: string | undefined;
  readonly plan?: string | undefined;
}

/** Longer facts are no facts: their one passage would be beyond what engines search. In UTF-16 units. */
const LONGEST_EVENT = 500_000;

/** An event whose data say where it came from. @throws KnowledgeError `invalid_input` when it has no subject or is too long. */
export function eventDraft(origin: Origin, given: EventGiven, now: Timestamp): DraftRow {
  const { type, occurredAt } = given;
  const also = Object.entries(origin.also ?? {}).filter(([, value]) => value !== undefined);
  const data = parseEventData(type, {
    ...Object.fromEntries(Object.entries(given.data).filter(([, value]) => !isSilent(value))),
    ...Object.fromEntries(also),
    importedFrom: origin.peer,
    originalId: origin.id,
  });
  const size = JSON.stringify(data).length;
  if (size > LONGEST_EVENT) {
    const sentence = `It has ${size} characters, more than the ${LONGEST_EVENT} that an event may have.`;
    throw new KnowledgeError("invalid_input", sentence);
  }
  return {
    kind: "event",
    row: {
      id: rowIdOfImport(origin.project, "event", origin.peer, origin.id),
      project: origin.project,
      type,
      summary: lineOf(textOf(data[EVENT_SUBJECT[type]]), 200) || type,
      data,
      tags: labels(given.tags),
      files: labels(given.files),
      author: name(given.author),
      agent: name(given.agent),
      session: given.session,
      plan: given.plan,
      occurredAt,
      recordedAt: now,
      contentHash: "",
    },
  };
}

/** Labels of a length that lists can show. */
export function labels(items: readonly string[] | undefined): string[] {
  return [...new Set((items ?? []).map((item) => lineOf(item, 1_000)))].filter((item) => item !== "");
}

/** A name of a length that lists can show. */
export function name(text: string | undefined): string | undefined {
  const line = lineOf(text ?? "", 1_000);
  return line === "" ? undefined : line;
}

/** A title of a length that lists can show, never empty. */
export function titled(text: string, otherwise: string): string {
  return lineOf(text, 500) || lineOf(otherwise, 500) || "Untitled";
}

/** Nothing, as tools write it down. */
export function isSilent(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === false ||
    value === 0 ||
    ["", "{}", "[]", "null"].includes(textOf(value).trim())
  );
}

function common(
  origin: Origin,
  kind: "plan" | "session" | "pattern",
  { content }: { readonly content: string },
) {
  const { peer, project, id } = origin;
  return {
    id: rowIdOfImport(project, kind, peer, id),
    project,
    source: "store" as const,
    contentHash: "",
    content: withOrigin(content, origin),
  };
}

/** The content with its origin in its frontmatter; at its end where the frontmatter is laid out too strangely for that. */
function withOrigin(content: string, { peer, id, also }: Origin): string {
  const keys = Object.fromEntries(
    Object.entries(also ?? {}).flatMap(([key, value]) =>
      value === undefined || value.length === 0 ? [] : [[key, value]],
    ),
  );
  const members = { ...keys, imported_from: peer, original_id: id };
  try {
    return patchFrontmatter(content, members);
  } catch (error) {
    if (!(error instanceof KnowledgeError) || error.code !== "unsupported") throw error;
    const lines = Object.entries(members).map(([key, value]) => `- ${key}: ${textOf(value)}`);
    return `${content.trimEnd()}\n\n## Imported\n\n${lines.join("\n")}\n`;
  }
}
