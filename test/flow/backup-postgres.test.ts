import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makeCommandLine } from "../helpers/command-line.ts";
import { adminClient, describeWithServer, newDatabase, type TestDatabase } from "../helpers/postgres.ts";

let database: TestDatabase | undefined;
beforeEach(async () => {
  database = await newDatabase();
});
afterEach(() => database?.drop());

/** A command line on a database of its own; `migrated`: with the schema. */
function onPostgres() {
  const cli = makeCommandLine();
  const url = database?.url ?? "";
  const at = ["--storage", "postgres", "--connection", url];
  const json = async (args: readonly string[], where: readonly string[] = at) => {
    const { status, out } = await cli.type([...args, ...where, "--json"]);
    return { status, ...JSON.parse(out) };
  };
  const backups = join(cli.env.AIKNOWSYS_HOME, "backups");
  const ask = async (sql: string) => {
    const client = await adminClient(url);
    await client.query(sql).finally(() => client.end());
  };
  return { ...cli, url, json, backups, ask };
}

async function filled() {
  const cli = onPostgres();
  await cli.json(["migrate"]);
  await cli.json(["create-plan", "--title", "Build a lock"]);
  await cli.json(["record-event", "--type", "note", "--data", '{"text":"low tide"}']);
  return cli;
}

describeWithServer("backup and restore on PostgreSQL", () => {
  it("carry a tenant's rows into an empty store, into a SQLite file and back", async () => {
    const { json, backups, ask, folderOf } = await filled();
    const { path, rows, status } = await json(["backup"]);
    expect({ status, rows }).toMatchObject({ status: 0, rows: { plan: 1, event: 1 } });
    expect(path).toMatch(/aiknowsys-\d{8}T\d{9}Z-postgres-[0-9a-f]{8}-default\.jsonl\.gz$/);
    expect(readdirSync(backups)).toHaveLength(2);

    const drill = await json(["restore", path, "--into", "drill.db"]);
    expect(drill).toMatchObject({ status: 0, ok: true, failed: [] });
    const file = join(folderOf("project"), "drill.db");
    expect(await json(["verify", "--against", file])).toMatchObject({ status: 0, equal: true });
    const fromFile = await json(["backup"], ["--db", file]);

    expect(await json(["restore", path])).toMatchObject({ status: 4, error: { code: "conflict" } });
    for (const backup of [path, fromFile.path]) {
      await ask("DROP SCHEMA aiknowsys CASCADE");
      expect(await json(["restore", backup])).toMatchObject({
        status: 5,
        error: { code: "schema_mismatch" },
      });
      await json(["migrate"]);
      const restored = await json(["restore", backup]);
      expect(restored).toMatchObject({ status: 0, ok: true, failed: [], skipped: [] });
      expect(restored.into).not.toContain("://");
      expect(await json(["verify", "--against", file])).toMatchObject({ status: 0, equal: true });
    }
  });

  it("go into a tenant that is named, whatever engine the settings name", async () => {
    const { json, type, url } = await filled();
    const { path } = await json(["backup"]);
    await type(["tenant", "create", "other", "--storage", "postgres", "--connection", url]);
    const onSqlite = { env: { STORAGE_TYPE: "sqlite", POSTGRES_URL: "" } };
    const { status, out } = await type(
      ["restore", path, "--into", url, "--tenant", "other", "--json"],
      onSqlite,
    );
    expect({ status, ...JSON.parse(out) }).toMatchObject({ status: 0, ok: true, failed: [] });
    expect(await json(["query-plans", "--all-projects", "--tenant", "other"])).toMatchObject({ count: 1 });
  });

  it("replace what was changed since when told to, and tell what else stands there", async () => {
    const { json } = await filled();
    const { path } = await json(["backup"]);
    const { plans } = await json(["query-plans"]);
    await json(["update-plan", plans[0].ref, "--title", "Build two locks"]);
    await json(["create-plan", "--title", "Only here"]);
    expect(await json(["restore", path])).toMatchObject({ status: 4 });
    expect(await json(["restore", path, "--force"])).toMatchObject({ ok: true, status: 0 });
    const titles = (await json(["query-plans"])).plans.map(({ title }: { title: string }) => title);
    expect(titles.sort()).toEqual(["Build a lock", "Only here"]);
  });

  it("refuse a damaged backup before anything is written", async () => {
    const { json, ask } = await filled();
    const { path } = await json(["backup"]);
    const whole = readFileSync(path);
    await ask("DROP SCHEMA aiknowsys CASCADE");
    await json(["migrate"]);
    for (const place of [0, 4, Math.floor(whole.length / 2), whole.length - 1]) {
      const bytes = Buffer.from(whole);
      bytes[place] = (bytes[place] ?? 0) ^ 1;
      writeFileSync(path, bytes);
      expect(await json(["restore", path])).toMatchObject({ status: 5, error: { code: "corrupt" } });
    }
    writeFileSync(path, whole);
    // Into an empty store only: nothing was written before.
    expect(await json(["restore", path])).toMatchObject({ status: 0 });
  });
});

/** A store that has only the first migration, and a project with a plan. */
async function older() {
  const cli = onPostgres();
  await cli.json(["migrate", "--to", "1"]);
  await cli.ask(`
    INSERT INTO aiknowsys.projects (tenant_id, id, ref, name, name_folded, created_at)
    SELECT id, '018e0000-0000-7000-8000-000000000001', 'prj_aaaaaaaa', 'Pier', 'pier', '2026-03-01T12:00:00Z'
    FROM aiknowsys.tenants WHERE name = 'default'`);
  return cli;
}

describeWithServer("a change of PostgreSQL's schema", () => {
  it("is preceded by a backup of every tenant that has rows, which restores into the new schema", async () => {
    const { json, backups, ask } = await older();
    await ask(`
      INSERT INTO aiknowsys.tenants (id, name, created_at) VALUES
        ('5d7b1c1e-0000-4000-8000-00000000000a', 'harbour', now()), ('5d7b1c1e-0000-4000-8000-00000000000b', 'quarry', now());
      INSERT INTO aiknowsys.projects (tenant_id, id, ref, name, name_folded, created_at)
      VALUES ('5d7b1c1e-0000-4000-8000-00000000000a', '018e0000-0000-7000-8000-000000000002', 'prj_bbbbbbbb', 'Quay', 'quay', now())`);
    expect(await json(["migrate", "--dry-run"])).toMatchObject({ status: 0 });
    expect(() => readdirSync(backups)).toThrow();
    expect(await json(["migrate"])).toMatchObject({ status: 0, from: 1 });
    const names = readdirSync(backups).sort();
    expect(names.filter((name) => name.endsWith(".gz")).map((name) => name.replace(/.*-/, ""))).toEqual([
      "default.jsonl.gz",
      "harbour.jsonl.gz",
    ]);
    const backup = join(backups, String(names.find((name) => name.endsWith("default.jsonl.gz"))));
    const text = gunzipSync(readFileSync(backup)).toString();
    expect(text).toContain('"name":"Pier"');
    expect(text).not.toContain('"name":"Quay"');
    expect(await json(["verify", "--against", backup])).toMatchObject({ status: 0, equal: true });
    await json(["migrate"]);
    expect(readdirSync(backups)).toEqual(names);
  });

  it("does not come when the backup fails, but comes when told to do without", async () => {
    const { json, backups, env } = await older();
    mkdirSync(env.AIKNOWSYS_HOME, { recursive: true });
    writeFileSync(backups, "in the way");
    expect(await json(["migrate"])).toMatchObject({
      status: 5,
      error: {
        message: expect.stringMatching(/^The schema was not changed, .*\.$/),
        hint: expect.stringContaining("--no-backup"),
      },
    });
    expect(await json(["migrate", "--dry-run"])).toMatchObject({ from: 1 });
    expect(await json(["migrate", "--no-backup"])).toMatchObject({ status: 0, from: 1 });
    expect(readFileSync(backups, "utf8")).toBe("in the way");
  });
});
