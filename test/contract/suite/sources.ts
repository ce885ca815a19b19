import { expect, it } from "vitest";
import type { SourceFile } from "../../../lib/storage/contract/rows.ts";
import {
  after,
  context,
  NOON,
  newProject,
  nextRowId,
  patternDraft,
  planDraft,
  sessionDraft,
  write,
} from "../../helpers/store.ts";
import type { Store } from "./describe-storage.ts";

function file(root: string, path: string, overrides: Partial<SourceFile> = {}): SourceFile {
  return {
    root,
    path,
    kind: "plan",
    id: nextRowId(),
    size: 12,
    modifiedMs: 1_772_366_400_000.25,
    fileHash: "ab".repeat(32),
    redact: true,
    ...overrides,
  };
}

export function describeSources(store: Store): void {
  it("gives back recorded files by root, then path", async () => {
    const project = await newProject(store());
    const files = [file("/b", "a.md"), file("/a", "z.md"), file("/a", "ä/x.md"), file("/a", "b.md")];
    await store().sources.record(project, files);
    const [b, z, umlaut, ab] = files;
    expect(await store().sources.files(project)).toEqual([ab, z, umlaut, b]);
  });

  it("keeps one row per root and path: the last one recorded", async () => {
    const project = await newProject(store());
    const first = file("/a", "x.md");
    const second = { ...first, kind: "session", size: 99, fileHash: "cd".repeat(32) } as const;
    await store().sources.record(project, [first]);
    await store().sources.record(project, [second]);
    expect(await store().sources.files(project)).toEqual([second]);
  });

  it("forgets paths of one root only", async () => {
    const project = await newProject(store());
    const kept = file("/b", "x.md");
    await store().sources.record(project, [file("/a", "x.md"), kept]);
    await store().sources.forget(project, "/a", ["x.md", "never seen.md"]);
    expect(await store().sources.files(project)).toEqual([kept]);
  });

  it("keeps the files of projects apart", async () => {
    const mine = await newProject(store());
    const other = await newProject(store());
    await store().sources.record(mine, [file("/a", "x.md")]);
    expect(await store().sources.files(other)).toEqual([]);
  });

  it("holds one choice about secrets for a path in every root", async () => {
    const project = await newProject(store());
    const first = file("/a", "x.md");
    await store().sources.record(project, [first, file("/a", "y.md")]);
    await store().sources.record(project, [{ ...first, root: "/b", redact: false }]);
    const choices = (await store().sources.files(project)).map(({ root, path, redact }) => [
      root,
      path,
      redact,
    ]);
    expect(choices).toEqual([
      ["/a", "x.md", false],
      ["/a", "y.md", true],
      ["/b", "x.md", false],
    ]);
  });

  it("tells what the rows that came from files hold, tombstones included, and no others", async () => {
    const project = await newProject(store());
    const plan = planDraft(project, { source: "file", fileHash: "cd".repeat(32) });
    const gone = sessionDraft(project, { source: "file", fileHash: "ef".repeat(32), deletedAt: after(1) });
    const drafts = [plan, gone, patternDraft(project)];
    await store().transaction(
      context(project),
      drafts.map((draft) => write(draft)),
    );
    expect(await store().sources.rows(project)).toEqual([
      { kind: "plan", id: plan.row.id, fileHash: plan.row.fileHash, isDeleted: false },
      { kind: "session", id: gone.row.id, fileHash: gone.row.fileHash, isDeleted: true },
    ]);
  });

  it("keeps the last state of each folder, and forgets those below a path that are not named again", async () => {
    const project = await newProject(store());
    const at = (path: string, modifiedMs: number) => ({ path, modifiedMs });
    const known = async () =>
      (await store().sources.folders(project)).map(({ root, path, modifiedMs }) => [root, path, modifiedMs]);
    await store().sources.recordFolders(project, "/b", [at("", 1)]);
    await store().sources.recordFolders(project, "/a", [
      at("", 1),
      at("🚢x", 2),
      at("🚢x/y", 3),
      at("🚢xz", 4),
    ]);
    await store().sources.recordFolders(project, "/a", [at("", 5.25)]);
    await store().sources.recordFolders(project, "/a", [at("🚢x", 6)], "🚢x/");
    expect(await known()).toEqual([
      ["/a", "", 5.25],
      ["/a", "🚢x", 6],
      ["/a", "🚢xz", 4],
      ["/b", "", 1],
    ]);
    await store().sources.recordFolders(project, "/a", [at("n", 7)], "");
    expect(await known()).toEqual([
      ["/a", "n", 7],
      ["/b", "", 1],
    ]);
  });

  it("forgets a root with its files, folders and runs, and leaves the others", async () => {
    const project = await newProject(store(), { roots: ["/a", "/b"] });
    const other = await newProject(store(), { roots: ["/a"] });
    for (const [owner, root] of [
      [project, "/a"],
      [project, "/b"],
      [other, "/a"],
    ] as const) {
      await store().sources.record(owner, [file(root, "x.md")]);
      await store().sources.recordFolders(owner, root, [{ path: "", modifiedMs: 1 }]);
      await store().sources.recordRun(owner, { root, globs: "{}", at: NOON });
    }
    await store().sources.forgetRoot(project, "/a");
    const roots = async (owner: typeof project) => [
      (await store().sources.files(owner)).map(({ root }) => root),
      (await store().sources.folders(owner)).map(({ root }) => root),
      (await store().sources.runs(owner)).map(({ root }) => root),
      (await store().projects.findById(owner))?.roots,
    ];
    expect(await roots(project)).toEqual(Array(4).fill(["/b"]));
    expect(await roots(other)).toEqual(Array(4).fill(["/a"]));
  });

  it("lists index runs newest first, one for each root and globs", async () => {
    const project = await newProject(store());
    const early = { root: "/a", globs: "{}", at: NOON };
    const late = { root: "/a", globs: "{}", at: after(60) };
    const globs = { root: "/a", globs: '{"plans":"*.md"}', at: after(30) };
    for (const run of [early, globs, late]) await store().sources.recordRun(project, run);
    expect(await store().sources.runs(project)).toEqual([late, globs]);
  });
}
