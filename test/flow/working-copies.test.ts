import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { showDocument } from "../../lib/knowledge/detail.ts";
import { getHistory } from "../../lib/knowledge/history.ts";
import { type IndexRequest, indexWorkspace } from "../../lib/knowledge/index-workspace.ts";
import { queryPlans } from "../../lib/knowledge/query.ts";
import { getStatus } from "../../lib/knowledge/status.ts";
import { createPlan, updatePlan } from "../../lib/knowledge/write-plan.ts";
import type { StorageAdapter } from "../../lib/storage/adapter.ts";
import { openWorkbench, type Workbench } from "../helpers/knowledge.ts";
import { tempFolder } from "../helpers/store.ts";

/** Another working copy of the same project. */
async function addCopy({ deps, project }: Workbench, files: Readonly<Record<string, string>>) {
  const root = join(tempFolder(), "copy");
  mkdirSync(root);
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  for (const [path, text] of Object.entries(files)) put(path, text);
  await deps.storage.projects.register({ ...project, roots: [root], createdAt: "2026-03-01T12:00:00.000Z" });
  const index = (request: Partial<IndexRequest> = {}) => indexWorkspace(deps, project, { root, ...request });
  return { root, put, index, text: (path: string) => readFileSync(join(root, path), "utf8") };
}

const contentOf = async ({ deps, scope }: Workbench, id: string) =>
  (await showDocument(deps, scope, { id })).content;
const slugs = async ({ deps, scope }: Workbench) =>
  (await queryPlans(deps, scope, {})).plans.map(({ slug }) => slug).sort();

describe("two working copies with differing versions of a file", () => {
  it("store the version that was indexed last, each time anew", async () => {
    const bench = await openWorkbench({ "plans/a.md": "# A\n\nmain\n" });
    await bench.index();
    const copy = await addCopy(bench, { "plans/a.md": "# A\n\nbranch\n" });
    expect(await copy.index()).toMatchObject({ indexed: 1 });
    expect(await contentOf(bench, "a")).toContain("branch");
    expect(await bench.index()).toMatchObject({ indexed: 1, unchanged: 0 });
    expect(await contentOf(bench, "a")).toContain("main");
    expect(await bench.index()).toMatchObject({ indexed: 0, unchanged: 1 });
    expect((await getHistory(bench.deps, bench.scope, { id: "a" })).entries).toHaveLength(3);
  });

  it("are changed where the stored version lies, not where another one does", async () => {
    const bench = await openWorkbench({ "plans/a.md": "# A\n\nmain\n" });
    await bench.index();
    const copy = await addCopy(bench, { "plans/a.md": "# A\n\nbranch\n" });
    await copy.index();
    await updatePlan(bench.deps, bench.scope, { id: "a", append: "More." });
    expect(copy.text("plans/a.md")).toBe("# A\n\nbranch\n\nMore.\n");
    expect(readFileSync(join(bench.root, "plans/a.md"), "utf8")).toBe("# A\n\nmain\n");
    expect(await copy.index()).toMatchObject({ unchanged: 1 });
  });

  it("are changed where the caller stands when both hold the stored version", async () => {
    const bench = await openWorkbench({ "plans/a.md": "# A\n" });
    await bench.index();
    const copy = await addCopy(bench, { "plans/a.md": "# A\n" });
    await copy.index();
    const deps = { ...bench.deps, cwd: join(copy.root, "plans") };
    await updatePlan(deps, bench.scope, { id: "a", append: "Here." });
    expect(copy.text("plans/a.md")).toContain("Here.");
    await bench.index();
    await copy.index();
    bench.put("plans/a.md", copy.text("plans/a.md"));
    await updatePlan({ ...bench.deps, cwd: bench.root }, bench.scope, { id: "a", append: "There." });
    expect(copy.text("plans/a.md")).not.toContain("There.");
    expect(readFileSync(join(bench.root, "plans/a.md"), "utf8")).toContain("There.");
    const made = await createPlan(
      deps,
      { ...bench.project, roots: [bench.root, copy.root] },
      { title: "B", asFile: true },
    );
    expect(copy.text(String(made.path))).toContain("title: B");
  });

  it("refuse a change when neither holds the stored version", async () => {
    const bench = await openWorkbench({ "plans/a.md": "# A\n\nmain\n" });
    await bench.index();
    bench.put("plans/a.md", "# A\n\nnews\n");
    await expect(updatePlan(bench.deps, bench.scope, { id: "a", append: "x" })).rejects.toMatchObject({
      code: "conflict",
      message: "The file plans/a.md was changed since it was indexed.",
    });
  });
});

describe("a working copy that is gone from the disk", () => {
  it("is forgotten by the next index run, with the documents that only it held", async () => {
    const bench = await openWorkbench({ "plans/a.md": "# A\n" });
    await bench.index();
    const copy = await addCopy(bench, { "plans/a.md": "# A\n", "plans/b.md": "# B\n" });
    await copy.index();
    expect(await slugs(bench)).toEqual(["a", "b"]);
    rmSync(copy.root, { recursive: true });
    const report = await bench.index();
    expect(report).toMatchObject({ ok: true, found: 1, unchanged: 1, removed: 1 });
    expect(report.warnings).toEqual([{ item: copy.root, reason: expect.stringContaining("1 document") }]);
    expect(await slugs(bench)).toEqual(["a"]);
    expect((await bench.deps.storage.projects.findById(bench.project.id))?.roots).toEqual([bench.root]);
    expect((await bench.index()).warnings).toEqual([]);
  });

  it("takes nothing along when the project only moved", async () => {
    const bench = await openWorkbench({ "plans/a.md": "# A\n" });
    await bench.index();
    rmSync(bench.root, { recursive: true });
    const moved = await addCopy(bench, { "plans/a.md": "# A\n" });
    expect(await moved.index()).toMatchObject({ found: 1, removed: 0 });
    expect(await slugs(bench)).toEqual(["a"]);
  });
});

describe("a folder that cannot be looked into", () => {
  it("keeps its documents, and the files are reported as failed with the reason", async () => {
    const bench = await openWorkbench({ "plans/a.md": "# A\n", "plans/b.md": "# B\n", "c.md": "# C\n" });
    await bench.index();
    bench.remove("plans");
    // A link to itself: what lies below it cannot be told, for any user.
    symlinkSync("plans", join(bench.root, "plans"));
    const report = await bench.index();
    expect(report).toMatchObject({ ok: false, found: 3, unchanged: 1, failed: 2, removed: 0 });
    expect(report.warnings).toContainEqual({ item: "plans/a.md", reason: expect.stringContaining("circle") });
    expect(await slugs(bench)).toEqual(["a", "b"]);
    bench.wait(31_000);
    expect(await slugs(bench)).toEqual(["a", "b"]);
    expect(await getStatus(bench.deps, bench.scope)).toMatchObject({ index: { behind: 2 } });
  });

  it("does not let another working copy bury what it may hold", async () => {
    const bench = await openWorkbench({ "plans/a.md": "# A\n" });
    await bench.index();
    const copy = await addCopy(bench, { "plans/a.md": "# A\n" });
    await copy.index();
    bench.remove("plans");
    symlinkSync("plans", join(bench.root, "plans"));
    rmSync(join(copy.root, "plans"), { recursive: true });
    expect(await copy.index()).toMatchObject({ removed: 0 });
    expect(await slugs(bench)).toEqual(["a"]);
  });
});

describe("two changes to one document at once", () => {
  it("give one of them a conflict, and file and row hold the text of the other", async () => {
    const bench = await openWorkbench({ "plans/a.md": "# A\n" });
    await bench.index();
    const words = ["first", "second", "third"];
    const done = await Promise.allSettled(
      words.map((append) => updatePlan(bench.deps, bench.scope, { id: "a", append })),
    );
    const won = words.filter((_, index) => done[index]?.status === "fulfilled");
    expect(won).toHaveLength(1);
    for (const change of done)
      if (change.status === "rejected") expect(change.reason).toMatchObject({ code: "conflict" });
    const file = readFileSync(join(bench.root, "plans/a.md"), "utf8");
    expect(file).toBe(`# A\n\n${won[0]}\n`);
    expect(await contentOf(bench, "a")).toBe(file);
    expect(await bench.index()).toMatchObject({ unchanged: 1 });
  });

  it("leave the file as it was when the row was changed first", async () => {
    const bench = await openWorkbench({ "plans/a.md": "# A\n" });
    await bench.index();
    const { storage } = bench.deps;
    const transaction: StorageAdapter["transaction"] = async (context, writes) => {
      const title = "Other";
      const others = writes.map(({ draft, ...rest }) =>
        draft.kind === "plan"
          ? { ...rest, draft: { ...draft, row: { ...draft.row, title } } }
          : { ...rest, draft },
      );
      await storage.transaction(context, others);
      return storage.transaction(context, writes);
    };
    const interrupted = { ...bench.deps, storage: { ...storage, transaction, close: async () => undefined } };
    await expect(updatePlan(interrupted, bench.scope, { id: "a", append: "lost?" })).rejects.toMatchObject({
      code: "conflict",
    });
    expect(readFileSync(join(bench.root, "plans/a.md"), "utf8")).toBe("# A\n");
  });
});
