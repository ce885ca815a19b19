import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { makeDatabase, traceOf } from "../helpers/peer-database.ts";
import { openedPeer } from "../helpers/peer-source.ts";

const CLAUDE_MEM = `
  CREATE TABLE schema_versions (id INTEGER PRIMARY KEY, version INTEGER);
  CREATE TABLE sdk_sessions (id INTEGER PRIMARY KEY, content_session_id TEXT, memory_session_id TEXT, project TEXT,
    platform_source TEXT, user_prompt TEXT, started_at TEXT, started_at_epoch INTEGER, completed_at TEXT,
    completed_at_epoch INTEGER, status TEXT);
  CREATE TABLE observations (id INTEGER PRIMARY KEY, memory_session_id TEXT, project TEXT, text TEXT, type TEXT,
    title TEXT, subtitle TEXT, facts TEXT, narrative TEXT, concepts TEXT, files_read TEXT, files_modified TEXT,
    prompt_number INTEGER, created_at TEXT, created_at_epoch INTEGER);
  CREATE TABLE session_summaries (id INTEGER PRIMARY KEY, memory_session_id TEXT, project TEXT, request TEXT,
    investigated TEXT, learned TEXT, completed TEXT, next_steps TEXT, files_read TEXT, files_edited TEXT, notes TEXT,
    created_at TEXT, created_at_epoch INTEGER);
  CREATE TABLE user_prompts (id INTEGER PRIMARY KEY, content_session_id TEXT, prompt_number INTEGER, prompt_text TEXT,
    created_at TEXT, created_at_epoch INTEGER);
  CREATE TABLE pending_messages (id INTEGER PRIMARY KEY, tool_name TEXT);`;

const MINUTE = 60_000;
const START = Date.UTC(2026, 1, 14, 9, 30);

describe("import-from claude-mem", () => {
  it("makes sessions with prompts and summaries sessions, and observations events of their types", async () => {
    const { place, take, json } = openedPeer("claude-mem", ".claude-mem/claude-mem.db");
    const observation = {
      memory_session_id: "m1",
      project: "harbour",
      created_at: "",
      created_at_epoch: START,
    };
    makeDatabase(place, CLAUDE_MEM, {
      schema_versions: [{ version: 32 }],
      sdk_sessions: [
        {
          content_session_id: "c1",
          memory_session_id: "m1",
          project: "harbour",
          platform_source: "claude",
          user_prompt: "Moor the ship",
          started_at: "x",
          started_at_epoch: START,
          completed_at_epoch: START + 45 * MINUTE,
          status: "completed",
        },
        {
          content_session_id: "c2",
          memory_session_id: null,
          project: "lighthouse",
          started_at_epoch: START,
          status: "failed",
        },
      ],
      observations: [
        {
          ...observation,
          type: "decision",
          title: "Bow first",
          narrative: "The wind.",
          facts: '["north wind"]',
          concepts: '["why-it-exists"]',
          files_read: "[]",
          files_modified: '["src/bow.ts"]',
        },
        { ...observation, type: "bugfix", title: "Rope slips", narrative: "Wet it." },
        { ...observation, type: "refactor", title: "Shorter rope" },
        { ...observation, type: "discovery", title: "Tides turn" },
        { ...observation, type: "omen", text: "A red sky\nat night" },
      ],
      session_summaries: [
        {
          memory_session_id: "m1",
          project: "harbour",
          request: "Moor it well",
          learned: "Wind matters.",
          next_steps: "Buy fenders.",
          files_edited: '["src/rope.ts"]',
          created_at_epoch: START,
        },
        { memory_session_id: "gone", project: "harbour", request: "A stray one", created_at_epoch: START },
      ],
      user_prompts: [
        { content_session_id: "c1", prompt_number: 1, prompt_text: "Moor the ship", created_at_epoch: START },
        { content_session_id: "lost", prompt_number: 1, prompt_text: "Where am I?", created_at_epoch: START },
      ],
      pending_messages: [{ tool_name: "Read" }],
    });
    const before = traceOf(dirname(place));
    const report = await take();
    expect(report).toMatchObject({
      status: 0,
      found: 9,
      done: 9,
      kinds: { session: { done: 3 }, event: { done: 6 } },
    });
    expect(report.warnings).toMatchObject([
      { item: "pending_messages", reason: expect.stringContaining("not taken") },
      { item: "claude-mem", reason: expect.stringContaining("harbour, lighthouse") },
    ]);
    const { sessions } = await json(["query-sessions", "--status", "complete"]);
    const moored = sessions.find(({ title }: { title: string }) => title === "Moor it well");
    expect(moored).toMatchObject({ date: "2026-02-14", durationMinutes: 45, files: ["src/rope.ts"] });
    const { content } = await json(["show", moored.ref, "--detail", "full"]);
    for (const said of [
      "## Asked\n\nMoor the ship\n",
      "Wind matters.",
      "## Next steps",
      "original_project: harbour",
    ])
      expect(content).toContain(said);
    const { events } = await json(["query-events", "--session", moored.ref]);
    expect(events.map(({ type }: { type: string }) => type).sort()).toEqual([
      "bug_encountered",
      "decision_made",
      "learning_captured",
      "note",
      "task_completed",
    ]);
    expect(events.find(({ type }: { type: string }) => type === "decision_made")).toMatchObject({
      data: {
        decision: "Bow first",
        rationale: "The wind.",
        facts: ["north wind"],
        originalProject: "harbour",
        originalId: "observations/1",
      },
      tags: ["why-it-exists"],
      files: ["src/bow.ts"],
      agent: "claude-mem",
      occurredAt: "2026-02-14T09:30:00.000Z",
    });
    expect(await json(["query-sessions", "--status", "abandoned"])).toMatchObject({ count: 1 });
    expect(await take()).toMatchObject({ status: 0, done: 0, unchanged: 9 });
    expect(traceOf(dirname(place))).toEqual(before);
  });

  it("takes one of its projects when asked to, and counts the others", async () => {
    const { place, take } = openedPeer("claude-mem", "claude-mem.db");
    const session = { started_at_epoch: START, status: "completed" };
    makeDatabase(place, CLAUDE_MEM, {
      sdk_sessions: [
        { ...session, content_session_id: "a", project: "harbour" },
        { ...session, content_session_id: "b", project: "lighthouse" },
      ],
    });
    expect(await take("--only", "harbour")).toMatchObject({
      status: 0,
      found: 2,
      done: 1,
      skipped: [{ reason: "belongs to the project lighthouse" }],
    });
  });

  it("reads the columns that were renamed since, and the tables of the first versions", async () => {
    const { place, take, json } = openedPeer("claude-mem", "claude-mem.db");
    makeDatabase(
      place,
      `CREATE TABLE sdk_sessions (id INTEGER PRIMARY KEY, claude_session_id TEXT, sdk_session_id TEXT, project TEXT, started_at TEXT, status TEXT);
       CREATE TABLE observations (id INTEGER PRIMARY KEY, sdk_session_id TEXT, project TEXT, text TEXT, type TEXT, created_at TEXT);
       CREATE TABLE sessions (id INTEGER PRIMARY KEY, session_id TEXT, project TEXT, created_at TEXT, source TEXT);
       CREATE TABLE memories (id INTEGER PRIMARY KEY, session_id TEXT, text TEXT, keywords TEXT, created_at TEXT, project TEXT);
       CREATE TABLE overviews (id INTEGER PRIMARY KEY, session_id TEXT, content TEXT, created_at TEXT, project TEXT);`,
      {
        sdk_sessions: [
          {
            claude_session_id: "c",
            sdk_session_id: "s",
            project: "p",
            started_at: "2025-10-17T19:00:00.000Z",
            status: "active",
          },
        ],
        observations: [
          {
            sdk_session_id: "s",
            project: "p",
            text: "Ropes rot.",
            type: "discovery",
            created_at: "2025-10-17T19:05:00.000Z",
          },
        ],
        sessions: [
          { session_id: "old", project: "p", created_at: "2025-09-01 10:00:00", source: "compress" },
        ],
        memories: [
          {
            session_id: "old",
            text: "Salt dries.",
            keywords: "salt, rope",
            created_at: "2025-09-01 10:00:00",
            project: "p",
          },
        ],
        overviews: [
          { session_id: "old", content: "A day of salt.", created_at: "2025-09-01 10:00:00", project: "p" },
        ],
      },
    );
    expect(await take()).toMatchObject({ status: 0, found: 4, done: 4, warnings: [] });
    const { events } = await json(["query-events"]);
    expect(events).toMatchObject([
      {
        data: { learning: "Ropes rot." },
        session: expect.stringMatching(/^ses_/),
        occurredAt: "2025-10-17T19:05:00.000Z",
      },
      { data: { learning: "Salt dries." }, tags: ["salt", "rope"], session: expect.stringMatching(/^ses_/) },
    ]);
    const { sessions } = await json(["query-sessions", "--date", "2025-09-01"]);
    expect((await json(["show", sessions[0].ref, "--detail", "full"])).content).toContain("A day of salt.");
  });
});
