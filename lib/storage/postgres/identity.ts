import { KnowledgeError } from "../../domain/error.ts";
import { type Kind, type ProjectId, type RowId, refsOf } from "../../domain/ids.ts";
import { SHAPES } from "../neutral/shapes.ts";
import type { Client } from "./driver.ts";
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
export async function chooseNames(client: Client, row: NewRow): Promise<Names> {
  const refs = [...(row.refs ?? []), ...refsOf(row.kind, row.id)];
  const takenRefs = await taken(client, row, "ref", refs);
  const ref = refs.find((candidate) => !takenRefs.has(candidate));
  if (ref === undefined) throw new KnowledgeError("internal", `No ref is free for the row ${row.id}.`);
  return row.kind === "event" ? { ref } : { ref, slug: await chooseSlug(client, row, ref) };
}

async function chooseSlug(client: Client, row: NewRow, ref: string): Promise<string> {
  const takenSlugs = await taken(client, row, "slug", row.slugs);
  const free = row.slugs.find((slug) => !takenSlugs.has(slug));
  if (free !== undefined) return free;
  const wished = row.slugs.at(-1) ?? ref;
  if (row.slugs.length === 0 && (await taken(client, row, "slug", [ref])).size === 0) return ref;
  for (let n = 2; ; n += COUNTED_AT_ONCE) {
    const next = Array.from({ length: COUNTED_AT_ONCE }, (_, i) => `${wished}~${n + i}`);
    const takenNext = await taken(client, row, "slug", next);
    const slug = next.find((candidate) => !takenNext.has(candidate));
    if (slug !== undefined) return slug;
  }
}

const COUNTED_AT_ONCE = 20;

async function taken(
  client: Client,
  { kind, project }: NewRow,
  column: "ref" | "slug",
  candidates: readonly string[],
): Promise<ReadonlySet<string>> {
  if (candidates.length === 0) return new Set();
  const rows = await client.rows(
    `SELECT ${column} FROM ${SHAPES[kind].table} WHERE ${SCOPE} AND ${column} = ANY (?::text[])`,
    client.tenant,
    project,
    candidates,
  );
  return new Set(rows.map(([name]) => String(name)));
}
