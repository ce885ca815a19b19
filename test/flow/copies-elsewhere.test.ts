import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { forgetCopy } from "../../lib/knowledge/forget-gone-roots.ts";
import { indexWorkspace } from "../../lib/knowledge/index-workspace.ts";
import { queryPlans } from "../../lib/knowledge/query.ts";
import { openWorkbench, type Workbench } from "../helpers/knowledge.ts";
import { describeWithServer, newDatabase } from "../helpers/postgres.ts";
import { tempFolder } from "../helpers/store.ts";

/** Indexes a folder of the same project that then is not there: as a folder of another machine looks from here. */
async function indexElsewhere({ deps, project }: Workbench, files: readonly string[]): Promise<string> {
  const root = join(tempFolder(), "elsewhere");
  mkdirSync(join(root, "plans"), { recursive: true });
  for (const file of files) writeFileSync(join(root, file), `# ${file}\n`);
  await deps.storage.projects.register({ ...project, roots: [root], createdAt: "2026-03-01T12:00:00.000Z" });
  await indexWorkspace(deps, project, { root });
  rmSync(root, { recursive: true });
  return root;
}

const slugs = async ({ deps, scope }: Workbench) =>
  (await queryPlans(deps, scope, {})).plans.map(({ slug }) => slug).sort();

describeWithServer("a working copy that this machine does not have, in a database for many", () => {
  async function shared(work: (bench: Workbench) => Promise<void>): Promise<void> {
    const database = await newDatabase();
    const bench = await openWorkbench(
      { "plans/ours.md": "# Ours\n", "plans/both.md": "# Both\n" },
      { type: "postgres", url: database.url, ddl: true },
    );
    try {
      await work(bench);
    } finally {
      await bench.deps.storage.close();
      await database.drop();
    }
  }

  it("keeps its documents when others index, and what it holds too is not removed with their file", () =>
    shared(async (bench) => {
      await indexElsewhere(bench, ["plans/theirs.md", "plans/both.md"]);
      expect(await bench.index()).toMatchObject({ removed: 0, warnings: [] });
      expect(await slugs(bench)).toEqual(["both", "ours", "theirs"]);
      bench.remove("plans/both.md");
      bench.remove("plans/ours.md");
      expect(await bench.index()).toMatchObject({ removed: 1 });
      expect(await slugs(bench)).toEqual(["both", "theirs"]);
    }));

  it("is forgotten by name, with what only it held", () =>
    shared(async (bench) => {
      await bench.index();
      const root = await indexElsewhere(bench, ["plans/theirs.md", "plans/both.md"]);
      const { deps, project } = bench;
      const forgotten = await forgetCopy(deps, { project: project.ref, copy: root });
      expect(forgotten.removed).toEqual([{ ref: expect.stringMatching(/^pln_/), path: "plans/theirs.md" }]);
      expect(await slugs(bench)).toEqual(["both", "ours"]);
      await expect(forgetCopy(deps, { project: project.ref, copy: root })).rejects.toMatchObject({
        code: "not_found",
        valid: [bench.root],
      });
    }));
});
