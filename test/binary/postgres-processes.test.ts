import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { expect, it, onTestFinished } from "vitest";
import { loadMigrations } from "../../lib/storage/migrate.ts";
import { adminClient, describeWithServer, newDatabase } from "../helpers/postgres.ts";
import { makePlace, PROGRAM } from "./cli-program.ts";

const names = loadMigrations("postgres").map(({ name }) => name);

async function emptyStore() {
  const { url, drop } = await newDatabase();
  onTestFinished(drop);
  const place = makePlace();
  const env = { STORAGE_TYPE: "postgres", POSTGRES_URL: url };
  /** The program with the address in its environment, as a process that is not waited for. */
  const start = async (args: readonly string[]) => {
    const child = spawn(process.execPath, [PROGRAM, "--json", ...args], {
      ...{ cwd: place.project, env: { ...place.env, ...env }, stdio: ["ignore", "pipe", "pipe"] },
    });
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    const [status, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    return { status, stdout, stderr };
  };
  const applied = async () => {
    const client = await adminClient(url);
    const there = await client.query(
      "SELECT to_regclass('aiknowsys.schema_migrations') IS NOT NULL AS there",
    );
    const sql = "SELECT name FROM aiknowsys.schema_migrations ORDER BY version";
    const found = there.rows[0]?.there === true ? (await client.query(sql)).rows.map(({ name }) => name) : [];
    await client.end();
    return found;
  };
  const json = (args: readonly string[]) => place.json(args, { env });
  return { start, applied, json };
}

describeWithServer("the program on an empty PostgreSQL database", () => {
  it("is started 20 times at once to migrate: each migration is applied once, and all succeed", async () => {
    const { start, applied, json } = await emptyStore();
    const runs = await Promise.all(Array.from({ length: 20 }, () => start(["migrate"])));
    for (const { status, stderr } of runs) expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const reports = runs.map(({ stdout }) => JSON.parse(stdout));
    expect(reports.flatMap((report) => report.applied).sort()).toEqual(names);
    expect(reports.map(({ to }) => to)).toEqual(runs.map(() => names.length));
    expect(await applied()).toEqual(names);
    expect(json(["query-plans"])).toMatchObject({ status: 0, body: { count: 0 } });
  }, 180_000);

  it("says what migrating would do, and goes as far as it is told", async () => {
    const { applied, json } = await emptyStore();
    expect(json(["migrate", "--dry-run"]).body).toMatchObject({ from: 0, to: names.length, applied: names });
    expect(await applied()).toEqual([]);
    expect(json(["migrate", "--to", "1"]).body).toMatchObject({ from: 0, to: 1, applied: names.slice(0, 1) });
    expect(await applied()).toEqual(names.slice(0, 1));
    expect(json(["migrate", "--to", "99"])).toMatchObject({ status: 2, body: { error: { field: "to" } } });
    expect(json(["migrate"]).body).toMatchObject({ from: 1, applied: names.slice(1) });
  }, 60_000);

  it("refuses to work until it is migrated, with what to do, and changes nothing", async () => {
    const { applied, json } = await emptyStore();
    const { status, body } = json(["query-plans"]);
    expect(body.error).toMatchObject({ code: "schema_mismatch", hint: expect.stringContaining("migrate") });
    expect(status).toBe(5);
    expect(await applied()).toEqual([]);
  }, 60_000);
});
