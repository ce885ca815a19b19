import { execFileSync } from "node:child_process";
import { lstatSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as zlib from "node:zlib";
import { expect, it } from "vitest";
import { run } from "../../lib/cli/run.ts";
import { findOutputPlace } from "../../lib/knowledge/output-place.ts";
import { makeCommandLine } from "../helpers/command-line.ts";
import { fakeDoor } from "../unit/cli/fake-door.ts";

const { gunzipSync } = zlib;

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
  const [ownHeader = ""] = readFileSync(at("a.jsonl"), "utf8").split("\n");
  put("project/empty", "");
  expect(await json([...args, "empty"])).toMatchObject({ status: 0 });
  for (const [name, text] of [
    ["thesis.txt", "Three years of work\n"],
    ["long.txt", JSON.stringify({ ...JSON.parse(ownHeader), x: "x".repeat(3_000_000) })],
    ["foreign.jsonl", '{"record":"header","product":"another"}\n'],
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
  // Looked at, not written: without the guard root would replace it.
  expect(await findOutputPlace("/dev/null", { isOwn: () => false })).toMatchObject({ isStream: true });
  execFileSync("mkfifo", [at("pipe")]);
  const [report, read] = await Promise.all([
    json(["export-db", "--output", "pipe"]),
    readFile(at("pipe"), "utf8"),
  ]);
  expect(report).toMatchObject({ status: 0, bytes: Buffer.byteLength(whole) });
  expect(read).toBe(whole);
  expect(lstatSync(at("pipe")).isFIFO()).toBe(true);
  expect(readdirSync(at(".")).filter((name) => name.endsWith(".partial"))).toEqual([]);
});

it("export-db writes into standard output and import-db reads standard input where a file is named -", async () => {
  const { json, type, at, folderOf } = await filled();
  await json(["export-db", "--output", "a.jsonl.gz"]);
  const packed = readFileSync(at("a.jsonl.gz"));
  const whole = gunzipSync(packed).toString("utf8");
  const { status, out, err } = await type(["export-db", "--output", "-"]);
  expect({ status, out }).toEqual({ status: 0, out: whole });
  expect(err).toMatch(/^Wrote \d+ records to - /);
  expect((await type(["export-db", "--output", "-", "--quiet"])).err).toBe("");
  for (const args of [
    ["export-db", "--output", "-"],
    ["audit", "--export", "-"],
  ])
    expect(await json(args)).toMatchObject({ status: 2, error: { hint: expect.stringContaining("--json") } });
  const audit = await type(["audit", "--export", "-"]);
  expect(audit.out.split("\n")).toContainEqual('{"record":"audit","version":1}');
  const other = (name: string) => ({ env: { AIKNOWSYS_HOME: folderOf(name) } });
  // As a pipe hands them over: a byte at first, then more.
  const inPieces = (bytes: Buffer) => [bytes.subarray(0, 1), bytes.subarray(1, 90), bytes.subarray(90)];
  for (const [name, stdin] of [
    ["plain", inPieces(Buffer.from(whole))],
    ["packed", inPieces(packed)],
  ] as const) {
    const read = await json(["import-db", "--input", "-"], { ...other(name), stdin });
    expect(read).toMatchObject({ status: 0, ok: true, input: "Standard input", failed: [] });
    expect(read.done).toBeGreaterThan(3);
  }
  expect(await json(["import-db", "--input", "-"], other("none"))).toMatchObject({
    status: 2,
    error: { message: "Standard input is no export of AIKnowSys: its first line is no header." },
  });
  expect(readdirSync(at(".")).sort()).toEqual(["a.jsonl.gz"]);
});

it("ends with 5 when nobody reads what is written into standard output any more", async () => {
  const { env, folderOf } = await filled();
  const { door, said } = fakeDoor({ cwd: folderOf("project"), env });
  const closed = Object.assign(new Error("write EPIPE"), { code: "EPIPE" });
  const write = (_: string, done?: (error: Error) => void) => {
    done?.(closed);
    return false;
  };
  expect(await run(["export-db", "--output", "-"], { ...door, stdout: { write } })).toBe(5);
  expect(said.err).toContain("Standard output cannot be written (EPIPE).");
});

it.each([
  ["export-db", "--output", "--json"],
  ["export-db", "--output", "a.jsonl", "--db", "--quiet"],
  ["import-db", "--input", "--dry-run"],
  ["restore", "a.db", "--into", "--force"],
  ["verify", "--against", "--json"],
])("takes no option for the name of a file: %s %s %s", async (...args) => {
  const { type, at } = await filled();
  const { status, err, out } = await type(args);
  expect(status).toBe(2);
  expect(`${out}${err}`).toMatch(/needs a value; --(json|quiet|dry-run|force) is an option/);
  expect(readdirSync(at("."))).toEqual([]);
});

it("packs by the ending in capitals too, and reads what is packed whatever its ending is", async () => {
  const { json, at, folderOf } = await filled();
  await json(["export-db", "--output", "a.jsonl"]);
  expect(await json(["export-db", "--output", "A.GZ"])).toMatchObject({ status: 0 });
  expect(gunzipSync(readFileSync(at("A.GZ"))).equals(readFileSync(at("a.jsonl")))).toBe(true);
  writeFileSync(at("packed.jsonl"), readFileSync(at("A.GZ")));
  writeFileSync(at("plain.gz"), readFileSync(at("a.jsonl")));
  for (const name of ["packed.jsonl", "plain.gz"]) {
    expect(await json(["verify", "--against", name])).toMatchObject({ status: 0, equal: true });
    const env = { AIKNOWSYS_HOME: folderOf(`home of ${name}`) };
    expect(await json(["import-db", "--input", name], { env })).toMatchObject({ status: 0, ok: true });
    expect(await json(["export-db", "--output", name])).toMatchObject({ status: 0 });
  }
  const zstd = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0]);
  writeFileSync(at("b.jsonl"), zstd);
  // Newer versions of Node.js have zstd, and say that this is damaged.
  expect((await json(["import-db", "--input", "b.jsonl"])).error.message).toMatch(/zstd|unpacked/);
  for (const name of ["a.ZST", "a.zst"])
    expect((await json(["export-db", "--output", name])).error?.code).toBe(
      "createZstdCompress" in zlib ? undefined : "unsupported",
    );
});
