import type { StoredEvent } from "../../domain/document.ts";
import { asKnowledgeError, KnowledgeError } from "../../domain/error.ts";
import type { ProjectId, RowId } from "../../domain/ids.ts";
import type { DraftRow } from "../contract/writes.ts";

/** What both engines refuse, in the same words. */

export function unknownProject(project: ProjectId): KnowledgeError {
  return new KnowledgeError("not_found", `There is no project ${project} in this store.`, {
    field: "project",
    hint: "Register the project first, for example with `aiknowsys init`.",
  });
}

export function foreignRow({ row }: DraftRow): KnowledgeError {
  return new KnowledgeError("invalid_input", `The row ${row.id} belongs to another project.`, {
    field: "project",
  });
}

/** @param standing what stands under the row's id, if anything does */
export function changedMeanwhile(
  { kind, row }: DraftRow,
  standing: { readonly ref: string; readonly revision: number } | undefined,
): KnowledgeError {
  const sentence =
    standing === undefined
      ? `There is no ${kind} ${row.id} to change.`
      : `The ${kind} ${standing.ref} is at revision ${standing.revision}: somebody changed it first.`;
  return new KnowledgeError("conflict", sentence, {
    hint: "Read it again and repeat the change on what it says now.",
    current: { id: row.id, ref: standing?.ref, revision: standing?.revision ?? 0 },
  });
}

/** @param count rows that came to a project while it was being emptied */
export function writtenMeanwhile(count: number): KnowledgeError {
  return new KnowledgeError("conflict", `The project got ${count} rows while it was being merged.`, {
    hint: "Nothing was changed: merge once more.",
  });
}

export function keyTaken(key: string, owner: ProjectId): KnowledgeError {
  return new KnowledgeError("conflict", `The key ${key} belongs to another project.`, {
    hint: "Use that project, or merge the two.",
    current: { project: owner, key },
  });
}

/**
 * The event that may be superseded.
 * @param newerRef the ref of the event that superseded it before, if one did
 * @throws KnowledgeError `not_found`, or `conflict` when it was replaced or retracted before.
 */
export function requireOpen(
  older: StoredEvent | undefined,
  id: RowId,
  newerRef: string | undefined,
): StoredEvent {
  if (older === undefined || older.deletedAt !== undefined) {
    throw new KnowledgeError("not_found", `There is no event ${id} to supersede in this project.`, {
      field: "supersedes",
      hint: "Name an event of the same project by its ref or id.",
    });
  }
  if (older.supersededBy === undefined && older.retractedAt === undefined) return older;
  const how = older.supersededBy === undefined ? "retracted" : "superseded";
  throw new KnowledgeError("conflict", `The event ${older.ref} is ${how} already.`, {
    field: "supersedes",
    hint:
      how === "superseded"
        ? `Supersede ${newerRef ?? older.supersededBy} instead.`
        : "Record a new event on its own.",
    current: {
      id: older.id,
      ref: older.ref,
      revision: older.revision,
      supersededBy: newerRef ?? older.supersededBy,
    },
  });
}

/** A backup before a change of the schema failed, so that the change was not begun. */
export function schemaLeft(cause: unknown): KnowledgeError {
  const { code, message } = asKnowledgeError(cause);
  return new KnowledgeError(
    code === "internal" ? "unavailable" : code,
    `The schema was not changed, because the store could not be backed up first: ${message}`,
    { hint: "Make room for the backup, or run `aiknowsys migrate --no-backup` when you have one.", cause },
  );
}
