import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openDriver } from "../../lib/storage/sqlite/driver-choice.ts";
import { makeCommandLine } from "../helpers/command-line.ts";

async function filled() {
  const cli = makeCommandLine();
  const created = await cli.type(["create-plan", "--title", "Build a pier", "--json"]);
  const json = async (args: readonly string[], options = {}) => {
    const { status, out } = await cli.type([...args, "--json"], options);
    return { status, ...JSON.parse(out) };
  };
  const at = (name: string) => join(cli.folderOf("project"), name);
  return { ...cli, json, at, plan: String(JSON.parse(created.out).id) };
}

/** A database of another program, closed. */
function musicShop(file: string): void {
  const db = openDriver(file, { readonly: false, busyTimeoutMs: 1_000 });
  db.exec(
    "CREATE TABLE albums (id INTEGER PRIMARY KEY, title TEXT); CREATE INDEX by_title ON albums (title)",
  );
  db.exec("INSERT INTO albums (title) VALUES ('Balls to the Wall')");
  db.close();
}

it("another program's database is refused by one sentence and stays as it is, byte for byte", async () => {
  const { json, at, folderOf } = await filled();
  folderOf("project");
  musicShop(at("music.db"));
  const before = readFileSync(at("music.db"));
  for (const args of [
    ["status", "--db", "music.db"],
    ["query-plans", "--db", "music.db"],
    ["export-db", "--db", "music.db", "--output", "a.jsonl"],
    ["verify", "--against", "music.db"],
  ])
    expect(await json(args)).toMatchObject({
      status: 5,
      error: {
        code: "corrupt",
        message: `${at("music.db")} is a SQLite database of another program.`,
        hint: expect.stringContaining("import-from"),
      },
    });
  expect(readFileSync(at("music.db")).equals(before)).toBe(true);
  expect(readdirSync(at("."))).toEqual(["music.db"]);
});

it("export-db and verify do not make the store that they are to read", async () => {
  const { json, at } = await filled();
  await json(["export-db", "--output", "a.jsonl"]);
  for (const args of [
    ["export-db", "--output", "b.jsonl"],
    ["verify", "--against", "a.jsonl"],
  ])
    expect(await json([...args, "--db", "typo.db"])).toMatchObject({
      status: 5,
      error: { message: `There is no store at ${at("typo.db")}.` },
    });
  expect(readdirSync(at("."))).toEqual(["a.jsonl"]);
});

it("restore refuses an address that is none, a folder, and the backup itself", async () => {
  const { json, at } = await filled();
  const { path } = await json(["backup"]);
  const before = readFileSync(path);
  expect(await json(["restore", path, "--into", "s3://bucket/name"])).toMatchObject({
    status: 2,
    error: { code: "invalid_input", field: "into", message: expect.stringContaining("address of s3") },
  });
  expect(existsSync(at("s3:"))).toBe(false);
  mkdirSync(at("folder"));
  expect(await json(["restore", path, "--into", "folder", "--force"])).toMatchObject({
    status: 2,
    error: { code: "invalid_input", field: "into", message: expect.stringContaining("is a folder") },
  });
  symlinkSync(path, at("link.db"));
  for (const into of [path, at("link.db"), `${path}.sha256`])
    expect(await json(["restore", path, "--into", into, "--force"])).toMatchObject({
      status: 4,
      error: { code: "conflict", message: expect.stringContaining("cannot be restored into itself") },
    });
  expect(readFileSync(path).equals(before)).toBe(true);
  expect(await json(["restore", path, "--into", "drill.db"])).toMatchObject({ status: 0 });
});

it("restore --force goes by a link, and leaves it", async () => {
  const { json, at } = await filled();
  const { path } = await json(["backup"]);
  await json(["restore", path, "--into", "there.db"]);
  symlinkSync("there.db", at("link.db"));
  const report = await json(["restore", path, "--into", "link.db", "--force"]);
  expect(report).toMatchObject({ status: 0, into: at("there.db") });
  expect(lstatSync(at("link.db")).isSymbolicLink()).toBe(true);
  expect(existsSync(report.kept)).toBe(true);
});

it("verify says in words what differs", async () => {
  const { json, type, plan } = await filled();
  await json(["export-db", "--output", "a.jsonl"]);
  await json(["update-plan", plan, "--title", "Build two piers"]);
  expect((await type(["verify", "--against", "a.jsonl"])).out).toMatch(/ differs in content, contentHash, /);
});
