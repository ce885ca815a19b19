import type { StoredEvent } from "../../domain/document.ts";
import type { Event } from "../../domain/event.ts";
import { folded } from "../../domain/folded.ts";
import type { ProjectId } from "../../domain/ids.ts";
import type { EventFilter, Events } from "../contract/rows.ts";
import { keysetSql, keysetValues, type Order, orderSql } from "../neutral/paging.ts";
import { columnsOf } from "../neutral/row-values.ts";
import { SHAPES } from "../neutral/shapes.ts";
import type { Bindable, Database, RawRow } from "./driver.ts";
import { readPage } from "./paging.ts";
import { decodeRow, LAST, SCOPE } from "./rows.ts";
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
  const inProject = (project: ProjectId, text: string, deleted: boolean) =>
    db
      .prepare(
        `${select} AND (id = ? OR ref = ?) AND (? OR deleted_at IS NULL) ORDER BY id LIMIT ${FOUND_LIMIT}`,
      )
      .raw(project, text, text, deleted ? 1 : 0);
  return {
    find: (projects, text, options) =>
      read(
        projects
          .flatMap((project) => inProject(project, text.toLowerCase(), options?.deleted === true))
          .slice(0, FOUND_LIMIT),
      ),
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
  plan: { index: "events_plan", column: "plan_folded" },
  session: { index: "events_session", column: "session_folded" },
  type: { index: "events_type", column: "type" },
  project: { index: "events_occurred", column: undefined },
} as const;

function partsOf(filter: EventFilter): readonly Part[] {
  const parts = (by: Part["by"], values: readonly string[]) =>
    filter.projects.flatMap((project) => [...new Set(values)].map((value) => ({ project, by, value })));
  if (filter.plan !== undefined) return parts("plan", filter.plan.map(folded));
  if (filter.session !== undefined) return parts("session", filter.session.map(folded));
  if (filter.types !== undefined) return parts("type", filter.types);
  return parts("project", [""]);
}

/** A condition and what it binds. Only those that a filter asks for are made, so that the index alone can count. */
type Condition = readonly [sql: string, ...values: readonly Bindable[]];

function conditionsOf(filter: EventFilter, { project, by, value }: Part): readonly Condition[] {
  const { column } = ACCESS[by];
  const { types, session, tag } = filter;
  return [
    [`${SCOPE} AND deleted_at IS NULL`, project],
    ...given(column, (name): Condition => [`${name} = ? AND ${name} <> ''`, value]),
    ["occurred_at >= ?", filter.after ?? ""],
    ...given(
      by === "type" ? undefined : types,
      (list): Condition => [amongSql("type"), JSON.stringify(list)],
    ),
    ...given(
      by === "session" ? undefined : session,
      (list): Condition => [amongSql("session_folded"), JSON.stringify(list.map(folded))],
    ),
    ...given(tag, (text): Condition => ["instr(tags_folded, ?) > 0", `\n${folded(text)}\n`]),
    ...(filter.includeSuperseded === true
      ? []
      : [["superseded_by IS NULL AND retracted_at IS NULL"] satisfies Condition]),
  ];
}

function given<Value>(value: Value | undefined, make: (value: Value) => Condition): readonly Condition[] {
  return value === undefined ? [] : [make(value)];
}

/** The `+` keeps the planner on the part's own index. */
function amongSql(column: string): string {
  return `+${column} IN (SELECT value FROM json_each(?))`;
}

function fromSql({ by }: Part, conditions: readonly Condition[]): string {
  return `events INDEXED BY ${ACCESS[by].index} WHERE ${conditions.map(([sql]) => sql).join(" AND ")}`;
}

interface EventsRead {
  readonly filter: EventFilter;
  readonly part: Part;
  readonly after: readonly string[];
  readonly limit: number;
}

function readEvents(db: Database, { filter, part, after, limit }: EventsRead): readonly Event[] {
  const { fields } = SHAPES.event;
  const conditions: readonly Condition[] = [
    ...conditionsOf(filter, part),
    [keysetSql(ORDER), ...keysetValues(within(filter, after))],
  ];
  const from = fromSql(part, conditions);
  const sql = `SELECT ${columnsOf(fields)} FROM ${from} ORDER BY ${orderSql(ORDER)} LIMIT ?`;
  const rows = db.prepare(sql).raw(...valuesOf(conditions), limit);
  return rows.map((row) => decodeRow<Event>(fields, row));
}

function countEvents(db: Database, filter: EventFilter, part: Part, limit: number): number {
  const upper: Condition = ["occurred_at < ?", filter.before ?? LAST];
  const conditions = [...conditionsOf(filter, part), upper];
  const sql = `SELECT count(*) FROM (SELECT 1 FROM ${fromSql(part, conditions)} LIMIT ?)`;
  return Number(db.prepare(sql).raw(...valuesOf(conditions), limit)[0]?.[0]);
}

function valuesOf(conditions: readonly Condition[]): readonly Bindable[] {
  return conditions.flatMap(([, ...values]) => values);
}

/** The upper bound of the filter as a key, so that one range of the index serves both. */
function within({ before }: EventFilter, after: readonly string[]): readonly string[] {
  const [occurredAt = LAST] = after;
  return before !== undefined && before <= occurredAt ? [before, ""] : after;
}
