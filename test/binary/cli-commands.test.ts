import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makePlace } from "./cli-program.ts";

const PLAN = `---
title: Rework the login
status: active
topics: [auth]
---

# Rework the login

- [ ] rotate tokens

## Decisions

Sessions live in a cookie.
`;

describe("the program", () => {
  it("says its version and its commands", () => {
    const { run } = makePlace();
    expect(run(["--version"]).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(run(["--help"])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("semantic-search, search"),
    });
    expect(run(["help", "show"]).stdout).toContain("Usage: aiknowsys show");
    expect(run([])).toMatchObject({ status: 2, stdout: "" });
  });

  it("has help with an example for every command", () => {
    const { run } = makePlace();
    const help = run(["--help"]).stdout;
    const names = [...help.matchAll(/^ {2}([a-z][a-z-]+)(?:, [a-z-]+)? {2,}\S/gm)].flatMap(
      ([, name]) => name ?? [],
    );
    expect(names.length).toBeGreaterThan(20);
    for (const name of names.filter((each) => each !== "mcp")) {
      const { status, stdout } = run([name, "--help"]);
      expect(status, name).toBe(0);
      expect(stdout, name).toMatch(/Examples:\n {2}aiknowsys /);
    }
  });
});

describe("reading a folder", () => {
  it("indexes it, reports every file, and the second time changes nothing", () => {
    const { put, json, run } = makePlace();
    put("plans/PLAN_login.md", PLAN);
    put("sessions/2026-02-14-session.md", "# A day\n\nFound the leak.\n");
    put("learned/wal.md", "# Set busy_timeout first\n\nElse the pragma fails.\n");
    const first = json(["index"]);
    expect(first).toMatchObject({
      status: 0,
      body: { ok: true, found: 3, indexed: 3, unchanged: 0, skipped: 0, failed: 0 },
    });
    expect(json(["rebuild-index"]).body).toMatchObject({ indexed: 0, unchanged: 3 });
    expect(run(["index"]).stdout).toMatch(/^Found 3 files: 0 indexed, 3 unchanged, 0 skipped, 0 failed/);
  });

  it("reads a folder that is named, with globs that say what is what", () => {
    const { put, json } = makePlace();
    put("notes/rfcs/one.md", "# One\n");
    put("notes/log/day.md", "# Day\n");
    const { body } = json(["index", "notes", "--plans", "rfcs/*.md", "--sessions", "log/*.md"]);
    expect(body).toMatchObject({ plansIndexed: 1, sessionsIndexed: 1 });
  });

  it("names each file that it could not use, and says so in the status only when one failed", () => {
    const { put, run } = makePlace();
    put("plans/good.md", PLAN);
    put("plans/broken.md", "---\ntitle: [unclosed\n---\n# Still here\n");
    const { status, stderr } = run(["index"]);
    expect(status).toBe(0);
    expect(stderr).toContain("plans/broken.md");
  });
});

describe("remembering and finding again", () => {
  it("makes plans, sessions, patterns and events, and finds them by words", () => {
    const { run, json } = makePlace();
    expect(
      run(["create-plan", "--title", "Move the cellar", "--content", "# Move the cellar\n\nPumps first."])
        .stdout,
    ).toMatch(/^Created pln_[a-z2-7]{8} PLAN_move_the_cellar: Move the cellar \(revision 1\)\n$/);
    const session = json([
      "create-session",
      "--title",
      "Pumping",
      "--date",
      "2026-02-14",
      "--plan",
      "PLAN_move_the_cellar",
    ]).body;
    expect(session).toMatchObject({ date: "2026-02-14", plan: expect.stringMatching(/^pln_/) });
    const event = json([
      "record-event",
      "--type",
      "decision-made",
      "--data",
      '{"decision":"Two pumps"}',
      "--tags",
      "water,cellar",
    ]).body;
    expect(event).toMatchObject({ type: "decision_made", summary: "Two pumps", tags: ["water", "cellar"] });
    expect(
      json(["learn", "--title", "Check valves", "--content", "Before pumping.", "--triggers", "pump"]).status,
    ).toBe(0);

    expect(json(["query-plans", "--status", "planned"]).body).toMatchObject({
      count: 1,
      plans: [{ title: "Move the cellar" }],
    });
    expect(json(["query-sessions", "--date", "2026-02-14"]).body).toMatchObject({ count: 1 });
    expect(json(["query-events", "--tag", "water"]).body).toMatchObject({
      count: 1,
      events: [{ ref: event.ref }],
    });
    expect(json(["query-patterns", "--topic", "valves"]).body).toMatchObject({ count: 1 });
    const found = json(["search", "which", "pumps", "--mode", "text"]).body;
    expect(found.results.map(({ title }: { title: string }) => title)).toContain("Two pumps");
    expect(run(["query-plans"]).stdout).toMatch(
      /^REF +STATUS +UPDATED +TITLE\npln_\S+ +PLANNED +\d{4}-\d\d-\d\d +Move the cellar\n$/,
    );
    expect(run(["search", "pumps"]).stdout).toContain("Move the cellar");
  });

  it("takes texts as they are and gives them back as they were", () => {
    const { run, json, put } = makePlace();
    const text = "# T\r\n\r\n$& $1 $$ \\n `x` \"q\" 'q' — ünïcödé 漢字\t|\r\n";
    put("plan.md", text);
    for (const [title, args, input] of [
      ["a", ["--content", text], ""],
      ["b", ["--file", "plan.md"], ""],
      ["c", ["-"], text],
    ] as const) {
      const plan = json(["create-plan", "--title", title, ...args], { input }).body;
      expect(json(["show", plan.ref]).body.content, title).toBe(text);
      expect(run(["show", plan.ref]).stdout, title).toContain(text);
    }
  });

  it("changes a section and nothing else", () => {
    const { json } = makePlace();
    const { ref } = json(["create-plan", "--title", "T", "-"], {
      input: "# T\n\n## A\n\none\n\n## B\n\ntwo\n",
    }).body;
    json(["update-plan", ref, "--section", "A", "--append", "- $1 more"]);
    const plan = json(
      ["update-plan", ref, "--status", "active", "--section", "B", "--replace-section", "-"],
      { input: "three" },
    );
    expect(plan.body).toMatchObject({ status: "ACTIVE", revision: 3 });
    const { content } = json(["show", ref]).body;
    expect(content).toContain("one");
    expect(content).toContain("- $1 more");
    expect(content).toContain("three");
    expect(content).not.toContain("two");
  });

  it("adds to the latest session", () => {
    const { json } = makePlace();
    json(["create-session", "--title", "Now"]);
    const { body } = json([
      "update-session",
      "latest",
      "--append",
      "done",
      "--add-file",
      "a.ts",
      "--add-file",
      "b.ts",
      "--status",
      "complete",
    ]);
    expect(body).toMatchObject({ title: "Now", status: "complete", files: ["a.ts", "b.ts"], revision: 2 });
  });

  it("leaves secrets out unless told otherwise, and says so", () => {
    const { run, json } = makePlace();
    const secret = `ghp_${"a1B2".repeat(9)}`;
    const { stderr } = run(["create-plan", "--title", "Keys", "--content", `token ${secret}`]);
    expect(stderr).toContain("--no-redact");
    expect(json(["show", "PLAN_keys"]).body.content).not.toContain(secret);
    const kept = json(["create-plan", "--title", "Kept", "--content", `token ${secret}`, "--no-redact"]).body;
    expect(json(["show", kept.ref]).body.content).toContain(secret);
  });

  it("takes an event back, tells a row's history, and deletes it", () => {
    const { run, json } = makePlace();
    const { ref } = json(["record-event", "--type", "note", "--data", '{"text":"wrong"}']).body;
    expect(json(["retract", ref, "--why", "measured badly"]).body).toMatchObject({
      retractedWhy: "measured badly",
    });
    expect(json(["query-events"]).body.count).toBe(0);
    expect(json(["query-events", "--include-superseded"]).body.count).toBe(1);
    const { entries } = json(["history", ref]).body;
    expect(entries.map(({ operation }: { operation: string }) => operation)).toEqual(["create", "retract"]);
    const plan = json(["create-plan", "--title", "Gone"]).body;
    expect(run(["delete", plan.ref])).toMatchObject({
      status: 0,
      stdout: `Deleted plan ${plan.ref}: Gone\n`,
    });
    expect(run(["show", plan.ref]).status).toBe(3);
  });

  it("tells where work stands", () => {
    const { run, json } = makePlace();
    json([
      "create-plan",
      "--title",
      "Login",
      "--status",
      "active",
      "--content",
      "# Login\n\n- [ ] rotate tokens\n- [x] done\n",
    ]);
    const { body } = json(["resume"]);
    expect(body).toMatchObject({ activePlans: [{ title: "Login" }], openTasks: [{ task: "rotate tokens" }] });
    expect(run(["resume"]).stdout).toContain("Open tasks\n");
  });
});

describe("looking after the store", () => {
  it("tells its state, checks it and keeps its schema", () => {
    const { run, json } = makePlace();
    json(["create-plan", "--title", "One"]);
    expect(json(["status"]).body).toMatchObject({
      version: expect.any(String),
      project: { counts: { plans: 1 } },
    });
    expect(run(["status"]).stdout).toContain("holds          1 plan, 0 sessions, 0 patterns, 0 events\n");
    expect(json(["doctor"])).toMatchObject({ status: 0, body: { ok: true } });
    expect(json(["doctor", "--fix"])).toMatchObject({ status: 0, body: { ok: true } });
    expect(json(["migrate", "--dry-run"]).body).toMatchObject({ applied: [] });
  });

  it("works in a project that is named, and in all of them", () => {
    const { run, json, folder } = makePlace();
    json(["create-plan", "--title", "Here"]);
    expect(json(["query-plans", "--project", "project"], { cwd: folder }).body.count).toBe(1);
    expect(json(["query-plans", "--all-projects"], { cwd: folder }).body.count).toBe(1);
    expect(run(["query-plans"], { cwd: folder })).toMatchObject({
      status: 0,
      stdout: "",
      stderr: "This folder is not indexed yet: run `aiknowsys index`.\n",
    });
  });
});

describe("init", () => {
  it("registers, indexes and connects the clients that are named, twice with the same end", () => {
    const { put, json, project } = makePlace();
    put("plans/PLAN_login.md", PLAN);
    put(".cursor/mcp.json", '{ "mcpServers": { "other": { "command": "x" } } }\n');
    const first = json(["init", "--client", "claude-code,cursor"]);
    expect(first).toMatchObject({
      status: 0,
      body: {
        ok: true,
        project: { name: "project" },
        index: { indexed: 1 },
        clients: [{ action: "create" }, { action: "update" }],
      },
    });
    expect(JSON.parse(readFileSync(join(project, ".cursor/mcp.json"), "utf8")).mcpServers).toMatchObject({
      other: { command: "x" },
      aiknowsys: { args: expect.arrayContaining(["mcp"]) },
    });
    expect(existsSync(join(project, ".cursor/mcp.json.bak"))).toBe(true);
    expect(json(["init", "--client", "claude-code,cursor"]).body).toMatchObject({
      index: { indexed: 0, unchanged: 1 },
      clients: [{ action: "unchanged" }, { action: "unchanged" }],
    });
  });

  it("writes nothing with --dry-run", () => {
    const { run, project, home } = makePlace();
    const { status, stdout } = run(["init", "--client", "claude-code", "--dry-run"]);
    expect(status).toBe(0);
    expect(stdout).toContain("would create");
    expect(existsSync(join(project, ".mcp.json"))).toBe(false);
    expect(existsSync(join(home, "store"))).toBe(false);
  });

  it("says how to connect a client when it finds none", () => {
    expect(makePlace().run(["init"]).stdout).toContain("aiknowsys init --client claude-code");
  });

  it("gives the lines for a file that it cannot change safely, and status 6", () => {
    const { put, run, project } = makePlace();
    put(".mcp.json", "{ // mine\n}");
    const { status, stdout } = run(["init", "--client", "claude-code"]);
    expect(status).toBe(6);
    expect(stdout).toContain("Add this yourself:");
    expect(readFileSync(join(project, ".mcp.json"), "utf8")).toBe("{ // mine\n}");
  });

  it("shares one project between copies of a folder with --write-id", () => {
    const { json, project, folder } = makePlace();
    const { body } = json(["init", "--write-id"]);
    expect(JSON.parse(readFileSync(join(project, ".aiknowsys/config.json"), "utf8"))).toEqual({
      projectId: body.project.id,
    });
    expect(json(["status"], { cwd: folder }).body.project).toBeUndefined();
  });
});
