import { existsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { makeCommandLine } from "../helpers/command-line.ts";
import { makeDatabase, traceOf } from "../helpers/peer-database.ts";

const SCHEMA = `
  CREATE TABLE projects (id TEXT PRIMARY KEY, name TEXT, path TEXT, created_at TEXT, updated_at TEXT);
  CREATE TABLE plans (id TEXT PRIMARY KEY, project_id TEXT, title TEXT, status TEXT, author TEXT, priority TEXT,
    type TEXT, description TEXT, content TEXT, topics JSON, created_at TEXT, updated_at TEXT);
  CREATE TABLE sessions (id TEXT PRIMARY KEY, project_id TEXT, date TEXT, topic TEXT, status TEXT, plan_id TEXT,
    duration TEXT, content TEXT, topics JSON, phases JSON, created_at TEXT, updated_at TEXT);
  CREATE TABLE patterns (id INTEGER PRIMARY KEY, category TEXT, title TEXT, content TEXT, tags JSON,
    source_project_id TEXT, applied_count INTEGER, created_at TEXT);`;

const PLAN = {
  id: "harbour_wall",
  project_id: "default",
  title: "Rebuild the harbour wall",
  status: "IN PROGRESS",
  author: "mika",
  priority: "high",
  type: "refactor",
  description: null,
  content: "# Rebuild the harbour wall\n\nStart at low tide.\n",
  topics: '["harbour","stone"]',
  created_at: "2026-02-08",
  updated_at: "2026-02-08 20:00",
};

const PROJECTS = [{ id: "default", name: "Harbour", path: null, created_at: "", updated_at: "" }];

function opened() {
  const cli = makeCommandLine();
  const file = join(cli.folderOf("old/.aiknowsys"), "knowledge.db");
  const json = async (args: readonly string[]) => {
    const { status, out } = await cli.type([...args, "--json"]);
    return { status, ...JSON.parse(out) };
  };
  const take = (...more: readonly string[]) => json(["import-from", "aiknowsys-0.10", file, ...more]);
  return { ...cli, file, json, take };
}

describe("import-from aiknowsys-0.10", () => {
  it("takes plans, sessions and patterns of a database once, and says where they came from", async () => {
    const { file, take, json } = opened();
    makeDatabase(file, SCHEMA, {
      projects: PROJECTS,
      plans: [
        PLAN,
        {
          ...PLAN,
          id: "learned_tiderules",
          title: "seamanship",
          type: "learned-pattern",
          description: "Pattern from learned/tide-rules.md",
          content: "Wait for the tide.",
          status: "COMPLETE",
        },
      ],
      sessions: [
        {
          id: "2026-02-09",
          project_id: "default",
          date: "2026-02-09",
          topic: "Untitled",
          status: "in-progress",
          plan_id: "harbour_wall",
          duration: "1h 30m",
          content: "# A day at the wall\n",
          topics: "stone, mortar",
          created_at: "2026-02-09T08:00:00Z",
          updated_at: 1770652800,
        },
      ],
      patterns: [
        {
          category: "workaround",
          title: "Wet mortar",
          content: "Cover it.",
          tags: "[]",
          created_at: "8 Feb 2026",
        },
      ],
    });
    const before = traceOf(dirname(file));
    expect(await take()).toMatchObject({
      status: 0,
      ok: true,
      found: 4,
      done: 4,
      kinds: { plan: { done: 1 }, session: { done: 1 }, pattern: { done: 2 } },
      warnings: [],
    });
    expect(await json(["show", "PLAN_harbour_wall", "--detail", "full"])).toMatchObject({
      title: "Rebuild the harbour wall",
      status: "ACTIVE",
      statusText: "IN PROGRESS",
      priority: "high",
      type: "refactor",
      author: "mika",
      topics: ["harbour", "stone"],
      source: "store",
      createdAt: "2026-02-08T00:00:00.000Z",
      updatedAt: "2026-02-08T20:00:00.000Z",
      content: expect.stringMatching(/imported_from: aiknowsys-0\.10\noriginal_id: plans\/harbour_wall\n/),
    });
    const { sessions } = await json(["query-sessions", "--plan", "PLAN_harbour_wall"]);
    expect(sessions).toMatchObject([
      {
        title: "A day at the wall",
        date: "2026-02-09",
        status: "active",
        durationMinutes: 90,
        topics: ["stone", "mortar"],
        updatedAt: "2026-02-09T16:00:00.000Z",
      },
    ]);
    const { patterns } = await json(["query-patterns"]);
    expect(patterns).toMatchObject([
      { title: "Tide rules", category: "seamanship", slug: "tide_rules" },
      { title: "Wet mortar", category: "workaround", createdAt: "2026-02-08T00:00:00.000Z" },
    ]);
    expect(await take()).toMatchObject({ status: 0, found: 4, done: 0, unchanged: 4 });
    expect(traceOf(dirname(file))).toEqual(before);
  });

  it("writes nothing in a dry run, not even the project", async () => {
    const { file, take, json } = opened();
    makeDatabase(file, SCHEMA, { plans: [PLAN] });
    expect(await take("--dry-run")).toMatchObject({ status: 0, dryRun: true, found: 1, done: 1 });
    expect(await json(["query-plans", "--all-projects"])).toMatchObject({ count: 0 });
    expect(await json(["project", "list"])).toMatchObject({ projects: [] });
  });

  it("reads what a program that still runs has written and not yet merged, and touches none of its files", async () => {
    const { file, take } = opened();
    makeDatabase(file, SCHEMA, {}, "journal_mode = WAL");
    const running = new Database(file);
    running.pragma("wal_autocheckpoint = 0");
    running
      .prepare("INSERT INTO plans (id, title, status, content) VALUES ('a', 'From the log', 'ACTIVE', 'x')")
      .run();
    expect(existsSync(`${file}-wal`)).toBe(true);
    const before = traceOf(dirname(file));
    expect(await take()).toMatchObject({ status: 0, done: 1 });
    expect(traceOf(dirname(file))).toEqual(before);
    running.close();
  });

  it.each([
    ["nothing there", undefined, 3],
    ["no database", "# a plan\n".repeat(2_000), 2],
    ["an empty file", "", 2],
  ])("says so where there is %s", async (_, content, status) => {
    const { file, type } = opened();
    if (content !== undefined) writeFileSync(file, content);
    const { status: given, err } = await type(["import-from", "aiknowsys-0.10", file]);
    expect(given).toBe(status);
    expect(err).toContain(file);
  });
});
