import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { appendToDocument, appendToSection, replaceSection } from "../../../lib/markdown/section-edits.ts";
import { findSection, readSections, type Section } from "../../../lib/markdown/sections.ts";

function section(text: string, name: string): Section {
  const found = findSection(text, name);
  if (found === undefined) throw new Error(`no section ${name}`);
  return found;
}

describe("appendToSection", () => {
  it("writes behind the section's words and subsections, before its closing rule", () => {
    const text = "# T\n\n## A\n\na\n\n### B\n\nb\n\n---\n\n## C\n\nc\n";
    expect(appendToSection(text, section(text, "A"), "new")).toBe(
      "# T\n\n## A\n\na\n\n### B\n\nb\n\nnew\n\n---\n\n## C\n\nc\n",
    );
  });

  it("writes before an end mark of another tool", () => {
    const text = "## A\n\n<!-- A:BEGIN -->\na\n<!-- A:END -->\n\n## B\n";
    expect(appendToSection(text, section(text, "A"), "new")).toBe(
      "## A\n\n<!-- A:BEGIN -->\na\n\nnew\n\n<!-- A:END -->\n\n## B\n",
    );
  });

  it("fills an empty section and one that the text ends with", () => {
    expect(appendToSection("# A\n# B\n", section("# A\n# B\n", "A"), "new\n")).toBe("# A\n\nnew\n\n# B\n");
    expect(appendToSection("# A", section("# A", "A"), "new")).toBe("# A\n\nnew\n");
    expect(appendToSection("# A\r\nx", section("# A\r\nx", "A"), "new")).toBe("# A\r\nx\r\n\r\nnew\r\n");
  });

  it("closes a fence that the document leaves open, so that the words are no code", () => {
    const text = "# A\n\n```js\ncode\n";
    expect(appendToSection(text, section(text, "A"), "## New")).toBe("# A\n\n```js\ncode\n```\n\n## New\n");
  });

  it("does not part a setext heading from its underline", () => {
    const text = "# A\n\nb\n---\n\n# C\n";
    expect(appendToSection(text, section(text, "A"), "new")).toBe("# A\n\nb\n---\n\nnew\n\n# C\n");
  });

  it("takes replacement signs and backslashes as they are", () => {
    const addition = "$& $1 $$ $` \\n \\\\ {x}";
    const text = "# A\na\n# B\nb\n";
    expect(appendToSection(text, section(text, "A"), addition)).toContain(`\n\n${addition}\n\n# B`);
    expect(replaceSection(text, section(text, "A"), addition)).toBe(`# A\n${addition}\n\n# B\nb\n`);
    expect(appendToDocument(text, addition)).toBe(`${text}\n${addition}\n`);
  });

  it("keeps every character of the document, over generated documents", () => {
    const line = fc.constantFrom(
      "# A",
      "## B",
      "text",
      "",
      "---",
      "- item",
      "more",
      "> q",
      "| t |",
      "<!-- x -->",
      "**Status:** y",
    );
    const addition = fc.constantFrom("one", "two\n\nlines\n", "- [ ] task", "$&", "```\n# no\n```");
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 15 }),
        fc.constantFrom("\n", "\r\n"),
        addition,
        fc.nat(),
        (lines, eol, words, pick) => {
          const text = lines.join(eol);
          const sections = readSections(text);
          const chosen = sections[pick % sections.length];
          if (chosen === undefined) return;
          const edited = appendToSection(text, chosen, words);
          const at = [...edited.matchAll(/(?=one|two|- \[ \]|\$&|```\n# no)/g)]
            .map(({ index }) => index)
            .find((index) => {
              const rest = edited.slice(0, index) + edited.slice(index + words.length);
              return edited.startsWith(words, index) && rest.replace(/\s+/g, "") === text.replace(/\s+/g, "");
            });
          expect(at).toBeDefined();
          const own = readSections(edited).find(
            ({ start, level }) => start === chosen.start && level === chosen.level,
          );
          expect(edited.slice(own?.start, own?.end)).toContain(words);
          expect(readSections(edited)).toHaveLength(sections.length);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("replaceSection", () => {
  it("replaces words and subsections and keeps the heading, the rule and the next section", () => {
    const text = "# T\n## A\n\nold\n### B\nold\n\n---\n\n## C\nc\n";
    expect(replaceSection(text, section(text, "A"), "new")).toBe("# T\n## A\n\nnew\n\n---\n\n## C\nc\n");
  });

  it("does not double a heading that the replacement brings along", () => {
    const text = "## A\nold\n## C\n";
    expect(replaceSection(text, section(text, "A"), "## A\n\nnew\n")).toBe("## A\nnew\n\n## C\n");
    expect(replaceSection(text, section(text, "A"), "### A\nnew\n")).toBe("## A\n### A\nnew\n\n## C\n");
  });

  it("fills an empty section and empties a full one", () => {
    expect(replaceSection("# A\n", section("# A\n", "A"), "new")).toBe("# A\n\nnew\n");
    expect(replaceSection("# A\nold\n# B\n", section("# A\nold\n# B\n", "A"), "")).toBe("# A\n\n# B\n");
  });
});

describe("appendToDocument", () => {
  it.each([
    ["", "new\n"],
    ["a", "a\n\nnew\n"],
    ["a\n", "a\n\nnew\n"],
    ["a\n\n", "a\n\nnew\n"],
    ["a\r\n", "a\r\n\r\nnew\r\n"],
    ["- a\n  ```\n  open\n", "- a\n  ```\n  open\n\nnew\n"],
    ["---\nnote: |\n  ```\n---\nbody\n", "---\nnote: |\n  ```\n---\nbody\n\nnew\n"],
  ])("adds to %j", (text, expected) => {
    expect(appendToDocument(text, "new")).toBe(expected);
  });
});
