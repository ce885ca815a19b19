import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chunkDocument } from "../../../lib/markdown/chunk.ts";
import { estimateTokens } from "../../../lib/markdown/tokens-estimate.ts";

const words = (count: number, word = "alpha") => Array.from({ length: count }, () => word).join(" ");
const dense = (text: string) => text.replace(/\s+/g, "");

describe("chunkDocument", () => {
  it("makes one chunk of a short document, however many sections it has", () => {
    const body = "# Plan\n\nintro\n\n## A\n\na\n\n## B\n\n- b\n- c\n";
    expect(chunkDocument({ title: "Plan", body })).toEqual([
      { ordinal: 0, heading: "Plan", text: body.trim(), start: 0, end: body.trimEnd().length, line: 1 },
    ]);
  });

  it("makes one chunk of the title of an empty document", () => {
    for (const body of ["", " \n\n\t\n"]) {
      expect(chunkDocument({ title: "T", body })).toEqual([
        { ordinal: 0, heading: "T", text: "", start: 0, end: 0, line: 1 },
      ]);
    }
  });

  it("cuts a long document at its sections and names each by its headings", () => {
    const body = `# Plan\n\n${words(120)}\n\n## A\n\n${words(120)}\n\n### A1\n\n${words(150)}\n\n## B\n\n${words(150)}\n`;
    const chunks = chunkDocument({ title: "Plan", body });
    expect(chunks.map(({ heading, line }) => [heading, line])).toEqual([
      ["Plan", 1],
      ["Plan › A", 5],
      ["Plan › A › A1", 9],
      ["Plan › B", 13],
    ]);
  });

  it("says the title once where the top heading repeats it, and both where they differ", () => {
    const body = `# Other\n\n## A\n\n${words(300)}`;
    expect(chunkDocument({ title: "Plan", body })[0]?.heading).toBe("Plan › Other › A");
    expect(chunkDocument({ title: "other", body })[0]?.heading).toBe("other › A");
  });

  it("puts small neighbours together under the heading that they share, never across it", () => {
    const small = (name: string) => `### ${name}\n\n${words(20)}\n\n`;
    const body = `# P\n\n## A\n\n${words(130)}\n\n${small("a1")}${small("a2")}## B\n\n${words(130)}\n\n${small("b1")}${small("b2")}`;
    const chunks = chunkDocument({ title: "P", body });
    const withA2 = chunks.find(({ text }) => text.includes("### a2"));
    expect(withA2?.text).toContain("### a1");
    expect(withA2?.heading).toBe("P › A");
    expect(chunks.some(({ text }) => text.includes("### a2") && text.includes("## B"))).toBe(false);
  });

  it("does not put a section's last part together with the next section", () => {
    const body = `# P\n\n## A\n\n${words(180)}\n\n### a1\n\n${words(70)}\n\n### a2\n\n${words(20)}\n\n## B\n\n${words(20)}`;
    expect(chunkDocument({ title: "P", body }).map(({ heading }) => heading)).toEqual([
      "P › A",
      "P › A",
      "P › B",
    ]);
  });

  it("rather exceeds its size a little than leave a scrap", () => {
    expect(
      chunkDocument({ title: "T", body: Array.from({ length: 230 }, () => "alpha").join("\n") }),
    ).toHaveLength(1);
    expect(
      chunkDocument({ title: "T", body: Array.from({ length: 260 }, () => "alpha").join("\n") }),
    ).toHaveLength(2);
  });

  it("keeps a heading without words of its own with what comes below it", () => {
    const [first] = chunkDocument({ title: "P", body: `# P\n\n## A\n\n### B\n\n${words(500)}` });
    expect(first?.text).toMatch(/^# P\n\n## A\n\n### B\n\nalpha/);
    expect(first?.heading).toBe("P › A › B");
  });

  it("cuts within a long section at paragraphs first, then items, then lines", () => {
    const paragraphs = Array.from({ length: 6 }, (_, at) => `p${at} ${words(80)}`).join("\n\n");
    for (const { text } of chunkDocument({ title: "T", body: paragraphs })) expect(text).toMatch(/^p\d/);
    const items = Array.from({ length: 12 }, (_, at) => `- item${at} ${words(30)}\n  more ${words(10)}`).join(
      "\n",
    );
    for (const { text } of chunkDocument({ title: "T", body: items })) expect(text).toMatch(/^- item/);
    const code = `\`\`\`\n${Array.from({ length: 100 }, (_, at) => `line${at} ${words(5)}`).join("\n")}\n\`\`\``;
    const [, second] = chunkDocument({ title: "T", body: code });
    expect(second?.text).toMatch(/^line\d/);
  });

  it("cuts one long line behind sentences, and leaves no scrap at the end", () => {
    const body = Array.from({ length: 40 }, (_, at) => `Sentence ${at} says ${words(12)}.`).join(" ");
    const chunks = chunkDocument({ title: "T", body });
    expect(chunks.length).toBeGreaterThan(1);
    for (const { text } of chunks) expect(text).toMatch(/^Sentence \d+ .*\.$/);
    expect(estimateTokens(chunks.at(-1)?.text ?? "")).toBeGreaterThan(39);
  });

  it("cuts a megabyte without a blank into chunks of bounded size", () => {
    for (const char of ["x", "漢", "😀"]) {
      const body = `y${char.repeat(300_000)}`;
      const chunks = chunkDocument({ title: "T", body });
      expect(chunks.map(({ text }) => text).join("")).toBe(body);
      expect(Math.max(...chunks.map(({ text }) => estimateTokens(text)))).toBeLessThan(300);
      expect(chunks.every(({ text }) => text.isWellFormed())).toBe(true);
    }
  });

  it("keeps every character that is no white space, in order and without overlap, in chunks of bounded size", () => {
    const line = fc.oneof(
      fc.constantFrom(
        "",
        "# A",
        "## B",
        "### C",
        "---",
        "```",
        "~~~",
        "- item",
        "| a | b |",
        "> q",
        "<div>",
        "<!--",
        "-->",
        "Title\n===",
      ),
      fc.string({ unit: "grapheme", maxLength: 200 }),
      fc.nat(400).map((count) => words(count, "word.")),
      fc.nat(2000).map((count) => "長".repeat(count)),
    );
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 25 }),
        fc.constantFrom("\n", "\r\n"),
        fc.integer({ min: 20, max: 200 }),
        (lines, eol, maxTokens) => {
          const body = lines.join(eol);
          const chunks = chunkDocument({ title: "T", body, maxTokens });
          expect(dense(chunks.map(({ text }) => text).join(""))).toBe(dense(body));
          let end = 0;
          for (const [at, chunk] of chunks.entries()) {
            expect(chunk.ordinal).toBe(at);
            expect(chunk.start).toBeGreaterThanOrEqual(end);
            expect(chunk.text).toBe(body.slice(chunk.start, chunk.end));
            expect(chunk.line).toBe(body.slice(0, chunk.start).split(/\r\n|\n|\r/).length);
            expect(estimateTokens(chunk.text)).toBeLessThanOrEqual(maxTokens * 1.25 + 45);
            end = chunk.end;
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("estimateTokens", () => {
  it("counts words, marks and CJK characters about as WordPiece does", () => {
    expect(estimateTokens("the cat sat on the mat")).toBe(6);
    expect(estimateTokens("漢字")).toBe(2);
    expect(estimateTokens("a.b(c)")).toBe(6);
    expect(estimateTokens("😀😀")).toBe(2);
    expect(estimateTokens("")).toBe(0);
  });

  it("counts a part of a text without cutting it out", () => {
    expect(estimateTokens("xx one two xx", 3, 10)).toBe(2);
  });

  it("takes headings beyond the ten-thousandth for words of the last section", () => {
    const body = Array.from({ length: 10_100 }, (_, at) => `# Part ${at}\n`).join("");
    const chunks = chunkDocument({ title: "T", body });
    const told = chunks.filter(({ text }) => text.includes("# Part 100")).map(({ heading }) => heading);
    expect(told).not.toEqual([]);
    expect(chunks.at(-1)).toMatchObject({ heading: "T › Part 9999", text: expect.stringContaining("10099") });
  });
});
