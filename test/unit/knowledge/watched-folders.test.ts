import { expect, it } from "vitest";
import { watchedFolders } from "../../../lib/knowledge/watched-folders.ts";

const folders = ["", "a", "a/b", "a/b/c", "d", "d/e", "d/e/f"].map((path) => ({ path, modifiedMs: 1 }));
const paths = (files: readonly string[], most: number) =>
  watchedFolders(
    folders,
    files.map((path) => ({ path })),
    most,
  ).map(({ path }) => path);

it("watches all folders where they are few", () => {
  expect(paths(["x.md"], 7)).toEqual(folders.map(({ path }) => path));
});

it("watches the folders of documents and those above them first, then the ones nearest to the top", () => {
  expect(paths(["a/b/c/x.md"], 4)).toEqual(["", "a", "a/b", "a/b/c"]);
  expect(paths(["d/e/f/x.md"], 5)).toEqual(["", "d", "d/e", "d/e/f", "a"]);
});
