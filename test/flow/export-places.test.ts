import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { makeCommandLine } from "../helpers/command-line.ts";

async function filled() {
  const cli = makeCommandLine();
  await cli.type(["record-event", "--type", "note", "--data", '{"text":"low tide"}']);
  const json = async (args: readonly string[], options = {}) => {
    const { status, out } = await cli.type([...args, "--json"], options);
    return { status, ...JSON.parse(out) };
  };
  const at = (name: string) => join(cli.folderOf("project"), name);
  return { ...cli, json, at, store: join(cli.env.AIKNOWSYS_HOME, "knowledge.db") };
}

const CONFLICT = { status: 4, error: { code: "conflict" } };

it.each([
  ["export-db", "--output"],
  ["audit", "--export"],
])("%s replaces no database, whatever it is told, not even by a link", async (...args) => {
  const { json, at, store } = await filled();
  await json(["backup", "--output", at("backups")]);
  await json(["export-db", "--output", "a.jsonl"]);
  await json(["import-db", "--input", "a.jsonl", "--db", "other.db"]);
  symlinkSync(store, at("link.jsonl"));
  const before = readFileSync(store);
  for (const path of [store, `${store}-wal`, `${store}-shm`, "link.jsonl", "other.db"])
    for (const force of [[], ["--force"]]) {
      if (path.endsWith("-wal") || path.endsWith("-shm")) writeFileSync(path, "");
      expect(await json([...args, path, ...force])).toMatchObject({
        ...CONFLICT,
        error: { message: expect.stringContaining("is a SQLite database") },
      });
    }
  expect(readFileSync(store).equals(before)).toBe(true);
  expect(await json(["query-events", "--db", "other.db", "--all-projects"])).toMatchObject({ count: 1 });
});

it.each([
  ["export-db", "--output"],
  ["audit", "--export"],
])("%s replaces its own, packed or not, and another file only with --force", async (...args) => {
  const { json, at, put } = await filled();
  for (const name of ["a.jsonl", "a.jsonl.gz"]) {
    expect(await json([...args, name])).toMatchObject({ status: 0 });
    expect(await json([...args, name])).toMatchObject({ status: 0, bytes: statSync(at(name)).size });
  }
  put("project/empty", "");
  expect(await json([...args, "empty"])).toMatchObject({ status: 0 });
  for (const [name, text] of [
    ["thesis.txt", "Three years of work\n"],
    ["long.txt", "x".repeat(3_000_000)],
    ["torn.gz", "no gzip"],
  ] as const) {
    put(`project/${name}`, text);
    expect(await json([...args, name])).toMatchObject({
      ...CONFLICT,
      error: { hint: expect.stringContaining("--force") },
    });
    expect(readFileSync(at(name), "utf8")).toBe(text);
    expect(await json([...args, name, "--force"])).toMatchObject({ status: 0 });
  }
  expect(await json([...args, "."])).toMatchObject({ status: 2, error: { code: "invalid_input" } });
});

it("goes by links and into pipes, and leaves both as they are", async () => {
  const { json, at } = await filled();
  await json(["export-db", "--output", "a.jsonl"]);
  const whole = readFileSync(at("a.jsonl"), "utf8");
  writeFileSync(at("target.jsonl"), "");
  for (const name of ["target", "new"]) {
    symlinkSync(`${name}.jsonl`, at(`${name}-link`));
    expect(await json(["export-db", "--output", `${name}-link`])).toMatchObject({ status: 0 });
    expect(lstatSync(at(`${name}-link`)).isSymbolicLink()).toBe(true);
    expect(readFileSync(at(`${name}.jsonl`), "utf8")).toBe(whole);
  }
  execFileSync("mkfifo", [at("pipe")]);
  const [report, read] = await Promise.all([
    json(["export-db", "--output", "pipe"]),
    readFile(at("pipe"), "utf8"),
  ]);
  expect(report).toMatchObject({ status: 0, bytes: Buffer.byteLength(whole) });
  expect(read).toBe(whole);
  expect(lstatSync(at("pipe")).isFIFO()).toBe(true);
  expect(existsSync(at(`pipe.${process.pid}.partial`))).toBe(false);
});
