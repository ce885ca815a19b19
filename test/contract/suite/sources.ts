import { expect, it } from "vitest";
import type { SourceFile } from "../../../lib/storage/contract/rows.ts";
import { after, NOON, newProject, nextRowId } from "../../helpers/store.ts";
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

  it("lists index runs newest first, one for each root and globs", async () => {
    const project = await newProject(store());
    const early = { root: "/a", globs: "{}", at: NOON };
    const late = { root: "/a", globs: "{}", at: after(60) };
    const globs = { root: "/a", globs: '{"plans":"*.md"}', at: after(30) };
    for (const run of [early, globs, late]) await store().sources.recordRun(project, run);
    expect(await store().sources.runs(project)).toEqual([late, globs]);
  });
}
