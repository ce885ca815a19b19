import type { StoredPattern, StoredPlan, StoredSession } from "../domain/document.ts";
import { type DocumentKind, type ProjectId, rowIdOfFile } from "../domain/ids.ts";
import type { PlanLink } from "../domain/plan.ts";
import { dayOf } from "../domain/time-range.ts";
import { timestampOf } from "../domain/timestamp.ts";
import { readPlanPriority, readPlanStatus, readPlanType, readSessionStatus } from "../domain/vocabulary.ts";
import { wellFormed } from "../domain/well-formed.ts";
import { type DocumentText, readMetadata } from "../markdown/metadata.ts";
import type { TextWarning } from "../markdown/text-warning.ts";
import type { Draft } from "../storage/contract/writes.ts";

export type DocumentDraft =
  | { readonly kind: "plan"; readonly row: Draft<StoredPlan> }
  | { readonly kind: "session"; readonly row: Draft<StoredSession> }
  | { readonly kind: "pattern"; readonly row: Draft<StoredPattern> };

export interface FileText {
  readonly project: ProjectId;
  readonly kind: DocumentKind;
  /** For patterns, when the folder tells it. */
  readonly category?: string | undefined;
  /** Below the project's root, with `/`. */
  readonly path: string;
  /** As it is stored, its secrets sealed: redacted, and still read as it was meant. */
  readonly text: string;
  readonly fileHash: string;
  readonly modifiedMs: number;
}

export interface DocumentReading {
  readonly draft: DocumentDraft;
  readonly warnings: readonly TextWarning[];
}

/** A file's text as a row. Never refuses: what cannot be read is kept as text and named in `warnings`. */
export function readDocumentOfFile(file: FileText): DocumentReading {
  const text = wellFormed(file.text);
  const document = readMetadata(file.path, text);
  const common = {
    id: rowIdOfFile(file.project, file.kind, file.path),
    project: file.project,
    title: clipped(wellFormed(document.title), 500),
    ...optional("author", document.fields.author?.text),
    source: "file" as const,
    path: file.path,
    ...writtenAt(document, file),
    contentHash: "",
    content: text,
    fileHash: file.fileHash,
  };
  switch (file.kind) {
    case "plan":
      return {
        draft: { kind: "plan", row: { ...common, ...planFields(document) } },
        warnings: document.warnings,
      };
    case "session":
      return {
        draft: { kind: "session", row: { ...common, ...sessionFields(document, file) } },
        warnings: document.warnings,
      };
    case "pattern":
      return {
        draft: { kind: "pattern", row: { ...common, ...patternFields(document, file) } },
        warnings: document.warnings,
      };
    default:
      return file.kind satisfies never;
  }
}

function planFields({ fields }: DocumentText) {
  const { value: status, text: statusText } = readPlanStatus(fields.status?.text ?? "PLANNED");
  const startedAt = momentOf(fields.started?.iso);
  const completedAt = momentOf(fields.completed?.iso);
  const priority = readPlanPriority(fields.priority?.text ?? "");
  const type = readPlanType(fields.type?.text ?? "");
  return {
    status,
    ...optional("statusText", statusText),
    ...(priority !== undefined && { priority }),
    ...(type !== undefined && { type }),
    ...optional("description", fields.description?.text, 2_000),
    topics: listOf(fields.topics),
    links: linksOf(fields),
    ...(startedAt !== undefined && { startedAt }),
    ...(completedAt !== undefined && { completedAt }),
  };
}

function sessionFields({ fields }: DocumentText, file: FileText) {
  const { value: status, text: statusText } = readSessionStatus(fields.status?.text ?? "complete");
  const minutes = minutesOf(fields.duration?.text);
  return {
    date: (fields.date?.iso ?? fields.created?.iso)?.slice(0, 10) ?? dayOf(file.modifiedMs, "UTC"),
    status,
    ...optional("statusText", statusText),
    ...optional("plan", fields.plan?.text),
    topics: listOf(fields.topics),
    phases: listOf(fields.phases),
    files: listOf(fields.files),
    ...(minutes !== undefined && { durationMinutes: minutes }),
  };
}

function patternFields({ fields }: DocumentText, file: FileText) {
  return {
    ...optional("category", fields.category?.text ?? file.category, 200),
    triggers: [...new Set([...listOf(fields.triggers), ...listOf(fields.topics)])],
  };
}

/** Relations that a document's fields state, as written. */
function linksOf(fields: DocumentText["fields"]): PlanLink[] {
  const relations = {
    supersedes: "supersedes",
    superseded_by: "superseded_by",
    depends_on: "depends_on",
    related: "related",
    references: "references",
    parent: "parent",
    plan: "plan",
  };
  return Object.entries(relations).flatMap(([field, rel]) =>
    listOf(fields[field]).map((target): PlanLink => ({ rel, target })),
  );
}

/** When the document was written: by its own words first, by the file's time last. */
function writtenAt({ fields }: DocumentText, file: FileText) {
  const modified = timestampOf(Math.max(0, Math.trunc(file.modifiedMs)));
  const created = momentOf(fields.created?.iso) ?? momentOf(fields.date?.iso);
  const updated = momentOf(fields.updated?.iso) ?? momentOf(fields.completed?.iso) ?? created ?? modified;
  const createdAt = created ?? earliest(updated, modified);
  return { createdAt, updatedAt: earliest(updated, createdAt) === updated ? createdAt : updated };
}

function earliest(a: string, b: string): string {
  return [a, b].sort()[0] ?? a;
}

function momentOf(iso: string | undefined): string | undefined {
  if (iso === undefined) return undefined;
  const ms = Date.parse(iso.length === 10 ? `${iso}T00:00:00.000Z` : iso);
  return Number.isNaN(ms) ? undefined : timestampOf(ms);
}

/** `90`, `90 min`, `1.5 hours`, `1h 30m` in minutes; `undefined` for what cannot be read. */
function minutesOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const hours = Number(/(\d+(?:\.\d+)?)\s*h/i.exec(text)?.[1] ?? 0);
  const minutes = Number(/(\d+(?:\.\d+)?)\s*m/i.exec(text)?.[1] ?? 0);
  const plain = Number(/^\s*~?(\d+(?:\.\d+)?)\s*$/.exec(text)?.[1] ?? 0);
  const total = Math.round(hours * 60 + minutes + plain);
  return total > 0 && total < 100_000 ? total : undefined;
}

function listOf(value: DocumentText["fields"][string] | undefined): string[] {
  return (value?.list ?? [])
    .map((item) => clipped(wellFormed(item.trim()), 1_000))
    .filter((item) => item !== "");
}

function optional<Name extends string>(
  name: Name,
  text: string | undefined,
  most = 1_000,
): { readonly [Key in Name]?: string } {
  const value = text?.trim();
  // SAFETY: an object with this one computed key is what the mapped type says.
  return (value === undefined || value === "" ? {} : { [name]: clipped(wellFormed(value), most) }) as {
    readonly [Key in Name]?: string;
  };
}

function clipped(text: string, most: number): string {
  return text.length <= most
    ? text
    : `${text
        .slice(0, most - 1)
        .toWellFormed()
        .trimEnd()}…`;
}
