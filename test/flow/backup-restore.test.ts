import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeCommandLine } from "../helpers/command-line.ts";
import { startNode } from "../helpers/node-process.ts";

/** A store with some documents, and what to do with it. */
async function filled() {
  const cli = makeCommandLine();
  cli.put("project/docs/PLAN_pier.md", "---\nstatus: ACTIVE\n---\n# Build a pier\n\nStart at the wall.\n");
  await cli.type(["index", "--no-embed"]);
  await cli.type(["record-event", "--type", "note", "--data", '{"text":"low tide"}']);
  const json = async (args: readonly string[], options = {}) => {
    const { status, out } = await cli.type([...args, "--json"], options);
    return { status, ...JSON.parse(out) };
  };
  const lock = (await json(["create-plan", "--title", "Build a lock"])).ref;
  const store = join(cli.env.AIKNOWSYS_HOME, "knowledge.db");
  const backups = join(cli.env.AIKNOWSYS_HOME, "backups");
  const at = (name: string) => join(cli.folderOf("project"), name);
  return { ...cli, json, lock, store, backups, at };
}

/** Changes one byte of a file into another. */
function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] ?? 0) ^ 0x20;
  writeFileSync(path, bytes);
}

describe("backup of a SQLite store", () => {
  it("makes a checked copy for its owner alone, with a checksum beside it, that is equal by verify", async () => {
    const { json, backups } = await filled();
    const report = await json(["backup"]);
    expect(report).toMatchObject({ status: 0, ok: true, rows: { plans: 2, events: 1 }, deleted: [] });
    expect(report.path).toMatch(/backups\/aiknowsys-\d{8}T\d{9}Z-sqlite-[0-9a-f]{8}\.db$/);
    const names = readdirSync(backups).sort();
    expect(names).toHaveLength(2);
    for (const name of names) expect(statSync(join(backups, name)).mode & 0o777).toBe(0o600);
    expect(statSync(backups).mode & 0o777).toBe(0o700);
    expect(readFileSync(`${report.path}.sha256`, "utf8")).toBe(`${report.sha256}  ${names[0]}\n`);
    expect(await json(["verify", "--against", report.path])).toMatchObject({ status: 0, equal: true });
  });

  it("keeps as many as asked, and never deletes what it did not write", async () => {
    const { json, put, backups } = await filled();
    const [first, second] = [await json(["backup"]), await json(["backup"])];
    const foreign = [
      "notes.db",
      "aiknowsys-20200101T000000000Z-sqlite-00000000.db",
      // As ours are named, but nothing says that `backup` wrote it.
      first.path.replace(/.*aiknowsys-\d{8}/, "aiknowsys-20200101"),
    ];
    for (const name of foreign) put(`home/backups/${name}`, "not ours");
    await json(["restore", first.path, "--into", "other.db"]);
    const other = await json(["backup", "--db", "other.db"]);
    const third = await json(["backup", "--keep", "2"]);
    expect(third).toMatchObject({ status: 0, deleted: [first.path], warnings: [] });
    const left = readdirSync(backups);
    for (const name of [...foreign, second.path, third.path, other.path].map((path) =>
      path.replace(/.*\//, ""),
    ))
      expect(left).toContain(name);
    expect(left).toHaveLength(foreign.length + 6);
  });

  it("leaves older backups and no half one when the new one fails", async () => {
    const { type, json, store, backups } = await filled();
    const { path } = await json(["backup"]);
    flip(store, 0);
    const failed = await json(["backup", "--keep", "1"]);
    expect(failed).toMatchObject({ status: 5, error: { code: "corrupt" } });
    expect(readdirSync(backups).sort()).toEqual(
      [path, `${path}.sha256`].map((one) => one.replace(/.*\//, "")),
    );
    const { status, err } = await type(["backup", "--keep", "0"]);
    expect({ status, err }).toEqual({ status: 2, err: expect.stringContaining("--keep") });
  });

  it("says in one sentence where it cannot write", async () => {
    const { json, at, put } = await filled();
    put("project/file", "in the way");
    expect(await json(["backup", "--output", at("file/below")])).toMatchObject({
      status: 5,
      error: { code: "unavailable", message: expect.stringContaining("No backup can be written in") },
    });
  });
});

describe("restore into a SQLite file", () => {
  it("brings everything back into another file, once", async () => {
    const { json, at } = await filled();
    const { path } = await json(["backup"]);
    const restored = await json(["restore", path, "--into", "drill.db"]);
    expect(restored).toMatchObject({ status: 0, ok: true, into: at("drill.db"), failed: [] });
    expect(statSync(at("drill.db")).mode & 0o777).toBe(0o600);
    expect(await json(["verify", "--against", "drill.db"])).toMatchObject({ status: 0, equal: true });
    expect(await json(["doctor", "--db", "drill.db"])).toMatchObject({ status: 0, ok: true });
    const before = readFileSync(at("drill.db"));
    const again = await json(["restore", path, "--into", "drill.db"]);
    expect(again).toMatchObject({ status: 4, error: { code: "conflict" } });
    expect(readFileSync(at("drill.db")).equals(before)).toBe(true);
  });

  it("keeps the store that stood there, with what was in its side files, when told to replace it", async () => {
    const { json, type, lock, store } = await filled();
    const { path } = await json(["backup"]);
    await type(["update-plan", lock, "--title", "Build two locks"]);
    expect(await json(["restore", path])).toMatchObject({ status: 4 });
    const title = async (db: string) => (await json(["show", lock, "--db", db])).title;
    expect(await title(store)).toBe("Build two locks");
    const { status, kept } = await json(["restore", path, "--force"]);
    expect({ status, kept }).toEqual({
      status: 0,
      kept: expect.stringContaining("knowledge.db.before-restore-"),
    });
    expect(await title(store)).toBe("Build a lock");
    expect(await title(kept)).toBe("Build two locks");
  });

  it("replaces a store that is damaged beyond opening, side files too", async () => {
    const { json, store } = await filled();
    const { path } = await json(["backup"]);
    writeFileSync(store, "this is no store any more, and longer than a header of SQLite");
    writeFileSync(`${store}-wal`, "left over");
    const { status, kept } = await json(["restore", path, "--force"]);
    expect(status).toBe(0);
    expect(readFileSync(`${kept}-wal`, "utf8")).toBe("left over");
    expect(await json(["verify", "--against", path])).toMatchObject({ status: 0, equal: true });
  });

  it("does not replace a store that another process has open, though it does nothing with it", async () => {
    const { json, store } = await filled();
    const { path } = await json(["backup"]);
    const holder = startNode(
      `const { SqliteStorage } = await dist("lib/storage/sqlite/adapter.js");
       const storage = await SqliteStorage.open({ file: args[0], thread: "inline" });
       console.log("open");
       process.stdin.resume(); setInterval(() => {}, 1000);`,
      [store],
    );
    await expect.poll(holder.output, { timeout: 20_000 }).toContain("open");
    const before = readFileSync(store);
    expect(await json(["restore", path, "--force"])).toMatchObject({
      status: 5,
      error: { code: "unavailable", message: expect.stringContaining("in use by another process") },
    });
    expect(readFileSync(store).equals(before)).toBe(true);
    expect(readdirSync(join(store, "..")).filter((name) => name.includes("restore"))).toEqual([]);
    holder.child.kill("SIGKILL");
    await holder.ended;
    expect(await json(["restore", path, "--force"])).toMatchObject({ status: 0 });
  });

  it("refuses a backup of which any byte was changed, and one whose checksum was", async () => {
    const { json, at, backups } = await filled();
    const { path, bytes } = await json(["backup"]);
    const places = [0, 18, 100, 8_191, 8_192, Math.floor(bytes / 2), bytes - 1];
    const refused = async (file: string, place: number) => {
      flip(file, place);
      expect(await json(["restore", path, "--into", "drill.db"]), `byte ${place} of ${file}`).toMatchObject({
        status: 5,
        error: {
          code: "corrupt",
          message: expect.stringMatching(/^The (backup|checksum) \S+ is damaged[^.\n]*\.$/),
        },
      });
      flip(file, place);
    };
    for (const place of places) await refused(path, place);
    const checksum = `${path}.sha256`;
    for (let place = 0; place < statSync(checksum).size; place++) await refused(checksum, place);
    expect(existsSync(at("drill.db"))).toBe(false);
    expect(readdirSync(backups)).toHaveLength(2);
    expect(await json(["restore", path, "--into", "drill.db"])).toMatchObject({ status: 0 });
  });

  it("refuses what has no checksum, and what is not there", async () => {
    const { json, put, at } = await filled();
    put("project/export.jsonl.gz", "x");
    expect(await json(["restore", at("export.jsonl.gz")])).toMatchObject({ status: 4 });
    expect(await json(["restore", "export.jsonl.gz", "--into", "drill.db"])).toMatchObject({
      status: 5,
      error: { code: "corrupt", hint: expect.stringContaining("import-db") },
    });
    expect(await json(["restore", "nothing.db", "--into", "drill.db"])).toMatchObject({ status: 3 });
  });
});
