import { isUtf8 } from "node:buffer";
import { once } from "node:events";
import { mkdir, mkdtemp, realpath, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decodeText } from "../../../lib/markdown/decode-text.ts";
import { readTextFile, scanWorkspace } from "../../../lib/markdown/workspace.ts";

let top: string;
let root: string;

beforeEach(async () => {
  top = await realpath(await mkdtemp(join(tmpdir(), "workspace-")));
  root = join(top, "project");
  await mkdir(root);
});
afterEach(() => rm(top, { recursive: true, force: true }));

async function put(path: string, content: string | Uint8Array = "# X\n"): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
}

const paths = (list: readonly { readonly path: string }[]) => list.map(({ path }) => path);

describe("scanWorkspace", () => {
  it("leaves out what has a longer path than stores can keep, and names it", async () => {
    const deep = Array.from({ length: 4 }, () => "x".repeat(240)).join("/");
    await put(`${deep}/near.md`);
    await put(`${deep}/${"y".repeat(60)}.md`);
    await put(`${deep}/${"z".repeat(60)}/far.md`);
    const { files, skipped, warnings } = await scanWorkspace({ root });
    expect(paths(files)).toEqual([`${deep}/near.md`]);
    expect(skipped).toEqual([
      { path: `${deep}/${"y".repeat(60)}.md`, reason: "Its path is longer than 1000 bytes." },
    ]);
    expect(warnings).toEqual([
      {
        path: `${deep}/${"z".repeat(60)}`,
        reason: "The folder is left out. Its path is longer than 1000 bytes.",
      },
    ]);
  });

  it("finds markdown in every folder, dot folders too, in order, with size and time", async () => {
    for (const path of [
      "b.MD",
      "a/c.markdown",
      ".aiknowsys/PLAN_x.md",
      ".github/d.mdx",
      "a.txt",
      "a/e.mdown",
      "ü ö/f.md",
    ])
      await put(path);
    const { files, skipped, warnings } = await scanWorkspace({ root });
    expect(paths(files)).toEqual([
      ".aiknowsys/PLAN_x.md",
      ".github/d.mdx",
      "a/c.markdown",
      "a/e.mdown",
      "b.MD",
      "ü ö/f.md",
    ]);
    expect(files[0]).toMatchObject({ absolute: join(root, ".aiknowsys/PLAN_x.md"), size: 4 });
    expect(files[0]?.mtimeMs).toBeGreaterThan(0);
    expect([skipped, warnings]).toEqual([[], []]);
  });

  it("leaves other people's folders out, but not when the root is one", async () => {
    for (const path of ["a.md", "node_modules/x/y/z.md", "p/node_modules/w.md", ".git/k.md", "dist/d.md"])
      await put(path);
    const { files, warnings } = await scanWorkspace({ root });
    expect(paths(files)).toEqual(["a.md"]);
    // Only what people might have named so is told of.
    expect(paths(warnings)).toEqual(["dist"]);
    const inside = await scanWorkspace({ root: join(root, "node_modules") });
    expect(paths(inside.files)).toEqual(["x/y/z.md"]);
  });

  it("marks what a glob names, whatever its extension, and says which glob matched nothing", async () => {
    for (const path of ["notes/a.md", "notes/b.txt", "notes/c.png", "logs/d.org", "e.md", "vendor/ours/f.md"])
      await put(path);
    const globs = {
      plans: ["notes", "nowhere/*.md"],
      sessions: "logs/*.org",
      patterns: ["vendor/ours/*.md", "notes/a.md"],
    };
    const { files, warnings } = await scanWorkspace({ root, globs });
    expect(files.map(({ path, given }) => [path, given])).toEqual([
      ["e.md", undefined],
      ["logs/d.org", "session"],
      ["notes/a.md", "plan"],
      ["notes/b.txt", "plan"],
      ["vendor/ours/f.md", "pattern"],
    ]);
    expect(warnings).toContainEqual({ path: "nowhere/*.md", reason: "The glob for plans matched no file." });
  });

  it("takes an absolute glob and one that begins with a dot", async () => {
    await put("notes/a.md");
    await put("logs/b.md");
    const { files } = await scanWorkspace({
      root,
      globs: { plans: `${root}/notes/*.md`, sessions: "./logs/" },
    });
    expect(files.map(({ given }) => given)).toEqual(["session", "plan"]);
  });

  it("skips what is too big and goes into a folder that is named like a file", async () => {
    await put("big.md");
    await truncate(join(root, "big.md"), 20 * 1024 * 1024);
    await put("folder.md/in.md");
    const { files, skipped } = await scanWorkspace({ root });
    expect(paths(files)).toEqual(["folder.md/in.md"]);
    expect(skipped).toEqual([
      { path: "big.md", reason: "It is too big: 20971520 bytes, the limit is 16777216." },
    ]);
    const small = await scanWorkspace({ root, maxBytes: 3, globs: { plans: "*.md" } });
    expect(paths(small.skipped)).toEqual(["big.md", "folder.md/in.md"]);
  });

  it("reads a linked file once, follows no link out of the root, and no loop", async () => {
    await put("CLAUDE.md");
    await put("docs/a.md");
    await put("data/hidden.bin", "# text");
    await writeFile(join(top, "secret.md"), "secret");
    await mkdir(join(top, "other"));
    await symlink("CLAUDE.md", join(root, "AGENTS.md"));
    await symlink("gone.md", join(root, "broken.md"));
    await symlink(join(top, "secret.md"), join(root, "leak.md"));
    await symlink(join(top, "other"), join(root, ".outside"));
    await symlink("..", join(root, "docs/loop"));
    await symlink("self.md", join(root, "self.md"));
    await symlink("data/hidden.bin", join(root, "other-name.md"));
    const { files, skipped, warnings } = await scanWorkspace({ root });
    expect(paths(files)).toEqual(["CLAUDE.md", "docs/a.md", "other-name.md"]);
    expect(skipped.map(({ path, reason }) => `${path}: ${reason}`)).toEqual([
      'AGENTS.md: It is a link to "CLAUDE.md", which is looked at itself.',
      "broken.md: It is not there: a broken link, or removed meanwhile.",
      "leak.md: It is a link that leads out of the folder being indexed.",
      "self.md: Its links lead in a circle.",
    ]);
    expect(paths(warnings)).toEqual([".outside", "docs/loop"]);
  });

  it("does not let a glob reach through a link out of the root", async () => {
    await mkdir(join(top, "other"));
    await writeFile(join(top, "other/x.md"), "secret");
    await writeFile(join(top, "other/y.txt"), "secret");
    await symlink(join(top, "other"), join(root, "link"));
    await symlink(join(top, "other/y.txt"), join(root, "y.txt"));
    const globs = { plans: ["link/*.md", "link/x.md", "../other/*.md", "y.txt"] };
    const { files, skipped, warnings } = await scanWorkspace({ root, globs });
    expect(files).toEqual([]);
    expect(paths(warnings)).toEqual(["link", "y.txt"]);
    expect(paths(skipped)).toEqual(["../other/x.md", "link/x.md"]);
  });

  it("never opens what is no regular file", async () => {
    const server = createServer().listen(join(root, "socket.md"));
    await once(server, "listening");
    const { files, skipped } = await scanWorkspace({ root });
    server.close();
    expect(files).toEqual([]);
    expect(skipped).toEqual([{ path: "socket.md", reason: "It is no regular file." }]);
  });

  it("works through a root that is a link, and refuses one that is no folder", async () => {
    await put("a.md");
    await symlink(root, join(top, "alias"));
    expect(paths((await scanWorkspace({ root: join(top, "alias") })).files)).toEqual(["a.md"]);
    for (const wrong of [join(root, "a.md"), join(top, "nowhere")]) {
      await expect(scanWorkspace({ root: wrong })).rejects.toMatchObject({ code: "not_found" });
    }
  });
});

describe("readTextFile", () => {
  it("gives text with its byte order mark, and the bytes", async () => {
    await put("a.md", "\uFEFFgrün\r\n");
    const read = await readTextFile(join(root, "a.md"));
    expect(read).toMatchObject({ text: "\uFEFFgrün\r\n", encoding: "utf-8", warnings: [] });
    expect(read.bytes).toHaveLength(10);
    expect(read.problem).toBeUndefined();
  });

  it("says in a sentence what the file system refuses", async () => {
    await expect(readTextFile(join(root, "gone.md"))).rejects.toMatchObject({
      code: "unavailable",
      message: "It is not there: a broken link, or removed meanwhile.",
    });
    await expect(readTextFile(root)).rejects.toMatchObject({ message: "It is a folder." });
  });
});

describe("decodeText", () => {
  it("reads bytes that are no UTF-8 as U+FFFD and names the line", () => {
    const bytes = Buffer.concat([
      Buffer.from("one\ntwo "),
      Buffer.from([0xe9]),
      Buffer.from(" words enough\nthree\n"),
    ]);
    expect(decodeText(bytes)).toMatchObject({
      text: "one\ntwo \uFFFD words enough\nthree\n",
      warnings: [{ line: 2, reason: "Bytes that are no UTF-8 in line 2 were read as U+FFFD." }],
    });
  });

  it("says nothing of a U+FFFD that the file itself holds", () => {
    expect(decodeText(Buffer.from("\uFFFD\uFFFD"))).toMatchObject({ text: "\uFFFD\uFFFD", warnings: [] });
  });

  it("does not count a U+FFFD of the file's own against it", () => {
    const mixed = Buffer.concat([Buffer.from("\uFFFD".repeat(50)), Buffer.from([0xff])]);
    expect(decodeText(mixed).problem).toBeUndefined();
  });

  it("reads UTF-16 with its mark, and a text with one NUL", () => {
    expect(decodeText(Buffer.from("\uFEFF# Titel\n", "utf16le"))).toMatchObject({
      text: "\uFEFF# Titel\n",
      encoding: "utf-16le",
    });
    expect(decodeText(Buffer.from(`${"words ".repeat(20)}\0`)).problem).toBeUndefined();
  });

  it.each([
    ["a picture", Buffer.from("89504e470d0a1a0a0000000d4948445200000001000000010806000000", "hex")],
    ["compressed bytes", Buffer.from(Array.from({ length: 4000 }, (_, at) => (at * at * 31 + at * 7) % 251))],
    ["words between NULs", Buffer.from("a few words\0".repeat(20))],
    ["UTF-16 without a mark", Buffer.from("# Titel und mehr", "utf16le")],
  ])("knows %s from text", (_name, bytes) => {
    expect(decodeText(bytes)).toMatchObject({ text: "", problem: expect.stringContaining("not text") });
    // What is UTF-8 all through is not blamed for its encoding.
    expect(decodeText(bytes).problem).toContain(isUtf8(bytes) ? "it holds NUL bytes" : "no UTF-8");
  });

  it("takes an empty file for text", () => {
    expect(decodeText(new Uint8Array())).toMatchObject({ text: "", warnings: [] });
  });
});
