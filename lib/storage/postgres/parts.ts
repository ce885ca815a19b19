import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "../contract/upkeep.ts";
import { schemaFolder } from "../migrate.ts";
import type { Client } from "./driver.ts";
import { SCHEMA } from "./roles.ts";

/** What of a store's schema is not there any more, though migrations made it. */
export interface MissingParts {
  readonly findings: readonly Finding[];
  /** Whether nothing else can be asked of the store: a table, a column or a function is gone. */
  readonly isUnusable: boolean;
}

/** Compares the database's catalogue with the snapshot that the package holds of its schema. */
export async function findMissingParts(client: Client): Promise<MissingParts> {
  const there = new Set((await client.rows(PARTS)).map(([part]) => String(part)));
  const gone = partsOf(readFileSync(join(schemaFolder("postgres"), "snapshot.sql"), "utf8")).filter(
    (part) => !there.has(part),
  );
  const tables = gone.flatMap((part) => (part.startsWith("table ") ? [` ${part.slice(6)}.`] : []));
  const named = gone.filter((part) => !tables.some((table) => part.includes(table)));
  return {
    findings: named.map((part) => ({
      severity: "error",
      what: `The schema lacks its ${part}.`,
      advice: `Restore a backup, or let the schema's owner make the ${part.split(" ")[0]} again as schema/postgres/snapshot.sql has it.`,
    })),
    isUnusable: gone.some((part) => /^(?:table|column|function) /.test(part)),
  };
}

/** Names of the parts in the text of a snapshot, as {@link PARTS} names them. */
export function partsOf(snapshot: string): readonly string[] {
  const parts: string[] = [];
  let table: string | undefined;
  for (const line of snapshot.split("\n")) {
    const opening = /^CREATE TABLE (\w+)( \($)?/.exec(line);
    if (opening !== null) {
      parts.push(`table ${opening[1]}`);
      table = opening[2] === undefined ? undefined : opening[1];
    } else if (line.startsWith(")")) table = undefined;
    else parts.push(...partOfLine(line, table));
  }
  return parts;
}

function partOfLine(line: string, table: string | undefined): readonly string[] {
  if (table !== undefined) {
    const [, constraint, column] = /^ {2}(?:CONSTRAINT (\w+)|(\w+)) /.exec(line) ?? [];
    return constraint === undefined ? [`column ${table}.${column}`] : [`constraint ${table}.${constraint}`];
  }
  const [, index, of] = /^CREATE (?:UNIQUE )?INDEX (\w+) ON (?:ONLY )?(\w+) /.exec(line) ?? [];
  if (index !== undefined) return [`index ${of}.${index}`];
  const [, name] = /^CREATE OR REPLACE (?:FUNCTION|PROCEDURE) (\w+)\(/.exec(line) ?? [];
  return name === undefined ? [] : [`function ${name}`];
}

const WHOLE = `c.relnamespace = '${SCHEMA}'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition`;

/** The parts that a database has. Indexes of keys come with their constraints; one that is not valid serves nothing. */
export const PARTS = `
  SELECT 'table ' || relname FROM pg_class WHERE relnamespace = '${SCHEMA}'::regnamespace AND relkind IN ('r', 'p')
  UNION ALL SELECT 'column ' || c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE ${WHOLE} AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL SELECT 'constraint ' || c.relname || '.' || k.conname FROM pg_class c JOIN pg_constraint k ON k.conrelid = c.oid
    WHERE ${WHOLE} AND k.contype IN ('p', 'u', 'f', 'c', 'x') AND k.conparentid = 0
  UNION ALL SELECT 'index ' || c.relname || '.' || x.relname FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid
    JOIN pg_class x ON x.oid = i.indexrelid
    WHERE ${WHOLE} AND i.indisvalid AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid
      AND k.conrelid = c.oid)
  UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = '${SCHEMA}'::regnamespace`;
