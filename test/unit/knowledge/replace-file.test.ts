import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { replaceFile } from "../../../lib/knowledge/replace-file.ts";
import { tempFolder } from "../../helpers/store.ts";

const NOW = Date.parse("2026-03-01T12:00:00.000Z");

function makeFile(text: string) {
  const folder = tempFolder();
  const path = join(folder, "a.md");
  writeFileSync(path, text);
  const replace = (from: string, to: string, then: () => Promise<unknown> = async () => undefined) =>
    replaceFile(path, { name: "a.md", from: Buffer.from(from), text: to }, NOW, then);
  const lock = (ageMs: number): void => {
    const file = join(folder, "a.md.aiknowsys.lock");
    writeFileSync(file, "");
    utimesSync(file, (NOW - ageMs) / 1_000, (NOW - ageMs) / 1_000);
  };
  return {
    folder,
    path,
    replace,
    lock,
    text: () => readFileSync(path, "utf8"),
    names: () => readdirSync(folder),
  };
}

describe("putting a new text into a file", () => {
  it("keeps the file's mode, gives back the result and leaves nothing else in the folder", async () => {
    const { path, replace, text, names } = makeFile("old");
    chmodSync(path, 0o666);
    expect(await replace("old", "new", async () => 7)).toBe(7);
    expect(text()).toBe("new");
    expect(statSync(path).mode & 0o777).toBe(0o666);
    expect(names()).toEqual(["a.md"]);
  });

  it("writes through a link and leaves it a link", async () => {
    const { folder, path, text } = makeFile("old");
    const link = join(folder, "link.md");
    symlinkSync("a.md", link);
    const change = { name: "link.md", from: Buffer.from("old"), text: "new" };
    await replaceFile(link, change, NOW, async () => undefined);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(text()).toBe("new");
    expect(lstatSync(path).isFile()).toBe(true);
  });

  it("refuses when the file holds other bytes, and leaves no temporary file", async () => {
    const { replace, text, names } = makeFile("somebody else's");
    let done = false;
    const then = async (): Promise<void> => {
      done = true;
    };
    await expect(replace("old", "new", then)).rejects.toMatchObject({ code: "conflict" });
    expect({ text: text(), names: names(), done }).toEqual({
      text: "somebody else's",
      names: ["a.md"],
      done: false,
    });
  });

  it("puts the old bytes back when what belongs to it fails", async () => {
    const { replace, text, names } = makeFile("old");
    const refusal = new Error("no row");
    await expect(replace("old", "new", () => Promise.reject(refusal))).rejects.toBe(refusal);
    expect({ text: text(), names: names() }).toEqual({ text: "old", names: ["a.md"] });
  });

  it("does not put them back over what somebody wrote meanwhile", async () => {
    const { path, replace, text } = makeFile("old");
    const then = async (): Promise<never> => {
      writeFileSync(path, "somebody else's");
      throw new Error("no row");
    };
    await expect(replace("old", "new", then)).rejects.toThrow("no row");
    expect(text()).toBe("somebody else's");
  });

  it("refuses while another holds the file's lock, and takes over a lock that was left behind", async () => {
    const { replace, lock, text, names } = makeFile("old");
    lock(59_000);
    await expect(replace("old", "new")).rejects.toMatchObject({
      code: "conflict",
      message: "The file a.md is being changed by somebody else.",
    });
    expect({ text: text(), names: names() }).toEqual({ text: "old", names: ["a.md", "a.md.aiknowsys.lock"] });
    lock(61_000);
    await replace("old", "new");
    expect({ text: text(), names: names() }).toEqual({ text: "new", names: ["a.md"] });
  });

  it("says when the folder does not take the file", async () => {
    const { folder, replace, text } = makeFile("old");
    mkdirSync(join(folder, `a.md.aiknowsys-${process.pid}.tmp`));
    await expect(replace("old", "new")).rejects.toMatchObject({ code: "unavailable" });
    expect(text()).toBe("old");
  });
});
