import { SCHEMA } from "../../lib/storage/postgres/roles.ts";
import type { Connection } from "../../lib/storage/sqlite/connection.ts";
import type { Ask } from "./postgres-snapshot.ts";

/**
 * What of a schema must have its counterpart in the other dialect, each by a name that says what it is (`column
 * plans.slug`), with what it holds in words that both dialects can say; and all else, whose absence on the other side
 * needs a reason.
 */
export type Shape = ReadonlyMap<string, string>;

/** A column's type in words of the other dialect: SQLite keeps most values as text or whole numbers. */
const KINDS: Readonly<Record<string, string>> = {
  integer: "INTEGER",
  bigint: "INTEGER",
  boolean: "INTEGER",
  "double precision": "REAL",
  bytea: "BLOB",
  vector: "BLOB",
  text: "TEXT",
  uuid: "TEXT",
  date: "TEXT",
  json: "TEXT",
  "timestamp(3) with time zone": "TEXT",
};

export async function postgresShape(ask: Ask): Promise<Shape> {
  const mine = `c.relnamespace = '${SCHEMA}'::regnamespace`;
  const tables = `${mine} AND c.relkind IN ('r', 'p') AND NOT c.relispartition`;
  const columns = await ask(
    `SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE ${tables} AND a.attnum > 0 AND NOT a.attisdropped`,
  );
  const keys = await ask(
    `SELECT c.relname, k.contype, k.conname, ${namesOf("k.conkey", "c.oid")}, f.relname, ${namesOf("k.confkey", "f.oid")}
     FROM pg_class c JOIN pg_constraint k ON k.conrelid = c.oid AND k.conparentid = 0
     LEFT JOIN pg_class f ON f.oid = k.confrelid WHERE ${tables} AND k.contype IN ('p', 'u', 'f')`,
  );
  const checks = await ask(
    `SELECT k.conname, pg_get_constraintdef(k.oid) FROM pg_class c JOIN pg_constraint k ON k.conrelid = c.oid
     WHERE ${tables} AND k.contype = 'c'`,
  );
  const others = await ask(
    `SELECT DISTINCT 'partitions ' || i.inhparent::regclass::text, '' FROM pg_class c
       JOIN pg_inherits i ON i.inhrelid = c.oid WHERE ${mine} AND c.relkind = 'r'
     UNION ALL SELECT 'view ' || c.relname, '' FROM pg_class c WHERE ${mine} AND c.relkind IN ('v', 'm')
     UNION ALL SELECT 'index ' || x.relname, CASE WHEN i.indisunique THEN 'unique' ELSE '' END FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid
       JOIN pg_class x ON x.oid = i.indexrelid WHERE ${mine} AND NOT x.relispartition
       AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = x.oid AND k.conrelid = c.oid)
     UNION ALL SELECT 'trigger ' || g.tgname, '' FROM pg_class c JOIN pg_trigger g ON g.tgrelid = c.oid
       WHERE ${mine} AND NOT g.tgisinternal
     UNION ALL SELECT DISTINCT 'policy ' || p.polname, '' FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid WHERE ${mine}
     UNION ALL SELECT 'routine ' || p.proname, '' FROM pg_proc p WHERE p.pronamespace = '${SCHEMA}'::regnamespace`,
  );
  return new Map([
    ...columns.map(([table]): [string, string] => [`table ${String(table)}`, ""]),
    ...columns.map(([table, name, type, isNeeded]): [string, string] => [
      `column ${String(table)}.${String(name)}`,
      holding(KINDS[String(type)] ?? String(type), isNeeded === true),
    ]),
    ...keys.map(([table, type, name, from, target, to]): [string, string] => {
      if (type === "u") return [`unique key ${String(name)}`, `${String(table)} (${String(from)})`];
      const start = `${type === "p" ? "primary" : "foreign"} key ${String(table)} (${String(from)})`;
      return [start, type === "p" ? "" : `${String(target)} (${String(to)})`];
    }),
    ...checks.map(([name, text]): [string, string] => [`check ${String(name)}`, wordsIn(text)]),
    ...others.map(([name, holds]): [string, string] => [String(name), String(holds)]),
  ]);
}

function namesOf(list: string, table: string): string {
  return `(SELECT string_agg(n.attname, ', ' ORDER BY u.i) FROM unnest(${list}) WITH ORDINALITY u(no, i)
    JOIN pg_attribute n ON n.attrelid = ${table} AND n.attnum = u.no)`;
}

export function sqliteShape(db: Connection["db"]): Shape {
  const ask = (sql: string, ...values: readonly string[]) => db.prepare(sql).raw(...values);
  const shape = new Map<string, string>();
  const objects = ask(
    "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
  );
  for (const [type, name, sql] of objects) {
    const isUnique = String(sql).startsWith("CREATE UNIQUE");
    shape.set(`${String(type)} ${String(name)}`, isUnique ? "unique" : "");
    if (type !== "table") continue;
    const source = { table: String(name), sql: String(sql) };
    addColumns(shape, ask, source);
    addNamed(shape, source);
    addForeign(shape, ask, source);
  }
  return shape;
}

type Rows = (sql: string, ...values: readonly string[]) => Iterable<readonly unknown[]>;

interface TableSource {
  readonly table: string;
  readonly sql: string;
}

function addColumns(shape: Map<string, string>, ask: Rows, { table }: TableSource): void {
  const primary: [number, string][] = [];
  for (const [name, type, isNeeded, place] of ask(
    'SELECT name, type, "notnull", pk FROM pragma_table_info(?)',
    table,
  )) {
    shape.set(`column ${table}.${String(name)}`, holding(String(type), isNeeded === 1 || Number(place) > 0));
    if (Number(place) > 0) primary.push([Number(place), String(name)]);
  }
  const ordered = primary.sort(([a], [b]) => a - b).map(([, name]) => name);
  if (ordered.length > 0) shape.set(`primary key ${table} (${ordered.join(", ")})`, "");
}

/** SQLite keeps names of constraints only in the statement that made the table. */
function addNamed(shape: Map<string, string>, { table, sql }: TableSource): void {
  for (const [, name = "", type, own] of sql.matchAll(
    /CONSTRAINT (\w+)\s+(UNIQUE|CHECK)(?: ?\(([\w, ]+)\))?/g,
  )) {
    // Beside a column the key is that column.
    const column = new RegExp(`(\\w+) \\w+[^,]* CONSTRAINT ${name} UNIQUE`).exec(sql)?.[1];
    if (type === "UNIQUE") shape.set(`unique key ${name}`, `${table} (${own ?? column ?? ""})`);
    else
      shape.set(
        `check ${name}`,
        wordsIn(balanced(sql.slice(sql.search(new RegExp(`CONSTRAINT ${name}\\s`))))),
      );
  }
}

function addForeign(shape: Map<string, string>, ask: Rows, { table }: TableSource): void {
  const keys = new Map<unknown, { from: string[]; to: string[]; target: string }>();
  for (const [id, target, from, to] of ask(
    'SELECT id, "table", "from", "to" FROM pragma_foreign_key_list(?) ORDER BY id, seq',
    table,
  )) {
    const key = keys.get(id) ?? { from: [], to: [], target: String(target) };
    key.from.push(String(from));
    key.to.push(String(to));
    keys.set(id, key);
  }
  for (const { from, to, target } of keys.values())
    shape.set(`foreign key ${table} (${from.join(", ")})`, `${target} (${to.join(", ")})`);
}

function holding(type: string, isNeeded: boolean): string {
  return `${type}${isNeeded ? " NOT NULL" : ""}`;
}

/** The words and numbers that a CHECK compares with, in order; patterns and operators are each dialect's own. */
function wordsIn(check: unknown): string {
  return [...String(check).matchAll(/'(\w+)'|\b(\d+)\b/g)]
    .map(([, word, number]) => word ?? number)
    .join(" ");
}

/** From the first bracket of a text to the one that closes it. */
function balanced(text: string): string {
  let depth = 0;
  for (let i = text.indexOf("("); i < text.length; i++) {
    if (text[i] === "(") depth += 1;
    if (text[i] === ")") depth -= 1;
    if (depth === 0) return text.slice(text.indexOf("("), i + 1);
  }
  return text;
}
