import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KnowledgeError } from "../../../lib/domain/error.ts";
import { readFrontmatter } from "../../../lib/markdown/frontmatter.ts";
import { patchFrontmatter } from "../../../lib/markdown/patch.ts";

describe("patchFrontmatter", () => {
  it("changes the value's bytes and nothing else", () => {
    const text = [
      "---",
      "# about this plan",
      'title:   "Auth"   # keep',
      "status: 'PLANNED' # until March",
      "topics: # mine",
      "  - a",
      "  - b # second",
      "",
      "note: |",
      "  one",
      "  two",
      "last: 1.10",
      "---",
      "body\n",
    ].join("\n");
    expect(patchFrontmatter(text, { status: "ACTIVE" })).toBe(text.replace("'PLANNED'", "'ACTIVE'"));
    expect(patchFrontmatter(text, { topics: ["x", "y: z"] })).toBe(
      text.replace("  - a\n  - b # second", '  - x\n  - "y: z" # second'),
    );
    expect(patchFrontmatter(text, { note: "short" })).toBe(
      text.replace("|\n  one\n  two", "short".replace(/^/, '"').concat('"')),
    );
    expect(patchFrontmatter(text, { note: undefined })).toBe(text.replace("note: |\n  one\n  two\n", ""));
    expect(patchFrontmatter(text, { topics: "a" })).toContain("topics: a # mine # second\n");
    expect(patchFrontmatter(text, { owner: "ann" })).toBe(
      text.replace("last: 1.10\n", "last: 1.10\nowner: ann\n"),
    );
  });

  it("gives back the same text when nothing changes", () => {
    const text = "---\nstatus:   PLANNED\ntopics: [a,b]\n---\n";
    expect(patchFrontmatter(text, { status: "PLANNED", topics: ["a", "b"], gone: undefined })).toBe(text);
    expect(patchFrontmatter("# No block\n", { gone: undefined })).toBe("# No block\n");
  });

  it("adds a block behind a byte order mark, with the document's line ending", () => {
    expect(patchFrontmatter("\uFEFF# T\r\n", { status: "DONE", topics: ["a", "b c"] })).toBe(
      "\uFEFF---\r\nstatus: DONE\r\ntopics: [a, b c]\r\n---\r\n# T\r\n",
    );
    expect(patchFrontmatter("", { a: "b" })).toBe("---\na: b\n---\n");
  });

  it("fills an empty block and keeps the indentation of an indented one", () => {
    expect(patchFrontmatter("---\n---\nx", { a: "b" })).toBe("---\na: b\n---\nx");
    expect(patchFrontmatter("---\n  a: b\n---\nx", { c: "d" })).toBe("---\n  a: b\n  c: d\n---\nx");
  });

  it("patches a broken block line by line", () => {
    const text = "---\nassignee: @codex\ntitle: CLI: fix\nlabels:\n  - @a\n---\nbody";
    expect(patchFrontmatter(text, { status: "Done" })).toBe(
      text.replace("  - @a\n", "  - @a\nstatus: Done\n"),
    );
    expect(patchFrontmatter(text, { title: "a: b" })).toBe(text.replace("CLI: fix", '"a: b"'));
    expect(patchFrontmatter(text, { labels: ["@b"] })).toBe(text.replace("@a", '"@b"'));
    expect(patchFrontmatter(text, { assignee: undefined })).toBe(text.replace("assignee: @codex\n", ""));
  });

  it("removes every copy of a key that is given twice", () => {
    expect(patchFrontmatter("---\na: 1\nb: 2\na: 3\n---\n", { a: undefined })).toBe("---\nb: 2\n---\n");
    expect(patchFrontmatter("---\na: 1\nb: 2\na: 3\n---\n", { a: "x" })).toBe("---\na: 1\nb: 2\na: x\n---\n");
  });

  it.each([
    "true",
    "null",
    "3",
    "1.0",
    "2026-02-14",
    "~",
    "yes",
    "- a",
    "# b",
    "a: b",
    " x ",
    "",
    "@x",
    "`y`",
    "[z]",
    "a\nb",
    "\u0085\u2028",
    "\uD800",
    "it's",
    '"q"',
    "0x1f",
    "1_000",
    "---",
    "🎯 done",
  ])("writes %j so that it reads back as text", (value) => {
    for (const text of [
      "body",
      "---\nk: 'old'\n---\nbody",
      '---\nk: "old"\n---\nbody',
      "---\nk: old\n---\nbody",
      "---\nk: >-\n  old\n---\nbody",
    ]) {
      const patched = patchFrontmatter(text, { k: value, l: [value, value] });
      const { data } = readFrontmatter(patched);
      expect(patched.isWellFormed()).toBe(true);
      expect(data).toEqual({ k: value, l: [value, value] });
    }
  });

  it.each([
    ["a flow mapping", "---\n{a: 1, b: 2}\n---\nbody"],
    ["an anchor that another key uses", "---\na: &x 1\nb: *x\n---\nbody"],
  ])("refuses %s rather than harm it", (_name, text) => {
    expect(() => patchFrontmatter(text, { a: undefined })).toThrow(KnowledgeError);
    expect(() => patchFrontmatter(text, { a: undefined })).toThrow(
      expect.objectContaining({ code: "unsupported" }),
    );
  });

  it("reads back what was written and leaves all else equal, over generated texts", () => {
    const line = fc.constantFrom(
      "a: 1",
      'b: "x" # note',
      "c: 'y'",
      "d: @z",
      "e:",
      "  - f",
      "  - @g",
      "- h",
      "i: [j, k]",
      "l: |",
      "  m",
      "n: o: p",
      "",
      "# q",
      "r: {s: t}",
      "  u",
    );
    const key = fc.constantFrom("a", "b", "c", "d", "e", "i", "l", "n", "r", "status", "two words", "ü");
    const value = fc.option(
      fc.oneof(
        fc.string({ unit: "grapheme" }),
        fc.string({ unit: "binary" }),
        fc.array(fc.string(), { maxLength: 3 }),
      ),
      { nil: undefined },
    );
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 9 }),
        fc.dictionary(key, value, { noNullPrototype: true }),
        fc.constantFrom("\n", "\r\n"),
        fc.string(),
        (lines, changes, eol, body) => {
          const text = ["---", ...lines, "---", body].join(eol);
          const before = readFrontmatter(text);
          let patched: string;
          try {
            patched = patchFrontmatter(text, changes);
          } catch (error) {
            expect(error).toMatchObject({ code: "unsupported" });
            return;
          }
          const after = readFrontmatter(patched);
          const kept = Object.entries(before.data).filter(([name]) => !Object.hasOwn(changes, name));
          const set = Object.entries(changes).filter(([, wanted]) => wanted !== undefined);
          expect(after.body).toBe(before.body);
          expect(after.data).toEqual(Object.fromEntries([...kept, ...set]));
        },
      ),
      { numRuns: 400 },
    );
  });
});
