import { describe, expect, it } from "vitest";
import { scanBlocks } from "../../../lib/markdown/block-lines.ts";
import { findSection, readSections, visibleHeading } from "../../../lib/markdown/sections.ts";

const headings = (text: string) =>
  readSections(text).flatMap(({ level, heading }) => (level > 0 ? [`${level} ${heading}`] : []));

describe("readSections", () => {
  it("gives every section its own words, its subsections and its line", () => {
    const text = "intro\n\n# A\na\n## B\nb\n### C\nc\n# D\n";
    const sections = readSections(text);
    expect(sections.map(({ path, line }) => `${path.join("/")}:${line}`)).toEqual([
      ":1",
      "A:3",
      "A/B:5",
      "A/B/C:7",
      "D:9",
    ]);
    expect(sections.map(({ start, ownEnd }) => text.slice(start, ownEnd)).join("")).toBe(text);
    const b = sections[2];
    expect(text.slice(b?.bodyStart, b?.ownEnd)).toBe("b\n");
    expect(text.slice(b?.start, b?.end)).toBe("## B\nb\n### C\nc\n");
  });

  it("has no preamble where the text begins with a heading, and one where there is no heading", () => {
    expect(readSections("# A\n").map(({ level }) => level)).toEqual([1]);
    expect(readSections("words").map(({ level }) => level)).toEqual([0]);
    expect(readSections("")).toEqual([
      { level: 0, heading: "", path: [], start: 0, bodyStart: 0, ownEnd: 0, end: 0, line: 1 },
    ]);
  });

  it("counts lines from the start of the text when the body begins later", () => {
    const text = "---\na: 1\n---\n# A\n";
    expect(readSections(text, 13)).toMatchObject([{ heading: "A", line: 4, start: 13 }]);
  });

  it.each([
    ["a fence", "```\n# no\n```\n# yes\n"],
    ["a fence of tildes that holds ticks", "~~~\n```\n# no\n~~~\n# yes\n"],
    ["a fence closed only by one as long", "````md\n```\n# no\n```\n````\n# yes\n"],
    ["a fence whose info looks like a close", "```\n``` js\n# no\n```\n# yes\n"],
    ["an indented fence", "   ```\n# no\n   ```\n# yes\n"],
    ["a fence in a list item", "- item\n\n  ```sh\n  # no\n  ```\n\n# yes\n"],
    ["a fence on the item's own line", "1. ```sh\n   # no\n   ```\n\n# yes\n"],
    ["a fence in a nested item", "- a\n  - b\n    ~~~\n    # no\n    ~~~\n# yes\n"],
    ["an open fence that its list item ends", "- item\n  ```sh\n  # no\n\n# yes\n"],
    ["indented code", "    # no\n\n# yes\n"],
    ["a comment over several lines", "<!--\n# no\n\n# no\n-->\n# yes\n"],
    ["a block of HTML", "<details>\n# no\n</details>\n\n# yes\n"],
    ["a block of HTML with words behind its tag", "<div class='x'>words\n# no\n\n# yes\n"],
    ["a pre element", "<pre>\n\n# no\n</pre>\n# yes\n"],
    ["a quote", "> # no\n\n# yes\n"],
    ["a list item", "- # no\n\n# yes\n"],
    ["no blank behind the hashes", "#no\n\n# yes\n"],
    ["seven hashes", "####### no\n\n# yes\n"],
    ["an escaped hash", "\\# no\n\n# yes\n"],
  ])("finds no heading in %s", (_name, text) => {
    expect(headings(text)).toEqual(["1 yes"]);
    expect(headings(text.replaceAll("\n", "\r\n"))).toEqual(["1 yes"]);
  });

  it("lets a fence that nothing closes run to the end, and says how to close it", () => {
    expect(headings("# a\n```js\n# no\n")).toEqual(["1 a"]);
    expect(scanBlocks("~~~~\n# no\n").closer).toBe("~~~~");
    expect(scanBlocks("<!-- open\n").closer).toBe("-->");
    expect(scanBlocks("```\n```\n").closer).toBeUndefined();
  });

  it.each([
    ["closing hashes", "## a b ##   \n", ["2 a b"]],
    ["hashes that belong to the words", "# C#\n# a #b\n", ["1 C#", "1 a #b"]],
    ["an empty heading", "#\n## \n", ["1 ", "2 "]],
    ["three blanks before", "   # a\n", ["1 a"]],
    ["setext headings", "a\n===\n\nb\n---\n", ["1 a", "2 b"]],
    ["a setext heading over two lines", "a\nb\n==\n", ["1 a b"]],
    ["a heading right below a paragraph", "words\n# a\n", ["1 a"]],
    ["old Macintosh line endings", "# a\rwords\r# b\r", ["1 a", "1 b"]],
  ])("reads %s", (_name, text, expected) => {
    expect(headings(text)).toEqual(expected);
  });

  it.each([
    ["below a blank line", "a\n\n---\n"],
    ["below a field", "**Status:** done\n---\n"],
    ["below several lines", "a\nb\n---\n"],
    ["below a list item", "- a\n---\n"],
    ["below a lazy line of a list item", "- a\nb\n---\n"],
    ["below a quote", "> a\n---\n"],
    ["below a table", "| a |\n---\n"],
  ])("takes dashes %s for a rule", (_name, text) => {
    expect(headings(text)).toEqual([]);
  });
});

describe("visibleHeading", () => {
  it("shows what people see", () => {
    expect(visibleHeading("**Bold** [link](http://x.y) `code` ~ snake_case_name <!-- note --> \\*")).toBe(
      "Bold link code ~ snake_case_name *",
    );
  });
});

describe("findSection", () => {
  const text =
    "# Plan\n## 🎯 Goal\n## Notes\n### Open\n## Progress: week 1\n## Later\n### Open\n#### Deep\n## Twice\n## Twice\n";
  const at = (name: string) => findSection(text, name)?.line;

  it("finds by the whole heading, then by its beginning, whatever its case and decoration", () => {
    expect(at("notes")).toBe(3);
    expect(at("## Notes")).toBe(3);
    expect(at("goal")).toBe(2);
    expect(at("progress")).toBe(5);
    expect(at("nothing")).toBeUndefined();
    expect(at("")).toBeUndefined();
  });

  it("finds by a path with gaps", () => {
    expect(at("Later/Open")).toBe(7);
    expect(at("plan › later › deep")).toBe(8);
    expect(at("Plan/Deep")).toBe(8);
    expect(at("Notes/Deep")).toBeUndefined();
  });

  it("finds a heading that holds a slash before it takes the slash for a path", () => {
    expect(findSection("# CI/CD\n", "ci/cd")?.line).toBe(1);
  });

  it("tells sections apart that have no path", () => {
    const flat = "## A\n## A\n";
    expect(() => findSection(flat, "a")).toThrow(expect.objectContaining({ valid: ["A#1", "A#2"] }));
    expect(findSection(flat, "A#2")?.line).toBe(2);
    expect(findSection(flat, "A#3")).toBeUndefined();
  });

  it("refuses an ambiguous name with names that each find one", () => {
    for (const name of ["open", "twice"]) {
      let valid: readonly string[] = [];
      try {
        findSection(text, name);
        expect.unreachable();
      } catch (error) {
        expect(error).toMatchObject({ code: "invalid_input", field: "section" });
        valid = (error as { valid: readonly string[] }).valid;
      }
      expect(valid).toHaveLength(2);
      const lines = valid.map(at);
      expect(new Set(lines).size).toBe(2);
      expect(lines).not.toContain(undefined);
    }
  });
});
