import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { showDocument } from "../../lib/knowledge/detail.ts";
import { getHistory } from "../../lib/knowledge/history.ts";
import { indexWorkspace } from "../../lib/knowledge/index-workspace.ts";
import { queryPatterns, queryPlans, querySessions } from "../../lib/knowledge/query.ts";
import { searchKnowledge } from "../../lib/knowledge/search.ts";
import { updatePlan } from "../../lib/knowledge/write-plan.ts";
import { openWorkbench, type Workbench } from "../helpers/knowledge.ts";
import { tempFolder } from "../helpers/store.ts";

const PLAN =
  "---\ntitle: Rebuild the pier\nstatus: ACTIVE # since spring\ntopics: [port, steel]\n---\n\n# Rebuild the pier\n\nOrder forty piles.\n";
const found = (text: string, { deps, scope }: Workbench) =>
  searchKnowledge(deps, scope, { query: text, mode: "text", waitMs: 0 });
const slugs = async ({ deps, scope }: Workbench) =>
  (await queryPlans(deps, scope, {})).plans.map(({ slug }) => slug).sort();

describe("indexing a folder", () => {
  it("keeps a document of too many passages whole, finds its first 5,000, says so, and answers others meanwhile", async () => {
    const last = "The last word is quay.";
    const text = `# Numbers\n\n${"|".repeat(1_100_000)}\n\n${last}\n`;
    const bench = await openWorkbench({ "PLAN_numbers.md": text, "PLAN_pier.md": PLAN });
    let turns = 0;
    const turn = setInterval(() => turns++, 1);
    const report = await bench.index();
    clearInterval(turn);
    expect(turns).toBeGreaterThan(5);
    expect(report).toMatchObject({ ok: true, indexed: 2, failed: 0 });
    expect(report.warnings).toEqual([
      {
        item: "PLAN_numbers.md",
        reason: expect.stringMatching(
          /^Only its first 5,000 passages can be found; the other \d{3} can be read, but not searched\. /,
        ),
      },
    ]);
    const shown = await showDocument(bench.deps, bench.scope, { id: "PLAN_numbers", detail: "full" });
    expect(JSON.stringify(shown).includes(last)).toBe(true);
    expect((await found("quay", bench)).results).toEqual([]);
    expect((await found("piles", bench)).results).toHaveLength(1);
  });

  it("refuses globs that are longer than stores can keep, before anything is read", async () => {
    const bench = await openWorkbench({ "PLAN_pier.md": PLAN });

    const plans = Array.from({ length: 80 }, (_, i) => `docs/part-${i}/**/*.md`).join(",");
    await expect(bench.index({ plans })).rejects.toMatchObject({
      code: "invalid_input",
      message: "What the globs say is longer than 1000 bytes.",
    });
    expect(await slugs(bench)).toEqual([]);
  });

  it("sorts the layouts of the 0.10 tool into plans, sessions and patterns, and finds them by their words at once", async () => {
    const bench = await openWorkbench({
      ".aiknowsys/PLAN_pier.md": PLAN,
      ".aiknowsys/plans/active-anna.md": "# Active plan of Anna\n\nPaint the crane.\n",
      ".aiknowsys/sessions/2026-02-14-session.md":
        "# Session\n\n**Status:** complete\n\nMeasured the depth.\n",
      ".aiknowsys/learned/winch.md": "# Grease the winch\n\nEvery month.\n",
      ".aiknowsys/archived/plans/PLAN_old.md": "# Old plan\n\n**Status:** COMPLETE\n",
      "README.md": "# The harbour\n\nHow to moor.\n",
    });
    const report = await bench.index();
    expect(report).toMatchObject({
      ok: true,
      found: 6,
      indexed: 6,
      unchanged: 0,
      skipped: 0,
      failed: 0,
      plansIndexed: 3,
      sessionsIndexed: 1,
      patternsIndexed: 2,
    });
    expect(await slugs(bench)).toEqual(["PLAN_old", "PLAN_pier", "active-anna"]);
    expect((await querySessions(bench.deps, bench.scope, { date: "2026-02-14" })).sessions).toMatchObject([
      { status: "complete" },
    ]);
    expect(
      (await queryPatterns(bench.deps, bench.scope, {})).patterns.map(({ title }) => title).sort(),
    ).toEqual(["Grease the winch", "The harbour"]);
    expect((await found("who paints the crane?", bench)).results[0]).toMatchObject({
      kind: "plan",
      title: "Active plan of Anna",
    });
  });

  it("touches nothing on the second run and only what changed on the third", async () => {
    const bench = await openWorkbench({ "plans/a.md": "# A\n\nfirst\n", "plans/b.md": "# B\n\nsecond\n" });
    await bench.index();
    expect(await bench.index()).toMatchObject({ found: 2, indexed: 0, unchanged: 2 });
    bench.put("plans/a.md", "# A\n\nthird\n");
    expect(await bench.index()).toMatchObject({ found: 2, indexed: 1, unchanged: 1 });
    expect((await found("third", bench)).results).toHaveLength(1);
    expect((await found("first", bench)).results).toHaveLength(0);
    expect((await getHistory(bench.deps, bench.scope, { id: "b" })).entries).toHaveLength(1);
  });

  it("leaves a tombstone for a removed file, and brings it back with its history and its ref", async () => {
    const bench = await openWorkbench({ "plans/a.md": PLAN });
    await bench.index();
    const [before] = (await queryPlans(bench.deps, bench.scope, {})).plans;
    bench.remove("plans/a.md");
    expect(await bench.index()).toMatchObject({ found: 0, removed: 1 });
    expect((await queryPlans(bench.deps, bench.scope, {})).count).toBe(0);
    expect((await found("piles", bench)).results).toHaveLength(0);
    bench.put("plans/a.md", PLAN);
    await bench.index();
    const [after] = (await queryPlans(bench.deps, bench.scope, {})).plans;
    expect(after).toMatchObject({ id: before?.id, ref: before?.ref, slug: before?.slug });
    const { entries } = await getHistory(bench.deps, bench.scope, { id: String(before?.ref) });
    expect(entries.map(({ operation }) => operation)).toEqual(["create", "delete", "restore"]);
  });

  it("does not bury what another working copy of the project still holds", async () => {
    const bench = await openWorkbench({ "plans/a.md": PLAN });
    await bench.index();
    const copy = tempFolder();
    const other = () => indexWorkspace(bench.deps, bench.project, { root: copy });
    expect(await other()).toMatchObject({ found: 0, removed: 0 });
    expect(await slugs(bench)).toEqual(["a"]);
  });

  it("takes every file with broken frontmatter, strange bytes or no words, and names each problem with its line", async () => {
    const bench = await openWorkbench({
      "plans/broken.md":
        "---\ntitle: Broken: plan\nstatus: `ACTIVE\n  - odd\n---\n# The body counts\n\nDredge the basin.\n",
      "plans/open.md": "---\ntitle: never closed\n\n# Open\n\nSilt.\n",
      "plans/latin.md": Uint8Array.from([0x23, 0x20, 0x4b, 0xe4, 0x73, 0x65, 0x0a]),
      "plans/empty.md": "",
      "plans/crlf.md": "\uFEFF# Carriage\r\n\r\nreturns\r\n",
      "plans/conflict.md": "---\nstatus: COMPLETE\n---\n# C\n\n**Status:** ACTIVE\n",
    });
    const report = await bench.index();
    expect(report).toMatchObject({ found: 6, failed: 0 });
    expect(report.indexed + report.skipped).toBe(6);
    expect((await found("dredge the basin", bench)).results[0]?.kind).toBe("plan");
    for (const name of ["broken", "open", "latin", "conflict"]) {
      expect(
        report.warnings.filter(({ item, line }) => item === `plans/${name}.md` && line !== undefined),
        name,
      ).not.toEqual([]);
    }
    expect((await queryPlans(bench.deps, bench.scope, { status: "complete" })).plans).toMatchObject([
      { slug: "conflict" },
    ]);
  });

  it("reads other folders by globs, and moves a file that becomes another kind", async () => {
    const bench = await openWorkbench({ "docs/work/one.md": "# One\n", "docs/talk/two.md": "# Two\n" });
    expect(await bench.index()).toMatchObject({ patternsIndexed: 2 });
    expect(await bench.index({ plans: "docs/work/**/*.md", sessions: "docs/talk/*.md" })).toMatchObject({
      plansIndexed: 1,
      sessionsIndexed: 1,
    });
    expect((await queryPatterns(bench.deps, bench.scope, {})).count).toBe(0);
    expect((await found("One", bench)).results).toMatchObject([{ kind: "plan" }]);
  });

  it("keeps secrets out of the store and leaves the file as it is", async () => {
    const secret = `ghp_${"aB3x".repeat(9)}`;
    const bench = await openWorkbench({ "plans/a.md": `# A\n\nUse ${secret} for the mirror.\n` });
    const report = await bench.index();
    expect(report.warnings).toMatchObject([
      { item: "plans/a.md", reason: expect.stringContaining("github-token") },
    ]);
    const shown = await showDocument(bench.deps, bench.scope, { id: "a" });
    expect(shown.content).toContain("Use [redacted:github-token] for the mirror.");
    await updatePlan(bench.deps, bench.scope, { id: "a", append: "More." });
    expect(readFileSync(join(bench.root, "plans/a.md"), "utf8")).toContain(secret);
    expect(
      JSON.stringify(await getHistory(bench.deps, bench.scope, { id: "a", asOf: "today" })),
    ).not.toContain(secret);
  });
});

describe("changing a document that is a file", () => {
  it("patches the file without touching another byte, and knows it as indexed afterwards", async () => {
    const bench = await openWorkbench({ "plans/a.md": PLAN });
    await bench.index();
    const plan = await updatePlan(bench.deps, bench.scope, {
      id: "a",
      status: "complete",
      append: "Cost: $& \\1 $1\n",
    });
    expect(plan).toMatchObject({ status: "COMPLETE", revision: 2 });
    const file = readFileSync(join(bench.root, "plans/a.md"), "utf8");
    expect(file).toBe(
      `${PLAN.replace("status: ACTIVE # since spring", "status: COMPLETE # since spring")}\nCost: $& \\1 $1\n`,
    );
    expect(await bench.index()).toMatchObject({ indexed: 0, unchanged: 1 });
  });

  it("refuses when the file changed meanwhile, and when the revision is another", async () => {
    const bench = await openWorkbench({ "plans/a.md": PLAN });
    await bench.index();
    await expect(
      updatePlan(bench.deps, bench.scope, { id: "a", append: "x", revision: 7 }),
    ).rejects.toMatchObject({ code: "conflict", current: { revision: 1 } });
    bench.put("plans/a.md", `${PLAN}\nsomebody else\n`);
    await expect(updatePlan(bench.deps, bench.scope, { id: "a", append: "x" })).rejects.toMatchObject({
      code: "conflict",
    });
    expect(readFileSync(join(bench.root, "plans/a.md"), "utf8")).toBe(`${PLAN}\nsomebody else\n`);
  });

  it("keeps a change that its file could not take, and does not overwrite it when the file is there again", async () => {
    const bench = await openWorkbench({ "plans/a.md": PLAN });
    await bench.index();
    rmSync(join(bench.root, "plans/a.md"));
    await updatePlan(bench.deps, bench.scope, { id: "a", append: "Kept in the store." });
    bench.put("plans/a.md", `${PLAN}\nNews in the file.\n`);
    const report = await bench.index();
    expect(report).toMatchObject({
      ok: false,
      failed: 1,
      warnings: [{ reason: expect.stringContaining("neither was overwritten") }],
    });
    expect((await showDocument(bench.deps, bench.scope, { id: "a" })).content).toContain(
      "Kept in the store.",
    );
  });
});

describe("reading after files changed", () => {
  it("catches up before it answers, at most every thirty seconds", async () => {
    const bench = await openWorkbench({ "plans/a.md": "# A\n\nfirst\n", "plans/b.md": "# B\n" });
    await bench.index();
    expect((await found("first", bench)).results).toHaveLength(1);
    bench.put("plans/a.md", "# A\n\nsecond words\n");
    bench.remove("plans/b.md");
    expect((await found("second", bench)).results).toHaveLength(0);
    bench.wait(31_000);
    expect(await found("second", bench)).toMatchObject({ degraded: null, results: [{ title: "A" }] });
    expect(await slugs(bench)).toEqual(["a"]);
  });
});
