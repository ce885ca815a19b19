import type { StoredPattern } from "../../domain/document.ts";
import { folded } from "../../domain/folded.ts";
import type { Pattern } from "../../domain/pattern.ts";
import type { PatternFilter, Patterns } from "../contract/rows.ts";
import type { Order } from "../neutral/paging.ts";
import { columnsOf } from "../neutral/row-values.ts";
import { SHAPES } from "../neutral/shapes.ts";
import { openDocuments } from "./documents.ts";
import type { Client, Database } from "./driver.ts";
import { type Condition, given, readPage } from "./paging.ts";
import { decodeRow, SCOPE } from "./rows.ts";

const ORDER: readonly Order[] = [
  { column: "updated_at", descending: true },
  { column: "id", descending: false },
];

export function openPatterns(database: Database): Patterns {
  const { fields } = SHAPES.pattern;
  return {
    ...openDocuments(database, "pattern", async (_, rows: readonly StoredPattern[]) => rows),
    query: (filter, request) =>
      readPage<Pattern>(
        database,
        {
          name: "patterns",
          order: ORDER,
          table: "patterns",
          columns: columnsOf(fields),
          parts: (client) => filter.projects.map((project) => conditionsOf(client, filter, project)),
          keyOf: ({ updatedAt, id }) => [updatedAt, id],
          decode: (row) => decodeRow<Pattern>(fields, row),
        },
        request,
      ),
  };
}

function conditionsOf(client: Client, filter: PatternFilter, project: string): readonly Condition[] {
  return [
    [`${SCOPE} AND deleted_at IS NULL`, client.tenant, project],
    ...given(filter.category, (text): Condition => ["category_folded = ?", folded(text)]),
    ...given(filter.topic, (text): Condition => ["strpos(triggers_folded, ?) > 0", folded(text)]),
  ];
}
