import type { StoredSession } from "../../domain/document.ts";
import { folded } from "../../domain/folded.ts";
import type { Session } from "../../domain/session.ts";
import type { SessionFilter, Sessions } from "../contract/rows.ts";
import type { Order } from "../neutral/paging.ts";
import { columnsOf } from "../neutral/row-values.ts";
import { SHAPES } from "../neutral/shapes.ts";
import { openDocuments } from "./documents.ts";
import type { Client, Database } from "./driver.ts";
import { type Condition, given, readPage } from "./paging.ts";
import { decodeRow, SCOPE } from "./rows.ts";

const ORDER: readonly Order[] = [
  { column: "date", descending: true },
  { column: "updated_at", descending: true },
  { column: "id", descending: false },
];

export function openSessions(database: Database): Sessions {
  const { fields } = SHAPES.session;
  return {
    ...openDocuments(database, "session", async (_, rows: readonly StoredSession[]) => rows),
    query: (filter, request) =>
      readPage<Session>(
        database,
        {
          name: "sessions",
          order: ORDER,
          table: "sessions",
          columns: columnsOf(fields),
          parts: (client) => filter.projects.map((project) => conditionsOf(client, filter, project)),
          keyOf: ({ date, updatedAt, id }) => [date, updatedAt, id],
          decode: (row) => decodeRow<Session>(fields, row),
        },
        request,
      ),
  };
}

function conditionsOf(client: Client, filter: SessionFilter, project: string): readonly Condition[] {
  return [
    [`${SCOPE} AND deleted_at IS NULL`, client.tenant, project],
    ...given(filter.date, (day): Condition => ["date = ?", day]),
    ...given(filter.dateAfter, (day): Condition => ["date >= ?", day]),
    ...given(filter.dateBefore, (day): Condition => ["date <= ?", day]),
    ...given(filter.statuses, (list): Condition => ["status = ANY (?)", list]),
    ...given(filter.plan, (names): Condition => ["plan_folded = ANY (?)", names.map(folded)]),
    ...given(filter.topic, (text): Condition => ["strpos(topics_folded, ?) > 0", folded(text)]),
  ];
}
