import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Column, renderTable } from "../../../lib/cli/table.ts";
import { columnsOf } from "../../../lib/cli/terminal-text.ts";

interface Row {
  readonly ref: string;
  readonly title: string;
  readonly topics: string;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: "REF", cell: ({ ref }) => ref },
  { title: "TITLE", cell: ({ title }) => title, flexible: true },
  { title: "TOPICS", cell: ({ topics }) => topics, minor: true },
];
const emphasise = (text: string): string => text;

describe("a table", () => {
  it("puts cells under their titles and trims the line's end", () => {
    const rows = [
      { ref: "pln_a", title: "Login", topics: "auth" },
      { ref: "pln_bcd", title: "漢字", topics: "" },
    ];
    expect(renderTable(COLUMNS, rows, { width: undefined, emphasise })).toBe(
      ["REF      TITLE  TOPICS", "pln_a    Login  auth", "pln_bcd  漢字"].join("\n"),
    );
  });

  it("leaves out a column that nothing is in", () => {
    const rows = [{ ref: "pln_a", title: "Login", topics: "" }];
    expect(renderTable(COLUMNS, rows, { width: 80, emphasise })).not.toContain("TOPICS");
  });

  it("cuts the long columns, not the refs", () => {
    const rows = [{ ref: "pln_abcdefgh", title: "T".repeat(100), topics: "x".repeat(100) }];
    const [, line = ""] = renderTable(COLUMNS, rows, { width: 40, emphasise }).split("\n");
    expect(line.startsWith("pln_abcdefgh  TTT")).toBe(true);
    expect(line).toContain("…");
  });

  it("gives up a minor column before it cuts another", () => {
    const rows = [{ ref: "pln_a", title: "T".repeat(20), topics: "auth" }];
    expect(renderTable(COLUMNS, rows, { width: 40, emphasise })).toContain("auth");
    const narrow = renderTable(COLUMNS, rows, { width: 30, emphasise });
    expect(narrow).not.toContain("TOPICS");
    expect(narrow).toContain("T".repeat(20));
  });

  it("cuts nothing where there is no width", () => {
    const rows = [{ ref: "pln_a", title: "T".repeat(300), topics: "" }];
    expect(renderTable(COLUMNS, rows, { width: undefined, emphasise })).toContain("T".repeat(300));
  });

  it("aligns numbers to the right", () => {
    const columns: readonly Column<number>[] = [{ title: "REVISION", cell: String, right: true }];
    expect(renderTable(columns, [7], { width: 80, emphasise })).toBe("REVISION\n       7");
  });

  it("never passes the width, whatever the cells", () => {
    const row = fc.record({
      ref: fc.string(),
      title: fc.string({ unit: "grapheme" }),
      topics: fc.string({ unit: "binary" }),
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1 }), fc.integer({ min: 20, max: 120 }), (rows, width) => {
        for (const line of renderTable(COLUMNS, rows, { width, emphasise }).split("\n")) {
          expect(columnsOf(line)).toBeLessThanOrEqual(width);
        }
      }),
    );
  });
});
