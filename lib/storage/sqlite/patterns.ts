import type { StoredPattern } from "../../domain/document.ts";
import { folded } from "../../domain/folded.ts";
import type { ProjectId } from "../../domain/ids.ts";
import type { Pattern } from "../../domain/pattern.ts";
import type { PatternFilter, Patterns } from "../contract/rows.ts";
import { keysetSql, keysetValues, type Order, orderSql } from "../neutral/paging.ts";
import { columnsOf } from "../neutral/row-values.ts";
import { SHAPES } from "../neutral/shapes.ts";
import { openDocuments } from "./documents.ts";
import type { Bindable, Database } from "./driver.ts";
import { readPage } from "./paging.ts";
import { decodeRow, SCOPE } from "./rows.ts";
import type { Sync } from "./sync.ts";

const ORDER: readonly Order[] = [
  { column: "updated_at", descending: true },
  { column: "id", descending: false },
];

export function openPatterns(db: Database): Sync<Patterns> {
  return {
    ...openDocuments(db, "pattern", (row: StoredPattern) => row),
    query: (filter, request) =>
      readPage<Pattern, ProjectId>(
        {
          name: "patterns",
          order: ORDER,
          parts: filter.projects,
          keyOf: ({ updatedAt, id }) => [updatedAt, id],
          read: (project, after, limit) => readPatterns(db, { filter, project, after, limit }),
          count: (project, limit) => countPatterns(db, filter, project, limit),
        },
        request,
      ),
  };
}

const MATCHES = `
  ${SCOPE} AND deleted_at IS NULL
  AND category_folded = coalesce(?, category_folded)
  AND instr(triggers_folded, ?) > 0`;

function matchValues(filter: PatternFilter, project: ProjectId): readonly Bindable[] {
  const category = filter.category === undefined ? null : folded(filter.category);
  return [project, category, folded(filter.topic ?? "")];
}

interface PatternsRead {
  readonly filter: PatternFilter;
  readonly project: ProjectId;
  readonly after: readonly string[];
  readonly limit: number;
}

function readPatterns(db: Database, { filter, project, after, limit }: PatternsRead): readonly Pattern[] {
  const { fields } = SHAPES.pattern;
  const sql = `SELECT ${columnsOf(fields)} FROM patterns INDEXED BY patterns_updated
    WHERE ${MATCHES} AND ${keysetSql(ORDER)} ORDER BY ${orderSql(ORDER)} LIMIT ?`;
  const values = [...matchValues(filter, project), ...keysetValues(after), limit];
  const rows = db.prepare(sql).raw(...values);
  return rows.map((row) => decodeRow<Pattern>(fields, row));
}

function countPatterns(db: Database, filter: PatternFilter, project: ProjectId, limit: number): number {
  const sql = `SELECT count(*) FROM (SELECT 1 FROM patterns INDEXED BY patterns_updated WHERE ${MATCHES} LIMIT ?)`;
  return Number(db.prepare(sql).raw(...matchValues(filter, project), limit)[0]?.[0]);
}
