import type { StoredEvent } from "../../domain/document.ts";
import type { Event } from "../../domain/event.ts";
import { folded } from "../../domain/folded.ts";
import type { ProjectId } from "../../domain/ids.ts";
import { EVENT_TYPES } from "../../domain/vocabulary.ts";
import type { EventFilter, Events } from "../contract/rows.ts";
import type { Bindable, Database, RawRow } from "./driver.ts";
import { keysetSql, keysetValues, type Order, orderSql, readPage } from "./paging.ts";
import { columnsOf, decodeRow, LAST, SCOPE } from "./rows.ts";
import { SHAPES } from "./shapes.ts";
import type { Sync } from "./sync.ts";

const FOUND_LIMIT = 20;
const ORDER: readonly Order[] = [
  { column: "occurred_at", descending: true },
  { column: "id", descending: true },
];
const WHOLE = [...SHAPES.event.fields, ...SHAPES.event.body];

export function openEvents(db: Database): Sync<Events> {
  const select = `SELECT ${columnsOf(WHOLE)} FROM events WHERE ${SCOPE}`;
  const read = (rows: readonly RawRow[]) => rows.map((row) => decodeRow<StoredEvent>(WHOLE, row));
  const inProject = (project: ProjectId, text: string) =>
    db
      .prepare(`${select} AND deleted_at IS NULL AND (id = ? OR ref = ?) ORDER BY id LIMIT ${FOUND_LIMIT}`)
      .raw(project, text, text);
  return {
    find: (projects, text) =>
      read(projects.flatMap((project) => inProject(project, text.toLowerCase())).slice(0, FOUND_LIMIT)),
    byIds: (project, ids) => read(ids.flatMap((id) => db.prepare(`${select} AND id = ?`).raw(project, id))),
    query: (filter, request) =>
      readPage<Event, Part>(
        {
          name: "events",
          order: ORDER,
          parts: partsOf(filter),
          keyOf: ({ occurredAt, id }) => [occurredAt, id],
          read: (part, after, limit) => readEvents(db, { filter, part, after, limit }),
          count: (part, limit) => countEvents(db, filter, part, limit),
        },
        request,
      ),
  };
}

/** One project, or one value of the most selective filtered column in it: each has its index in page order. */
interface Part {
  readonly project: ProjectId;
  readonly by: keyof typeof ACCESS;
  readonly value: string;
}

const ACCESS = {
  plan: { index: "events_plan", condition: "plan_folded = ? AND plan_folded <> ''" },
  session: { index: "events_session", condition: "session_folded = ? AND session_folded <> ''" },
  type: { index: "events_type", condition: "type = ?" },
  project: { index: "events_occurred", condition: "? = ''" },
} as const;

function partsOf(filter: EventFilter): readonly Part[] {
  const parts = (by: Part["by"], values: readonly string[]) =>
    filter.projects.flatMap((project) => [...new Set(values)].map((value) => ({ project, by, value })));
  if (filter.plan !== undefined) return parts("plan", filter.plan.map(folded));
  if (filter.session !== undefined) return parts("session", filter.session.map(folded));
  if (filter.types !== undefined) return parts("type", filter.types);
  return parts("project", [""]);
}

/** `+type` keeps the planner on the part's own index. */
function matchesSql({ by }: Part): string {
  const { index, condition } = ACCESS[by];
  return `events INDEXED BY ${index}
    WHERE ${SCOPE} AND deleted_at IS NULL AND ${condition}
    AND occurred_at >= ?
    AND +type IN (SELECT value FROM json_each(?))
    AND session_folded IN (SELECT value FROM json_each(coalesce(?, json_array(session_folded))))
    AND instr(tags_folded, ?) > 0
    AND (? OR (superseded_by IS NULL AND retracted_at IS NULL))`;
}

function matchValues(filter: EventFilter, { project, value }: Part): readonly Bindable[] {
  return [
    project,
    value,
    filter.after ?? "",
    JSON.stringify(filter.types ?? EVENT_TYPES),
    filter.session === undefined ? null : JSON.stringify(filter.session.map(folded)),
    filter.tag === undefined ? "" : `\n${folded(filter.tag)}\n`,
    filter.includeSuperseded === true ? 1 : 0,
  ];
}

interface EventsRead {
  readonly filter: EventFilter;
  readonly part: Part;
  readonly after: readonly string[];
  readonly limit: number;
}

function readEvents(db: Database, { filter, part, after, limit }: EventsRead): readonly Event[] {
  const { fields } = SHAPES.event;
  const sql = `SELECT ${columnsOf(fields)} FROM ${matchesSql(part)}
    AND ${keysetSql(ORDER)} ORDER BY ${orderSql(ORDER)} LIMIT ?`;
  const values = [...matchValues(filter, part), ...keysetValues(within(filter, after)), limit];
  const rows = db.prepare(sql).raw(...values);
  return rows.map((row) => decodeRow<Event>(fields, row));
}

function countEvents(db: Database, filter: EventFilter, part: Part, limit: number): number {
  const sql = `SELECT count(*) FROM (SELECT 1 FROM ${matchesSql(part)} AND occurred_at < ? LIMIT ?)`;
  const row = db.prepare(sql).raw(...matchValues(filter, part), filter.before ?? LAST, limit)[0];
  return Number(row?.[0]);
}

/** The upper bound of the filter as a key, so that one range of the index serves both. */
function within({ before }: EventFilter, after: readonly string[]): readonly string[] {
  const [occurredAt = LAST] = after;
  return before !== undefined && before <= occurredAt ? [before, ""] : after;
}
