import type { StoredEvent } from "../../domain/document.ts";
import type { Event } from "../../domain/event.ts";
import { folded } from "../../domain/folded.ts";
import { isUuid, type ProjectId } from "../../domain/ids.ts";
import type { EventFilter, Events } from "../contract/rows.ts";
import type { Order } from "../neutral/paging.ts";
import { columnsOf } from "../neutral/row-values.ts";
import { SHAPES } from "../neutral/shapes.ts";
import { FOUND_LIMIT } from "./documents.ts";
import type { Client, Database, RawRow } from "./driver.ts";
import { type Condition, given, readPage } from "./paging.ts";
import { decodeRow, SCOPE } from "./rows.ts";

const ORDER: readonly Order[] = [
  { column: "occurred_at", descending: true },
  { column: "id", descending: true },
];
const WHOLE = [...SHAPES.event.fields, ...SHAPES.event.body];
const SELECT = `SELECT ${columnsOf(WHOLE)} FROM events`;

export function openEvents(database: Database): Events {
  const { fields } = SHAPES.event;
  return {
    find: (projects, text, options) =>
      database.read(async (client) => {
        const found: RawRow[] = [];
        for (const project of projects) {
          if (found.length >= FOUND_LIMIT) break;
          found.push(...(await findRows(client, project, text.toLowerCase(), options?.deleted === true)));
        }
        return found.slice(0, FOUND_LIMIT).map((row) => decodeRow<StoredEvent>(WHOLE, row));
      }),
    byIds: (project, ids) =>
      database.read(async (client) => {
        if (ids.length === 0) return [];
        const sql = `${SELECT} JOIN unnest(?::uuid[]) WITH ORDINALITY AS wanted (wanted_id, place) ON id = wanted_id
          WHERE ${SCOPE} ORDER BY place`;
        const rows = await client.last(sql, ids, client.tenant, project);
        return rows.map((row) => decodeRow<StoredEvent>(WHOLE, row));
      }),
    query: (filter, request) =>
      readPage<Event>(
        database,
        {
          name: "events",
          order: ORDER,
          table: "events",
          columns: columnsOf(fields),
          parts: (client) => partsOf(filter).map((part) => conditionsOf(client, filter, part)),
          keyOf: ({ occurredAt, id }) => [occurredAt, id],
          decode: (row) => decodeRow<Event>(fields, row),
        },
        request,
      ),
  };
}

function findRows(
  client: Client,
  project: ProjectId,
  lower: string,
  deleted: boolean,
): Promise<readonly RawRow[]> {
  return client.rows(
    `${SELECT} WHERE ${SCOPE} AND (id = ? OR ref = ?) AND (? OR deleted_at IS NULL) ORDER BY id LIMIT ${FOUND_LIMIT}`,
    client.tenant,
    project,
    isUuid(lower) ? lower : null,
    lower,
    deleted,
  );
}

/** One project, or one value of the most selective filtered column in it: each has its index in page order. */
interface Part {
  readonly project: ProjectId;
  readonly by: "plan" | "session" | "type" | "project";
  readonly value: string;
}

function partsOf(filter: EventFilter): readonly Part[] {
  const parts = (by: Part["by"], values: readonly string[]) =>
    filter.projects.flatMap((project) => [...new Set(values)].map((value) => ({ project, by, value })));
  if (filter.plan !== undefined) return parts("plan", filter.plan.map(folded));
  if (filter.session !== undefined) return parts("session", filter.session.map(folded));
  if (filter.types !== undefined) return parts("type", filter.types);
  return parts("project", [""]);
}

function conditionsOf(client: Client, filter: EventFilter, part: Part): readonly Condition[] {
  const { types, session, tag, after, before } = filter;
  return [
    [`${SCOPE} AND deleted_at IS NULL`, client.tenant, part.project],
    ...partConditions(part),
    ...given(after, (at): Condition => ["occurred_at >= ?", at]),
    ...given(before, (at): Condition => ["occurred_at < ?", at]),
    ...given(part.by === "type" ? undefined : types, (list): Condition => ["type = ANY (?)", list]),
    ...given(
      part.by === "session" ? undefined : session,
      (list): Condition => ["session_folded = ANY (?) AND session_folded <> ''", list.map(folded)],
    ),
    ...given(tag, (text): Condition => ["strpos(tags_folded, ?) > 0", `\n${folded(text)}\n`]),
    ...(filter.includeSuperseded === true
      ? []
      : [["superseded_by IS NULL AND retracted_at IS NULL"] satisfies Condition]),
  ];
}

/** Texts of any length have only their beginning in the index. */
function partConditions({ by, value }: Part): readonly Condition[] {
  if (by === "project") return [];
  if (by === "type") return [["type = ?", value]];
  const column = `${by}_folded`;
  return [[`left(${column}, 200) = left(?, 200) AND ${column} = ? AND ${column} <> ''`, value, value]];
}
