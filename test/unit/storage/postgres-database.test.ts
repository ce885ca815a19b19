import { describe, expect, it } from "vitest";
import { openDatabase } from "../../../lib/storage/postgres/database.ts";
import type { Connections, Lent } from "../../../lib/storage/postgres/driver.ts";

const TENANT = "01890000-0000-7000-8000-000000000001";

/** A server that notes what is sent and answers when the test says so; `refuse` names what it refuses. */
function slowServer(refuse?: RegExp) {
  const sent: string[] = [];
  let answer: () => void = () => undefined;
  const answering = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const asked = async <Answer>(sql: string, rows: Answer): Promise<Answer> => {
    sent.push(/^\w+/.exec(sql)?.[0] ?? "");
    await answering;
    if (refuse?.test(sql) === true) throw new Error(`refused: ${sql.slice(0, 20)}`);
    return rows;
  };
  const lent: Lent = {
    script: (sql) => asked(sql, undefined),
    answers: (sql) => asked(sql, []),
    query: (sql) => asked(sql, { rows: [["a row"]], count: 1 }),
    release: (broken) => void sent.push(broken ? "broken" : "released"),
  };
  const connections: Connections = {
    ...{ location: "here", most: 1, lend: async () => lent, close: async () => undefined },
    figures: () => ({ total: 1, idle: 0, waiting: 0 }),
  };
  const access = { role: "aiknowsys_app", tenant: TENANT, projects: "all" } as const;
  const database = openDatabase({ connections, access, searchPath: ["aiknowsys"] });
  return { database, sent, answer: () => answer() };
}

/** Lets everything run that waits for nothing but this process. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe("a transaction that reads", () => {
  it("sends its beginning, its only statement and its end before any is answered", async () => {
    const { database, sent, answer } = slowServer();
    const rows = database.read((client) => client.last("SELECT 1"));
    await turn();
    expect(sent).toEqual(["BEGIN", "SELECT", "COMMIT"]);
    answer();
    expect(await rows).toEqual([["a row"]]);
    expect(sent).toEqual(["BEGIN", "SELECT", "COMMIT", "released"]);
  });

  it("gives nobody what was read behind a beginning that failed", async () => {
    const { database, sent, answer } = slowServer(/^BEGIN/);
    const given: unknown[] = [];
    const read = database.read(async (client) => void given.push(await client.rows("SELECT 1")));
    const last = database.read(async (client) => void given.push(await client.last("SELECT 1")));
    const nothing = database.read(async () => void given.push("done"));
    answer();
    for (const reading of [read, last, nothing]) await expect(reading).rejects.toThrow();
    expect(given).toEqual(["done"]);
    expect(sent.filter((word) => word === "BEGIN")).toHaveLength(3);
  });
});

describe("a transaction that writes", () => {
  it("sends nothing before it has begun, and ends only after its work", async () => {
    const { database, sent, answer } = slowServer();
    const written = database.write(async (client) => {
      await client.last("SELECT 1");
      return client.run("INSERT");
    });
    await turn();
    expect(sent).toEqual(["BEGIN"]);
    answer();
    expect(await written).toBe(1);
    expect(sent).toEqual(["BEGIN", "SELECT", "INSERT", "COMMIT", "released"]);
  });

  it("sends no statement when it cannot begin", async () => {
    const { database, sent, answer } = slowServer(/^BEGIN/);
    const written = database.write((client) => client.run("INSERT"));
    answer();
    await expect(written).rejects.toThrow();
    expect(sent).toEqual(["BEGIN", "ROLLBACK", "released"]);
  });
});
