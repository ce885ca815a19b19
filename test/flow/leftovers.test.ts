import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { RUN_MARK } from "../../lib/storage/neutral/leftovers.ts";
import { openBucketService } from "../helpers/bucket-service.ts";
import { makeCommandLine } from "../helpers/command-line.ts";
import { describeWithServer, newDatabase } from "../helpers/postgres.ts";

/** What three processes are called: one that was killed, one that works, and the killed one on another machine. */
function marks() {
  const ofProcess = (pid: number | undefined) => RUN_MARK.replace(/\d+$/, String(pid));
  const living = spawn(process.execPath, ["-e", "setInterval(() => undefined, 1000)"]);
  onTestFinished(() => void living.kill());
  const killed = ofProcess(spawnSync(process.execPath, ["-e", "0"]).pid);
  return { killed, living: ofProcess(living.pid), elsewhere: `not_${killed}` };
}

async function filled() {
  const cli = makeCommandLine();
  await cli.type(["record-event", "--type", "note", "--data", '{"text":"low tide"}']);
  const folder = cli.folderOf("project");
  const { path } = JSON.parse((await cli.type(["backup", "--output", "backups", "--json"])).out);
  return { ...cli, folder, backup: String(path), ...marks() };
}

const half = (folder: string, names: readonly string[]) => {
  mkdirSync(folder, { recursive: true });
  for (const name of names) writeFileSync(join(folder, name), "half");
};

it("an export removes what killed exports left in its folder, and nothing else", async () => {
  const { type, folder, killed, living, elsewhere } = await filled();
  const stay = [
    `a.jsonl.${living}.partial`,
    `a.jsonl.${elsewhere}.partial`,
    "my.partial",
    `notes.${killed}.txt`,
  ];
  half(folder, [...stay, `a.jsonl.${killed}.partial`, `b.jsonl.gz.${killed}.partial`]);
  expect((await type(["export-db", "--output", "a.jsonl"])).status).toBe(0);
  expect(readdirSync(folder).sort()).toEqual([...stay, "a.jsonl", "backups"].sort());
});

it("a backup removes what killed backups left in its folder", async () => {
  const { type, folder, killed, living, elsewhere } = await filled();
  const place = join(folder, "other");
  const stay = [`.partial-${living}-a.db`, `.partial-${elsewhere}-a.db`];
  half(place, [...stay, `.partial-${killed}-a.db`, `.partial-${killed}-a.db-journal`]);
  expect((await type(["backup", "--output", "other"])).status).toBe(0);
  expect(readdirSync(place).filter((name) => name.startsWith("."))).toEqual(stay.sort());
});

it("a restore removes what killed restores left, also of a process that had its own number", async () => {
  const { type, folder, backup, killed, living } = await filled();
  const gone = [`.restore-${killed}-b.db`, `.restore-${killed}-b.db-wal`, `.restore-${RUN_MARK}-a.db`];
  half(folder, [...gone, `.restore-${living}-a.db`]);
  expect((await type(["restore", backup, "--into", "a.db"])).status).toBe(0);
  expect(readdirSync(folder).filter((name) => name.startsWith("."))).toEqual([`.restore-${living}-a.db`]);
});

it("a restore with --force leaves the new store and the old one, and no journal", async () => {
  const { type, folder, backup } = await filled();
  for (const force of [[], ["--force"]])
    expect((await type(["restore", backup, "--into", "a.db", ...force])).status).toBe(0);
  expect(readdirSync(folder).sort()).toEqual([
    "a.db",
    expect.stringMatching(/^a\.db\.before-restore-\d{8}T\d{9}Z$/),
    "backups",
  ]);
});

it("a backup into a bucket removes the folders of killed ones at once, from this machine", async () => {
  const { type, env, killed, living, elsewhere } = await filled();
  const service = await openBucketService();
  const place = join(env.AIKNOWSYS_HOME, "backups");
  for (const mark of [killed, living, elsewhere]) half(join(place, `.bucket-${mark}-x1y2z3`), ["half.db"]);
  const sent = await type(["backup", "--output", "s3://depot/team"], { env: service.env });
  expect(sent).toMatchObject({ status: 0 });
  expect(readdirSync(place).sort()).toEqual(
    [living, elsewhere].map((mark) => `.bucket-${mark}-x1y2z3`).sort(),
  );
});

describeWithServer("a restore into PostgreSQL", () => {
  it("removes the copy that a killed one left", async () => {
    const database = await newDatabase();
    onTestFinished(() => database.drop());
    const { type, backup, killed } = await filled();
    const left = join(tmpdir(), `aiknowsys-restore-${killed}-x1y2z3`);
    half(left, ["knowledge.db"]);
    const place = ["--storage", "postgres", "--connection", database.url];
    expect((await type(["migrate", ...place])).status).toBe(0);
    expect((await type(["restore", backup, "--into", database.url])).status).toBe(0);
    expect(existsSync(left)).toBe(false);
    expect(readdirSync(tmpdir()).filter((name) => name.includes(`-restore-${RUN_MARK}-`))).toEqual([]);
  });
});
