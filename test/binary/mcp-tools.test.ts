import { encode } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, it } from "vitest";
import { call, connect, type Era, makeMcpPlace } from "./mcp-program.ts";

const FILES = {
  ".aiknowsys/PLAN_harbour.md":
    "---\ntitle: Rebuild the harbour\nstatus: ACTIVE\n---\n# Rebuild the harbour\n\n## Steps\n\n- [ ] Order piles\n- [x] Survey the seabed\n\n## Notes\n\nThe crane needs a concrete base.\n",
  ".aiknowsys/sessions/2026-02-14-session.md": "# Session 2026-02-14\n\nMeasured the depth at the pier.\n",
};

const CORE = [
  "resume_work",
  "semantic_search",
  "get_document",
  "query_plans",
  "create_plan",
  "update_plan",
  "query_sessions",
  "create_session",
  "update_session",
  "query_events",
  "record_event",
  "get_status",
];

describe.each<Era>(["2025", "2026"])("the MCP server in the era of %s", (era) => {
  it("lists the twelve core tools with all that a model and a host need", async () => {
    const client = await connect(makeMcpPlace(), era);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(CORE);
    for (const tool of tools) {
      expect(tool.title, tool.name).toBeTruthy();
      expect(tool.description?.length, tool.name).toBeGreaterThan(40);
      expect(tool.outputSchema?.type, tool.name).toBe("object");
      expect(Object.keys(tool.annotations ?? {}).sort(), tool.name).toEqual([
        "destructiveHint",
        "idempotentHint",
        "openWorldHint",
        "readOnlyHint",
      ]);
    }
    expect(
      tools.map(({ name, annotations, inputSchema }) => ({ name, annotations, inputSchema })),
    ).toMatchSnapshot();
    const shown = tools.map(({ name, description, inputSchema }) => ({
      name,
      description,
      input_schema: inputSchema,
    }));
    expect(encode(JSON.stringify(shown)).length).toBeLessThanOrEqual(2_400);
    expect(Buffer.byteLength(client.getInstructions() ?? "")).toBeLessThanOrEqual(2_048);
  });

  it("writes, finds, reads and resumes through every tool", async () => {
    const client = await connect(makeMcpPlace(), era);
    const plan = await call(client, "create_plan", {
      title: "Rebuild the harbour",
      content: "# Rebuild the harbour\n\n- [ ] Order piles\n\n## Notes\n\nCrane.\n",
      status: "active",
      topics: ["port"],
    });
    expect(plan.structured).toMatchObject({
      slug: "PLAN_rebuild_the_harbour",
      status: "ACTIVE",
      revision: 1,
    });
    const ref = String(plan.structured.ref);
    const updated = await call(client, "update_plan", {
      id: ref,
      append: "Costs $& and \\1.",
      section: "Notes",
      revision: 1,
    });
    expect(updated.structured.revision).toBe(2);
    const session = await call(client, "create_session", {
      title: "Depth survey",
      plan: ref,
      date: "2026-02-14",
    });
    expect(session.structured).toMatchObject({ date: "2026-02-14", plan: ref });
    await call(client, "update_session", {
      id: "latest",
      append: "Nine metres at the pier.",
      add_file: ["survey.csv"],
      status: "complete",
    });
    const event = await call(client, "record_event", {
      type: "decision_made",
      data: { decision: "Use steel piles", rationale: "salt water" },
      plan: ref,
      tags: ["material"],
    });
    expect(event.structured).toMatchObject({
      type: "decision_made",
      summary: "Use steel piles",
      agent: "test-client",
    });

    expect((await call(client, "query_plans", { status: "active" })).structured).toMatchObject({
      count: 1,
      plans: [{ ref }],
    });
    expect((await call(client, "query_sessions", { date: "2026-02-14" })).structured).toMatchObject({
      count: 1,
      sessions: [{ files: ["survey.csv"], status: "complete" }],
    });
    expect(
      (await call(client, "query_events", { plan: "PLAN_rebuild_the_harbour" })).structured,
    ).toMatchObject({ count: 1 });
    const found = await call(client, "semantic_search", {
      query: "which material for the piles in salt water?",
    });
    expect(found.structured).toMatchObject({
      mode: "text",
      degraded: "embedding_unavailable",
      results: [
        { ref: event.structured.ref, quoted: expect.stringContaining("salt water"), age: expect.any(String) },
        expect.anything(),
      ],
    });
    const read = await call(client, "get_document", { id: ref });
    expect(read.structured.quoted).toContain("Crane.\n\nCosts $& and \\1.");
    const resume = await call(client, "resume_work");
    expect(resume.structured).toMatchObject({
      activePlans: [{ ref, openTasks: 1 }],
      openTasks: [{ ref, task: "Order piles" }],
      recentDecisions: [{ summary: "Use steel piles" }],
      changedSince: null,
    });
    const again = await call(client, "resume_work", { since: resume.structured.cursor });
    expect(again.structured).toMatchObject({ changedSince: { plans: 0, events: 0 } });
    expect((await call(client, "get_status")).structured).toMatchObject({
      project: { counts: { plans: 1, sessions: 1, events: 1 } },
    });
    for (const answer of [plan, found, read, resume])
      expect(JSON.parse(answer.text)).toEqual(answer.structured);
  });

  it("answers bad arguments with a text that says what is valid and what to do", async () => {
    const client = await connect(makeMcpPlace(FILES), era);
    await call(client, "create_plan", { title: "One" });
    const rows: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
      ["query_plans", { status: "soon" }, /status is "soon".*\nValid: PLANNED, ACTIVE/],
      ["query_plans", { stauts: "ACTIVE" }, /has no argument "stauts"[\s\S]*Valid: status, author/],
      ["query_plans", { limit: -1 }, /limit is -1/],
      ["query_plans", { limit: "many" }, /limit of query_plans is "many", but a whole number is needed/],
      ["query_events", { after: "someday" }, /after is "someday"[\s\S]*3 days ago/],
      ["query_plans", { cursor: "garbage" }, /cursor/i],
      ["semantic_search", {}, /semantic_search needs the argument query/],
      ["semantic_search", { query: "x", mode: "magic" }, /mode is "magic"[\s\S]*hybrid/],
      ["semantic_search", { query: "x", max_tokens: 5 }, /max_tokens is 5/],
      ["get_document", { id: "pln_aaaaaaaa" }, /No document or event "pln_aaaaaaaa"[\s\S]*search/],
      ["record_event", { type: "decision_made", data: {} }, /lacks "decision"[\s\S]*rationale/],
      [
        "record_event",
        { type: "decision_made", data: "not json" },
        /data of record_event is "not json", but an object is needed/,
      ],
      ["update_plan", { id: "PLAN_one" }, /Nothing to change/],
      ["update_plan", { id: "PLAN_one", append: "x", revision: 9 }, /is at revision 1, not 9/],
      ["query_plans", { project: "nowhere" }, /Project "nowhere" is not known/],
    ];
    for (const [name, args, expected] of rows) {
      const answer = await call(client, name, args);
      expect(answer.isError, `${name} ${JSON.stringify(args)}`).toBe(true);
      expect(answer.text).toMatch(expected);
      expect(answer.text).not.toMatch(/ZodError|Internal error| at .*\.js:/);
    }
  });

  it("lists and reads resources, completes refs, gives prompts", async () => {
    const client = await connect(makeMcpPlace(), era);
    const { structured } = await call(client, "create_plan", { title: "Harbour", content: "# Harbour\n" });
    const { resources } = await client.listResources();
    expect(resources).toMatchObject([
      { name: "PLAN_harbour", title: "Harbour", uri: expect.stringContaining(String(structured.ref)) },
    ]);
    const uri = resources[0]?.uri ?? "";
    expect((await client.readResource({ uri })).contents).toMatchObject([{ text: "# Harbour\n" }]);
    await expect(client.readResource({ uri: uri.replace(/pln_.*/, "pln_aaaaaaaa") })).rejects.toThrow();
    const completed = await client.complete({
      ref: { type: "ref/resource", uri: "aiknowsys://project/{project}/plan/{ref}" },
      argument: { name: "ref", value: "pln_" },
    });
    expect(completed.completion.values).toEqual([structured.ref]);
    expect((await client.listPrompts()).prompts.map(({ name }) => name)).toEqual([
      "start-work",
      "close-session",
      "plan-review",
    ]);
    const prompt = await client.getPrompt({ name: "plan-review", arguments: { plan: "PLAN_harbour" } });
    expect(JSON.stringify(prompt.messages)).toContain("PLAN_harbour");
  });

  it("lists resources page by page, completes projects, and says what a prompt lacks", async () => {
    const client = await connect(makeMcpPlace(), era);
    const refs: unknown[] = [];
    for (let index = 0; index < 52; index++)
      refs.push((await call(client, "create_plan", { title: `Plan ${index}` })).structured.ref);
    for (let index = 0; index < 51; index++) {
      const data = { text: `Note ${index}` };
      refs.push((await call(client, "record_event", { type: "note", data })).structured.ref);
    }
    const listed: string[] = [];
    let project = "";
    for (let cursor: string | undefined, page = 0; page < 4; page++) {
      const { resources, nextCursor } = await client.request({
        method: "resources/list",
        params: cursor === undefined ? {} : { cursor },
      });
      listed.push(...resources.map(({ uri }) => uri.slice(uri.lastIndexOf("/") + 1)));
      project ||= /prj_\w+/.exec(resources[0]?.uri ?? "")?.[0] ?? "";
      if (nextCursor === undefined) break;
      expect(resources).toHaveLength(50);
      cursor = nextCursor;
    }
    expect(listed.sort()).toEqual(refs.sort());
    await expect(client.request({ method: "resources/list", params: { cursor: "x" } })).rejects.toThrow(
      "The cursor is not one that this listing gave",
    );
    const template = { type: "ref/resource", uri: "aiknowsys://project/{project}/plan/{ref}" } as const;
    const completed = await client.complete({ ref: template, argument: { name: "project", value: "pro" } });
    expect(completed.completion.values).toEqual([project]);
    const elsewhere = await client.complete({
      ref: template,
      argument: { name: "ref", value: "plan 5" },
      context: { arguments: { project } },
    });
    expect(elsewhere.completion.values).toHaveLength(3);
    await expect(client.getPrompt({ name: "plan-review" })).rejects.toThrow(
      "plan-review needs the argument plan",
    );
  });

  it("leaves write tools out of the readonly profile and adds the lessons' tools in full", async () => {
    const readonly = await connect(makeMcpPlace(), era, ["--tools", "readonly"]);
    expect(
      (await readonly.listTools()).tools.every(({ annotations }) => annotations?.readOnlyHint === true),
    ).toBe(true);
    const full = await connect(makeMcpPlace(), era, ["--tools", "full"]);
    const lesson = await call(full, "learn_pattern", {
      title: "Grease the winch",
      content: "Monthly.",
      triggers: ["winch"],
    });
    expect(lesson.structured).toMatchObject({ slug: "grease_the_winch" });
    const event = await call(full, "record_event", { type: "note", data: { text: "wrong" } });
    expect(
      (await call(full, "retract", { id: event.structured.ref, why: "typo" })).structured,
    ).toHaveProperty("retractedAt");
    expect((await call(full, "get_history", { id: event.structured.ref })).structured).toMatchObject({
      entries: [{ operation: "create", actor: "test-client" }, { operation: "retract" }],
    });
    expect((await call(full, "list_projects")).structured).toMatchObject({
      count: 1,
      projects: [{ name: "project", counts: { patterns: 1 } }],
    });
    expect((await call(full, "project_stats")).structured).toMatchObject({
      project: { counts: { patterns: 1 } },
      index: { behind: 0 },
    });
  });

  it("indexes the project's files when asked to", async () => {
    const full = await connect(makeMcpPlace(FILES), era, ["--tools", "full"]);
    expect((await call(full, "index_workspace")).structured).toMatchObject({
      ok: true,
      found: 2,
      plansIndexed: 1,
      sessionsIndexed: 1,
    });
    expect((await call(full, "index_workspace")).structured).toMatchObject({ unchanged: 2 });
    expect((await call(full, "get_document", { id: "PLAN_harbour" })).structured).toMatchObject({
      path: ".aiknowsys/PLAN_harbour.md",
    });
  });
});
