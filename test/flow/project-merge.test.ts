import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { makeCommandLine } from "../helpers/command-line.ts";
import { describeWithServer, newDatabase } from "../helpers/postgres.ts";

type Engine = Readonly<Record<string, string>>;

/** Two folders of one code base that were indexed as two projects, and commands typed in them. */
async function twoProjects(engine: Engine) {
  const { put, type, folderOf } = makeCommandLine();
  const read = async (folder: string, ...args: readonly string[]) => {
    const { status, out, err } = await type([...args, "--json"], { in: folder, env: engine });
    expect({ status, out, err }, args.join(" ")).toMatchObject({ status: 0 });
    return JSON.parse(out);
  };
  const told = (folder: string, ...args: readonly string[]) => type(args, { in: folder, env: engine });
  if (engine.STORAGE_TYPE === "postgres") await read("old", "migrate");
  put("old/plans/PLAN_shared.md", "# Shared\n\nOld words.\n");
  put("old/plans/PLAN_old.md", "# Only old\n");
  put("old/plans/PLAN_deleted.md", "# Deleted on purpose\n");
  put("new/plans/PLAN_shared.md", "# Shared\n\nNew words.\n");
  await read("old", "index");
  await read("new", "index");
  const plan = await read("old", "create-plan", "--title", "Mend the pier", "--content", "Planks.");
  await read("new", "create-plan", "--title", "Mend the pier", "--content", "Other planks.");
  const note = (text: string, ...more: readonly string[]) =>
    read("old", "record-event", "--type", "note", "--data", JSON.stringify({ text }), ...more);
  const first = await note("First.", "--plan", "PLAN_shared");
  const second = await note("Second.", "--supersedes", first.ref);
  const shared = await read("old", "show", "PLAN_shared");
  const own = await read("old", "show", "PLAN_old");
  await read("old", "update-plan", "PLAN_old", "--status", "ACTIVE");
  await read("old", "delete", "PLAN_deleted");
  const { projects } = await read("old", "project", "list");
  const of = (name: string) => projects.find((each: { name: string }) => each.name === name);
  return { read, told, put, folderOf, plan, first, second, shared, own, old: of("old"), new: of("new") };
}

function tests(engineOf: () => Promise<Engine>): void {
  it("moves rows, keeps every name that was written down, and the history of both", async () => {
    const engine = await engineOf();
    const { read, plan, first, second, shared, own, folderOf, ...two } = await twoProjects(engine);
    const report = await read("new", "project", "merge", "old", "new", "--yes");
    expect(report).toMatchObject({
      ...{ ok: true, dryRun: false, moved: { plan: 2, session: 0, pattern: 0, event: 2 }, joined: 1 },
      ...{ from: { ref: two.old.ref }, into: { ref: two.new.ref } },
    });
    const warned = JSON.stringify(report.warnings);
    expect(warned).toContain("plans/PLAN_shared.md");
    expect(warned).toMatch(/PLAN_mend-the-pier~2|mend_the_pier~2/i);
    const { projects } = await read("new", "project", "list");
    expect(projects).toMatchObject([
      { ref: two.new.ref, counts: { plans: 4, events: 2 }, roots: [folderOf("new"), folderOf("old")] },
    ]);

    // From both folders every name means what it meant, in the one project.
    for (const folder of ["old", "new"]) {
      for (const [name, ref] of [
        [plan.ref, plan.ref],
        [plan.id, plan.ref],
        [own.ref, own.ref],
        [own.id, own.ref],
        ["PLAN_old", own.ref],
        [second.ref, second.ref],
        [first.id, first.ref],
      ])
        expect(await read(folder, "show", name), name).toMatchObject({ ref, project: two.new.id });
      const joined = await read(folder, "show", shared.ref);
      expect(joined).toMatchObject({ slug: "PLAN_shared", project: two.new.id });
      expect(joined.ref).not.toBe(shared.ref);
      expect(joined.content).toContain("New words.");
    }
    for (const name of ["old", two.old.ref, two.old.id])
      expect(await read("new", "query-plans", "--project", name)).toMatchObject({ count: 4 });
    const named = await read("new", "query-events", "--plan", "PLAN_shared", "--include-superseded");
    expect(named.events.map(({ ref }: { ref: string }) => ref)).toEqual([first.ref]);
    expect(await read("new", "show", first.ref)).toMatchObject({ supersededBy: second.id });

    const history = await read("new", "history", "PLAN_old");
    expect(
      history.entries.map(({ operation, project }: { operation: string; project?: string }) => [
        operation,
        project,
      ]),
    ).toEqual([
      ["create", two.old.ref],
      ["update", two.old.ref],
      ["delete", two.old.ref],
      ["create", undefined],
    ]);
    const lost = await read("new", "history", "PLAN_deleted");
    expect(lost.entries.at(-1)).toMatchObject({ operation: "delete" });
    const texts = await read("new", "history", "PLAN_shared");
    expect(texts.entries).toHaveLength(3);
    const [{ at }] = texts.entries;
    const past = await read(
      "new",
      "history",
      "PLAN_shared",
      "--as-of",
      new Date(Date.parse(at) + 1).toISOString(),
    );
    expect(past.asOf.row.content).toContain("Old words.");
  });

  it("lets the next index run of either folder find everything again, and brings nothing deleted back", async () => {
    const { read, folderOf, ...two } = await twoProjects(await engineOf());
    await read("new", "project", "merge", two.old.ref, two.new.ref, "--yes");
    expect(await read("old", "index")).toMatchObject({
      indexed: 1,
      unchanged: 1,
      skipped: 1,
      removed: 0,
      failed: 0,
    });
    expect(await read("old", "index")).toMatchObject({ indexed: 0, unchanged: 2, skipped: 1 });
    expect(await read("new", "index")).toMatchObject({ removed: 0, failed: 0 });
    const { plans } = await read("new", "query-plans");
    expect(plans.map(({ slug }: { slug: string }) => slug)).not.toContain("PLAN_deleted");
    expect(plans).toHaveLength(4);
    expect((await read("old", "project", "list")).projects).toHaveLength(1);
    await read("new", "update-plan", "PLAN_old", "--append", "By another name.");
    expect(readFileSync(join(folderOf("old"), "plans/PLAN_old.md"), "utf8")).toContain("By another name.");
  });

  it("leaves both chains of seals and the store whole, and exports alike", async () => {
    const { read, ...two } = await twoProjects(await engineOf());
    await read("new", "audit", "--export", "before.jsonl");
    await read("new", "project", "merge", two.old.ref, two.new.ref, "--yes");
    expect(await read("new", "audit", "--verify", "--against", "before.jsonl")).toMatchObject({ ok: true });
    await read("new", "audit", "--export", "after.jsonl");
    expect(await read("new", "audit", "--verify")).toMatchObject({ ok: true });
    expect(await read("new", "doctor")).toMatchObject({ ok: true });
    await read("new", "export-db", "--output", "one.jsonl");
    await read("new", "import-db", "--input", "one.jsonl", "--db", "copy.db");
    await read("new", "export-db", "--output", "two.jsonl", "--db", "copy.db");
    expect(await read("new", "verify", "--against", "copy.db")).toMatchObject({ equal: true });
    expect(await read("new", "show", "PLAN_old", "--db", "copy.db")).toMatchObject({ ref: two.own.ref });
  });

  it("only tells what it would do, unless that is confirmed", async () => {
    const { read, told, ...two } = await twoProjects(await engineOf());
    const before = await read("new", "project", "list");
    const refused = await told("new", "project", "merge", "old", "new");
    expect(refused).toMatchObject({
      status: 2,
      out: "",
      err: expect.stringMatching(/2 plans.*2 events.*--yes/s),
    });
    const dry = await read("new", "project", "merge", "old", "new", "--dry-run");
    expect(dry).toMatchObject({ dryRun: true, moved: { plan: 2, event: 2 }, joined: 1 });
    expect(JSON.stringify(dry.warnings)).toContain("~2");
    expect(await read("new", "project", "list")).toEqual(before);
    for (const [args, status] of [
      [["old", "old"], 2],
      [["old", "nowhere"], 3],
      [["nowhere", "new"], 3],
      [["old"], 2],
    ] as const)
      expect(await told("new", "project", "merge", ...args, "--yes")).toMatchObject({ status });
    const said = await told("new", "project", "merge", two.old.ref, two.new.ref, "--yes");
    expect(said.out).toContain("Moved 2 plans, 0 sessions, 0 patterns and 2 events from old");
    expect(await told("new", "project", "merge", two.new.ref, two.old.ref, "--yes")).toMatchObject({
      status: 2,
    });
    // Once more, for rows that came late.
    expect(await read("new", "project", "merge", two.old.ref, two.new.ref, "--yes")).toMatchObject({
      moved: { plan: 0, event: 0 },
    });
    expect(await told("new", "project", "merge", "old", "new", "--json")).toMatchObject({ status: 2 });
  });
}

describe("project merge on SQLite", () => tests(async () => ({})));

describeWithServer("project merge on PostgreSQL", () => {
  tests(async () => {
    const { url, drop } = await newDatabase();
    onTestFinished(drop);
    return { STORAGE_TYPE: "postgres", POSTGRES_URL: url };
  });

  it("names tokens that were for the project that went, and widens none", async () => {
    const { url, drop } = await newDatabase();
    onTestFinished(drop);
    const { read } = await twoProjects({ STORAGE_TYPE: "postgres", POSTGRES_URL: url });
    const token = await read("old", "token", "create", "--name", "ci", "--projects", "old");
    const { warnings } = await read("new", "project", "merge", "old", "new", "--yes");
    expect(warnings).toContainEqual({
      item: token.ref,
      reason: expect.stringContaining("sees nothing of what moved"),
    });
    const [kept] = (await read("new", "token", "list")).tokens;
    expect(kept.projects).toEqual(token.projects);
  });
});
