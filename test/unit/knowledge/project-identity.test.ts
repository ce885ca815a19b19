import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { normaliseRemote, readProjectIdentity } from "../../../lib/knowledge/project-identity.ts";

let base: string;
const file = (path: string, text: string): void => {
  mkdirSync(join(base, path, ".."), { recursive: true });
  writeFileSync(join(base, path), text);
};

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "aiknowsys-identity-")));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

describe("readProjectIdentity", () => {
  it("names a folder without git by its real path", () => {
    mkdirSync(join(base, "notes"));
    expect(readProjectIdentity(join(base, "notes"), "/home/nobody")).toEqual({
      root: join(base, "notes"),
      name: "notes",
      keys: [`path:${join(base, "notes")}`],
    });
  });

  it("finds the repository above a folder and takes the normalised origin first", () => {
    file(
      "repo/.git/config",
      '[core]\n\tbare = false\n[remote "fork"]\n\turl = https://x.org/other.git\n[remote "origin"]\n\turl = git@github.com:Org/Repo.git\n',
    );
    mkdirSync(join(base, "repo/docs/deep"), { recursive: true });
    const identity = readProjectIdentity(join(base, "repo/docs/deep"), "/home/nobody");
    expect(identity?.keys).toEqual([
      "git:github.com/org/repo",
      `gitdir:${join(base, "repo/.git")}`,
      `path:${join(base, "repo")}`,
    ]);
    expect(identity?.name).toBe("repo");
  });

  it("gives a worktree the identity of its repository", () => {
    file("repo/.git/config", "[core]\n");
    file("repo/.git/worktrees/fix/commondir", "../..\n");
    file("fix/.git", `gitdir: ${join(base, "repo/.git/worktrees/fix")}\n`);
    expect(readProjectIdentity(join(base, "fix"), "/home/nobody")?.keys).toContain(
      `gitdir:${join(base, "repo/.git")}`,
    );
  });

  it("puts a given projectId first", () => {
    const id = "0198c0de-0000-7000-8000-000000000001";
    file("p/.aiknowsys/config.json", JSON.stringify({ projectId: id }));
    expect(readProjectIdentity(join(base, "p"), "/home/nobody")?.keys[0]).toBe(`id:${id}`);
  });

  it("takes neither the home folder nor the root of the disk for a project", () => {
    mkdirSync(join(base, ".aiknowsys"));
    expect(readProjectIdentity(base, base)).toBeUndefined();
    expect(readProjectIdentity("/", base)).toBeUndefined();
    mkdirSync(join(base, "work"));
    expect(readProjectIdentity(join(base, "work"), base)?.root).toBe(join(base, "work"));
  });
});

it.each([
  ["git@github.com:Org/Repo.git", "github.com/org/repo"],
  ["https://user:token@github.com/org/repo", "github.com/org/repo"],
  ["ssh://git@github.com:22/org/repo.git/", "github.com/org/repo"],
  ["https://GITLAB.example.org/a/b/c.git", "gitlab.example.org/a/b/c"],
])("normalises the remote %s", (url, expected) => {
  expect(normaliseRemote(url)).toBe(expected);
});
