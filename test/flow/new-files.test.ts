import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findNewFiles } from "../../lib/knowledge/new-files.ts";
import { queryPlans, querySessions } from "../../lib/knowledge/query.ts";
import { searchKnowledge } from "../../lib/knowledge/search.ts";
import { getStatus } from "../../lib/knowledge/status.ts";
import { openWorkbench, type Workbench } from "../helpers/knowledge.ts";

const found = ({ deps, scope }: Workbench, query: string) =>
  searchKnowledge(deps, scope, { query, mode: "text", waitMs: 0 });
const behind = async ({ deps, scope }: Workbench) => (await getStatus(deps, scope)).index.behind;

describe("a file that came since the folder was indexed", () => {
  it("is counted by status, indexed before the next read, and not looked for again", async () => {
    const bench = await openWorkbench({ "plans/a.md": "# A\n" });
    await bench.index();
    expect(await behind(bench)).toBe(0);
    bench.put("plans/b.md", "# B\n\ncapstan\n");
    bench.put("notes.txt", "capstan");
    expect(await behind(bench)).toBe(1);
    bench.wait(31_000);
    expect(await found(bench, "capstan")).toMatchObject({ degraded: null, results: [{ kind: "plan" }] });
    const known = await bench.deps.storage.sources.files(bench.project.id);
    expect(await findNewFiles(bench.deps, bench.project, known)).toEqual({
      files: [],
      folders: new Map(),
      isWhole: true,
    });
  });

  it("is found in folders that were empty, and in new ones at any depth, but not in those that are left out", async () => {
    const bench = await openWorkbench({ "README.md": "# R\n" });
    mkdirSync(join(bench.root, ".aiknowsys/sessions"), { recursive: true });
    await bench.index();
    bench.put(".aiknowsys/sessions/2026-02-14-session.md", "# Session\n");
    bench.put("deep/down/plans/x.md", "# X\n");
    bench.put("node_modules/dep/README.md", "# Dependency\n");
    expect(await behind(bench)).toBe(2);
    bench.wait(31_000);
    expect((await queryPlans(bench.deps, bench.scope, {})).plans).toMatchObject([{ slug: "x" }]);
    expect((await querySessions(bench.deps, bench.scope, {})).count).toBe(1);
  });

  it("has the kind that the newest run's globs give it", async () => {
    const bench = await openWorkbench({ "work/one.md": "# One\n", "work/log/two.txt": "Two\n" });
    await bench.index({ folder: join(bench.root, "work"), plans: "*.md", sessions: "log/*.txt" });
    bench.put("work/three.md", "# Three\n");
    bench.put("work/log/four.txt", "Four\n");
    bench.put("work/five.txt", "Five\n");
    bench.put("six.md", "# Six, outside of what was indexed\n");
    expect(await behind(bench)).toBe(2);
    bench.wait(31_000);
    const { plans } = await queryPlans(bench.deps, bench.scope, {});
    expect(plans.map(({ slug }) => slug).sort()).toEqual(["one", "three"]);
    expect((await querySessions(bench.deps, bench.scope, {})).count).toBe(2);
  });

  it("has the kind of the newest run, not of an older one with other globs", async () => {
    const bench = await openWorkbench({ "work/one.md": "# One\n" });
    await bench.index({ sessions: "work/*.md" });
    bench.wait(1_000);
    await bench.index({ plans: "work/*.md" });
    bench.put("work/two.md", "# Two\n");
    bench.wait(31_000);
    expect((await queryPlans(bench.deps, bench.scope, {})).count).toBe(2);
  });

  it("is left to an index run when it is too big to be read before an answer", async () => {
    const bench = await openWorkbench({ "plans/a.md": "# A\n" });
    await bench.index();
    bench.put("plans/big.md", "capstan\n".repeat(2 ** 21 + 1));
    bench.wait(31_000);
    expect(await found(bench, "capstan")).toMatchObject({ degraded: null, results: [] });
  });

  it("makes answers index_behind when there is no time to look into every folder", async () => {
    const bench = await openWorkbench({ "plans/a.md": "# A\n", "plans/deep/b.md": "# B\n" });
    await bench.index();
    bench.put("plans/new.md", "# New\n\ncapstan\n");
    let ms = Date.now() + 31_000;
    const hurried = { ...bench, deps: { ...bench.deps, clock: () => (ms += 101) } };
    expect(await found(hurried, "capstan")).toMatchObject({ degraded: "index_behind", results: [] });
    bench.wait(200_000);
    expect(await found(bench, "capstan")).toMatchObject({ degraded: null, results: [{ title: "New" }] });
  });

  it("makes answers index_behind when there is no time for it, and is indexed by a later read", async () => {
    const files = Object.fromEntries(
      Array.from({ length: 40 }, (_, at) => [`plans/n${at}.md`, `# N ${at}\n\ncapstan\n`]),
    );
    const bench = await openWorkbench({ "plans/a.md": "# A\n" });
    await bench.index();
    for (const [path, text] of Object.entries(files)) bench.put(path, text);
    let ms = Date.now() + 31_000;
    const hurried = { ...bench, deps: { ...bench.deps, clock: () => (ms += 20) } };
    expect(await found(hurried, "capstan")).toMatchObject({ degraded: "index_behind" });
    expect(await behind(bench)).toBeGreaterThan(0);
    bench.wait(100_000);
    await bench.index();
    expect(await behind(bench)).toBe(0);
  });
});
