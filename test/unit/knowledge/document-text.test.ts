import { describe, expect, it } from "vitest";
import { editText, relabel, retitle } from "../../../lib/knowledge/document-text.ts";

const SECRET = `ghp_${"aB3x".repeat(9)}`;
const MARK = "[redacted:github-token]";
const TEXT = `# Doc\n\n## Use ${SECRET}\n\none\n\n## Plain\n\ntwo\n`;

describe("editText", () => {
  it.each([`Use ${MARK}`, `Use ${SECRET}`, "use"])(
    "finds a section whose heading holds a secret by %s",
    (section) => {
      expect(editText(TEXT, { section, append: "more" })).toBe(TEXT.replace("one\n", "one\n\nmore\n"));
    },
  );

  it("names headings redacted where a section is missing, unnamed or meant twice", () => {
    const message = (edit: Parameters<typeof editText>[1], text = TEXT): string => {
      try {
        return editText(text, edit);
      } catch (error) {
        return `${String(error)} ${JSON.stringify(error)}`;
      }
    };
    const twice = `${TEXT}\n## Use ${SECRET}\n\nthree\n`;
    for (const told of [
      message({ section: "None", append: "x" }),
      message({ replaceSection: "x" }),
      message({ section: "Use", append: "x" }, twice),
    ]) {
      expect(told).toContain("Use [redacted:github-token]");
      expect(told).not.toContain(SECRET);
    }
  });
});

describe("retitle", () => {
  it("renames a heading that the store knows redacted", () => {
    expect(retitle(`# Use ${SECRET}\n`, `Use ${MARK}`, "Use the vault")).toBe("# Use the vault\n");
  });
});

describe("relabel", () => {
  it("writes no mark over a secret that the text itself holds, in a list or in a line", () => {
    const text = `---\ntopics:\n  - ${SECRET}\n---\n\n**Files:** ${SECRET}, a.ts\n`;
    const labels = { topics: [MARK, "port"], files: [MARK, "a.ts", "b.ts"] };
    expect(relabel(text, labels, true)).toBe(
      `---\ntopics:\n  - ${SECRET}\n  - port\n---\n\n**Files:** ${SECRET}, a.ts, b.ts\n`,
    );
  });
});
