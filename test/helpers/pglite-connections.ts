import type { Results } from "@electric-sql/pglite";
import type { Connections, Lent, RawRow } from "../../lib/storage/postgres/driver.ts";
import { READ_OIDS, readerOf } from "../../lib/storage/postgres/types.ts";
import { newPglite } from "./postgres.ts";

/** PostgreSQL in this process as a pool of one: whoever borrows it keeps the others waiting. */
export async function openPglite(): Promise<Connections> {
  const lite = await newPglite();
  const parsers = Object.fromEntries(READ_OIDS.map((oid) => [oid, readerOf(oid)]));
  let free: Promise<void> = Promise.resolve();
  return {
    location: "pglite",
    most: 1,
    figures: () => ({ total: 1, idle: 0, waiting: 0 }),
    close: () => lite.close(),
    lend: async (): Promise<Lent> => {
      const before = free;
      let release: () => void = () => undefined;
      free = new Promise((resolve) => {
        release = resolve;
      });
      await before;
      return {
        script: async (sql) => void (await lite.exec(sql)),
        answers: async (sql) => (await lite.exec(sql, { rowMode: "array", parsers })).map(rowsOf),
        query: async (sql, values) => {
          const result = await lite.query<unknown[]>(sql, [...values], { rowMode: "array", parsers });
          return { rows: result.rows, count: Math.max(result.affectedRows ?? 0, result.rows.length) };
        },
        // A pool throws a broken connection away, and the server ends its transaction: here is no other one.
        release: (broken) => {
          if (!broken) return release();
          void lite
            .exec("ROLLBACK")
            .then(() => lite.exec("DISCARD ALL"))
            .finally(release);
        },
      };
    },
  };
}

function rowsOf({ rows }: Results): readonly RawRow[] {
  // SAFETY: rowMode "array" makes rows lists.
  return rows as unknown as readonly RawRow[];
}
