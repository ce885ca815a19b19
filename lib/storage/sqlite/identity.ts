import { KnowledgeError } from "../../domain/error.ts";
import { type Kind, type ProjectId, type RowId, refsOf } from "../../domain/ids.ts";
import { SHAPES } from "../neutral/shapes.ts";
import type { Database } from "./driver.ts";
import { SCOPE } from "./rows.ts";

/** The names under which a row is found in its project. */
export interface Names {
  readonly ref: string;
  /** Absent for events. */
  readonly slug?: string | undefined;
}

interface NewRow {
  readonly kind: Kind;
  readonly project: ProjectId;
  readonly id: RowId;
  readonly slugs: readonly string[];
  /** Wished, before those that the id gives. */
  readonly refs?: readonly string[] | undefined;
}

/** The first free ref and slug for a new row (RULES 9); tombstones keep theirs. */
export function chooseNames(db: Database, row: NewRow): Names {
  const refs = [...(row.refs ?? []), ...refsOf(row.kind, row.id)];
  const ref = refs.find((candidate) => isFree(db, row, "ref", candidate));
  if (ref === undefined) throw new KnowledgeError("internal", `No ref is free for the row ${row.id}.`);
  return row.kind === "event" ? { ref } : { ref, slug: chooseSlug(db, row, ref) };
}

function chooseSlug(db: Database, row: NewRow, ref: string): string {
  const free = row.slugs.find((slug) => isFree(db, row, "slug", slug));
  if (free !== undefined) return free;
  const wished = row.slugs.at(-1) ?? ref;
  for (let n = 2; ; n++) {
    const slug = row.slugs.length === 0 && n === 2 ? ref : `${wished}~${n}`;
    if (isFree(db, row, "slug", slug)) return slug;
  }
}

function isFree(db: Database, { kind, project }: NewRow, column: "ref" | "slug", value: string): boolean {
  const sql = `SELECT 1 FROM ${SHAPES[kind].table} WHERE ${SCOPE} AND ${column} = ?`;
  return db.prepare(sql).get(project, value) === undefined;
}
