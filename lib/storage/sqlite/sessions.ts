import type { StoredSession } from "../../domain/document.ts";
import { folded } from "../../domain/folded.ts";
import type { ProjectId } from "../../domain/ids.ts";
import type { Session } from "../../domain/session.ts";
import { SESSION_STATUSES } from "../../domain/vocabulary.ts";
import type { SessionFilter, Sessions } from "../contract/rows.ts";
import { keysetSql, keysetValues, type Order, orderSql } from "../neutral/paging.ts";
import { columnsOf } from "../neutral/row-values.ts";
import { SHAPES } from "../neutral/shapes.ts";
import { openDocuments } from "./documents.ts";
import type { Bindable, Database } from "./driver.ts";
import { readPage } from "./paging.ts";
import { decodeRow, LAST, SCOPE } from "./rows.ts";
import type { Sync } from "./sync.ts";

const ORDER: readonly Order[] = [
  { column: "date", descending: true },
  { column: "updated_at", descending: true },
  { column: "id", descending: false },
];

export function openSessions(db: Database): Sync<Sessions> {
  return {
    ...openDocuments(db, "session", (row: StoredSession) => row),
    query: (filter, request) =>
      readPage<Session, ProjectId>(
        {
          name: "sessions",
          order: ORDER,
          parts: filter.projects,
          keyOf: ({ date, updatedAt, id }) => [date, updatedAt, id],
          read: (project, after, limit) => readSessions(db, { filter, project, after, limit }),
          count: (project, limit) => countSessions(db, filter, project, limit),
        },
        request,
      ),
  };
}

const MATCHES = `
  ${SCOPE} AND deleted_at IS NULL
  AND date >= ? AND date <= ?
  AND status IN (SELECT value FROM json_each(?))
  AND plan_folded IN (SELECT value FROM json_each(coalesce(?, json_array(plan_folded))))
  AND instr(topics_folded, ?) > 0`;

function matchValues(filter: SessionFilter, project: ProjectId): readonly Bindable[] {
  const { date, dateAfter = "", dateBefore = LAST } = filter;
  return [
    project,
    date !== undefined && date > dateAfter ? date : dateAfter,
    date !== undefined && date < dateBefore ? date : dateBefore,
    JSON.stringify(filter.statuses ?? SESSION_STATUSES),
    filter.plan === undefined ? null : JSON.stringify(filter.plan.map(folded)),
    folded(filter.topic ?? ""),
  ];
}

interface SessionsRead {
  readonly filter: SessionFilter;
  readonly project: ProjectId;
  readonly after: readonly string[];
  readonly limit: number;
}

function readSessions(db: Database, { filter, project, after, limit }: SessionsRead): readonly Session[] {
  const { fields } = SHAPES.session;
  const sql = `SELECT ${columnsOf(fields)} FROM sessions INDEXED BY sessions_date
    WHERE ${MATCHES} AND ${keysetSql(ORDER)} ORDER BY ${orderSql(ORDER)} LIMIT ?`;
  const values = [...matchValues(filter, project), ...keysetValues(after), limit];
  const rows = db.prepare(sql).raw(...values);
  return rows.map((row) => decodeRow<Session>(fields, row));
}

function countSessions(db: Database, filter: SessionFilter, project: ProjectId, limit: number): number {
  const sql = `SELECT count(*) FROM (SELECT 1 FROM sessions INDEXED BY sessions_date WHERE ${MATCHES} LIMIT ?)`;
  return Number(db.prepare(sql).raw(...matchValues(filter, project), limit)[0]?.[0]);
}
