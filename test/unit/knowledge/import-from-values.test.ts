import { describe, expect, it } from "vitest";
import { recoveredTitle, sessionTitle } from "../../../lib/knowledge/import-from/aiknowsys-title.ts";
import { listOf, momentOf, readMoment } from "../../../lib/knowledge/import-from/foreign-value.ts";
import { readMarks } from "../../../lib/knowledge/import-from/note-marks.ts";

describe("a moment of another tool", () => {
  it.each([
    ["2026-02-08T20:00:00.123Z", "2026-02-08T20:00:00.123Z"],
    ["2026-02-08T20:00:00.123456+01:00", "2026-02-08T19:00:00.123Z"],
    ["2026-02-08T20:00:00-0530", "2026-02-09T01:30:00.000Z"],
    ["2026-02-08 20:00", "2026-02-08T20:00:00.000Z"],
    ["2026-02-08 20:00:01", "2026-02-08T20:00:01.000Z"],
    ["2026-02-08", "2026-02-08T00:00:00.000Z"],
    ["2026/2/8", "2026-02-08T00:00:00.000Z"],
    ["20260208", "2026-02-08T00:00:00.000Z"],
    ["8 Feb 2026", "2026-02-08T00:00:00.000Z"],
    ["February 8th, 2026 8:05 PM", "2026-02-08T20:05:00.000Z"],
    ["Sun, 08 Feb 2026 20:00:00 GMT", "2026-02-08T20:00:00.000Z"],
    ["8.2.2026", "2026-02-08T00:00:00.000Z"],
    ["31/12/2025", "2025-12-31T00:00:00.000Z"],
    ["12/31/2025", "2025-12-31T00:00:00.000Z"],
    ["2026年2月8日", "2026-02-08T00:00:00.000Z"],
    [1_770_580_800, "2026-02-08T20:00:00.000Z"],
    [1_770_580_800.5, "2026-02-08T20:00:00.500Z"],
    [1_770_580_800_123, "2026-02-08T20:00:00.123Z"],
    ["1770580800123", "2026-02-08T20:00:00.123Z"],
    ["1770580800123456", "2026-02-08T20:00:00.123Z"],
    ["1770580800123456789", "2026-02-08T20:00:00.123Z"],
  ])("is read from %j", (value, at) => {
    expect(readMoment(value)).toBe(at);
  });

  it.each([
    ["03/04/2026"],
    ["2026-02-30"],
    ["yesterday"],
    ["99999-01-01"],
    [-1],
    [12],
    [Number.NaN],
    [{}],
    [true],
    ["never"],
  ])("is not guessed from %j", (value) => {
    expect(readMoment(value)).toBeUndefined();
  });

  it("is the first that can be read, with what could not", () => {
    const otherwise = "2020-01-01T00:00:00.000Z";
    expect(momentOf([null, "", "2026-02-08"], otherwise)).toEqual({
      at: "2026-02-08T00:00:00.000Z",
      isGiven: true,
    });
    expect(momentOf(["soon", "2026-02-08"], otherwise)).toMatchObject({
      isGiven: true,
      doubt: expect.stringContaining('"soon"'),
    });
    expect(momentOf([undefined], otherwise)).toEqual({ at: otherwise, isGiven: false });
  });
});

describe("a list of another tool", () => {
  it.each([
    [
      ["a", 1, "a", null],
      ["a", "1"],
    ],
    ['["a", "b c"]', ["a", "b c"]],
    ["a, b\nc", ["a", "b", "c"]],
    ['"a, b"', ["a, b"]],
    ["[broken", ["[broken"]],
    [null, []],
  ])("is read from %j", (value, items) => {
    expect(listOf(value)).toEqual(items);
  });
});

describe("a title that AIKnowSys 0.10 lost", () => {
  it.each([
    [
      "the heading that the content begins with",
      "# Rebuild the wall\n\n## Why\n",
      "PLAN_x",
      "Rebuild the wall",
    ],
    [
      "a heading that says the name",
      "## Why\n\n## Harbour wall rework\n",
      "harbour_wall_rework",
      "Harbour wall rework",
    ],
    [
      "the name, for headings of anything else",
      "## Prerequisites\n\n# Run it\n",
      "PLAN_harbour_wall",
      "Harbour wall",
    ],
    ["the name, for headings inside code", "```\n# Install\n```\n", "tide-rules", "Tide rules"],
  ])("is %s", (_, content, own, title) => {
    expect(recoveredTitle(content, own)).toBe(title);
  });

  it("is a session's first top heading, else its first, else its day", () => {
    expect(sessionTitle("## Notes\n\n# The wall\n", "Session")).toBe("The wall");
    expect(sessionTitle("text\n\n## Notes\n", "Session")).toBe("Notes");
    expect(sessionTitle("text", "Session of 2026-02-08")).toBe("Session of 2026-02-08");
  });
});

describe("marks of basic-memory", () => {
  it("are observations with category, tags and context", () => {
    expect(readMarks("* [tech note] Use #iron nails #wood/oak #dry (not brass)\n").observations).toEqual([
      {
        category: "tech note",
        text: "Use #iron nails",
        tags: ["iron", "wood/oak", "dry"],
        context: "not brass",
      },
    ]);
  });

  it.each([
    ["- [ ] to do"],
    ["- [x] done"],
    ["- [link](there) text"],
    ["- [[Note]] text"],
    ["[no] item"],
    ["- [bare]"],
    ["[decision] a paragraph"],
  ])("are not %j", (text) => {
    expect(readMarks(text).observations).toEqual([]);
  });

  it("are relations, whatever their name", () => {
    expect(readMarks("- depends on [[A/B]] (now)\n- [[C|shown]]\n- no link\n").relations).toEqual([
      { rel: "depends_on", target: "A/B" },
      { rel: "relates_to", target: "C" },
    ]);
  });
});
