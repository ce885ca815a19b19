import { canonicalJson } from "../../domain/canonical-json.ts";
import { contentHashOf } from "../../domain/document.ts";
import type { RowRecord } from "../../domain/transfer-record.ts";
import type { Finding } from "../contract/upkeep.ts";
import { unpacked } from "./revision-body.ts";

/** What the log keeps of one revision of a row. */
export interface KeptRevision {
  readonly encoding: unknown;
  /** Absent where none is kept. */
  readonly body: unknown;
  /** Of its change line; absent without one. */
  readonly contentHash: unknown;
}

/** A revision's key as the tables have it. */
export type RevisionPlace = readonly [project: unknown, kind: unknown, id: unknown, revision: unknown];

/**
 * What is wrong with a kept body, if anything is: an altered or exchanged one does not give the content hash of its
 * change line, which is sealed. Times of writing are not in that hash; an erased body proves nothing.
 */
export function revisionFault(
  [project, kind, id, revision]: RevisionPlace,
  kept: KeptRevision,
): string | undefined {
  const draft = draftIn(kept);
  if (draft === "erased" || isAbsent(kept.contentHash)) return undefined;
  const name = `Revision ${revision} of ${kind} ${id} in project ${project}`;
  if (draft === undefined) return `${name} cannot be read.`;
  return contentHashOf(draft) === kept.contentHash ? undefined : `${name} is not what its change line says.`;
}

/** What is wrong with a row beside what is kept of its newest revision, if anything is. */
export function rowFault(row: RowRecord, kept: KeptRevision): string | undefined {
  const name = `The ${row.record} ${row.ref} in project ${row.project}`;
  const draft = isAbsent(kept.body) ? "erased" : draftIn(kept);
  // Of a body that cannot be read the revisions tell.
  if (draft === undefined) return undefined;
  if (draft !== "erased") {
    const fields = differing(row, draft);
    if (fields.length === 0) return undefined;
    return `${name} is not what its newest revision (${row.revision}) says: ${fields.join(", ")}.`;
  }
  const { record: _, ...said } = row;
  if (isAbsent(kept.contentHash) || contentHashOf(said) === kept.contentHash) return undefined;
  return `${name} is not what the change line of its newest revision (${row.revision}) says.`;
}

/** Names the first faults and counts the rest, so that a store of which everything was altered fills no memory. */
export class FaultList {
  readonly #named: string[] = [];
  #more = 0;

  add(fault: string | undefined): void {
    if (fault === undefined) return;
    if (this.#named.length < MOST_NAMED) this.#named.push(fault);
    else this.#more += 1;
  }

  findings(): readonly Finding[] {
    const whats =
      this.#more === 0
        ? this.#named
        : [...this.#named, `${this.#more} more are not what was written either.`];
    return whats.map((what) => ({ severity: "error", what, advice: ALTERED }));
  }
}

/** Asks for rows of a kind (`t`) that the log knows at a later revision. @param tenant as it stands in SQL */
export function setBackSql(table: string, tenant: string): string {
  return `SELECT count(*) FROM ${table} t WHERE t.tenant_id = ${tenant} AND EXISTS (
    SELECT 1 FROM changes c WHERE c.tenant_id = t.tenant_id AND c.project_id = t.project_id AND c.row_id = t.id
      AND c.kind = ? AND c.revision > t.revision)`;
}

/** Asks for rows of a kind that only the log knows: a row that is deleted leaves a tombstone. */
export function takenOutSql(table: string, tenant: string): string {
  return `SELECT count(*) FROM changes c WHERE c.tenant_id = ${tenant} AND c.kind = ? AND c.revision = 1
    AND NOT EXISTS (
      SELECT 1 FROM ${table} t WHERE t.tenant_id = c.tenant_id AND t.project_id = c.project_id AND t.id = c.row_id)`;
}

/** @param setBack as {@link setBackSql} counts them @param takenOut as {@link takenOutSql} does */
export function countedFaults(table: string, setBack: number, takenOut: number): readonly Finding[] {
  const whats = [
    ...(setBack > 0 ? [`${setBack} ${table} stand at an earlier revision than the change log knows.`] : []),
    ...(takenOut > 0 ? [`${takenOut} ${table} that the change log knows are not there.`] : []),
  ];
  return whats.map((what) => ({ severity: "error", what, advice: ALTERED }));
}

const MOST_NAMED = 10;
const ALTERED =
  "Something other than AIKnowSys changed the store: compare with a backup, and see who can write to the database.";

type Draft = Readonly<Record<string, unknown>>;

/** The row that a body holds; `undefined` where it holds none. */
function draftIn({ encoding, body }: KeptRevision): Draft | "erased" | undefined {
  try {
    const text = unpacked(encoding, body);
    if (text === "") return "erased";
    const draft: unknown = JSON.parse(text);
    return typeof draft === "object" && draft !== null ? { ...draft } : undefined;
  } catch {
    return undefined;
  }
}

/** What the store gives, and what only says which record it is. */
const NOT_KEPT = new Set(["record", "ref", "slug", "revision"]);

function differing(row: RowRecord, draft: Draft): readonly string[] {
  const standing: Draft = { ...row };
  const keys = new Set([...Object.keys(standing), ...Object.keys(draft)]);
  return [...keys]
    .filter((key) => !NOT_KEPT.has(key) && canonicalJson(standing[key]) !== canonicalJson(draft[key]))
    .sort();
}

function isAbsent(value: unknown): boolean {
  return value === null || value === undefined;
}
