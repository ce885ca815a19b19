import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readFrontmatter } from "../../../lib/markdown/frontmatter.ts";

describe("readFrontmatter", () => {
  it("reads a block and says where the body starts", () => {
    const read = readFrontmatter("---\ntitle: Auth rework\ntopics: [auth, api]\n---\n# Auth\n");
    expect(read).toMatchObject({
      data: { title: "Auth rework", topics: ["auth", "api"] },
      body: "# Auth\n",
      bodyLine: 5,
      present: true,
      recovered: false,
      warnings: [],
    });
    expect(read.keyLines.get("topics")).toBe(3);
  });

  it("reads past a byte order mark, CRLF, blank lines above and a closing line of dots", () => {
    const read = readFrontmatter("\uFEFF\r\n---\r\ntitle: x\r\n...\r\nbody\r\n");
    expect(read).toMatchObject({ data: { title: "x" }, body: "body\r\n", bodyLine: 5, present: true });
  });

  it("takes an empty block for frontmatter", () => {
    expect(readFrontmatter("---\n---\nbody")).toMatchObject({ data: {}, body: "body", present: true });
  });

  it("keeps dates, versions and padded numbers as they were written", () => {
    const { data } = readFrontmatter(
      "---\ndate: 2026-02-14\nversion: 0.10\nid: 007\nbig: 12345678901234567890\nn: 3\nok: true\n---\n",
    );
    expect(data).toEqual({
      date: "2026-02-14",
      version: "0.10",
      id: "007",
      big: "12345678901234567890",
      n: 3,
      ok: true,
    });
  });

  it.each([
    ["a rule above prose", "---\n\n# Title\n\nprose\n\n---\nmore"],
    ["a rule, a heading and a rule", "---\n\n# Title\n\n---\nmore"],
    ["a rule alone", "---\n\nprose"],
    ["a longer rule", "-----\ntitle: x\n-----\n"],
    ["dashes with words", "--- note\ntitle: x\n---\n"],
    ["no rule", "title: x\n---\n"],
  ])("leaves %s in the body without a word", (_name, text) => {
    expect(readFrontmatter(text)).toMatchObject({
      data: {},
      body: text,
      bodyLine: 1,
      present: false,
      warnings: [],
    });
  });

  it.each([
    ["a block that is not closed", "---\ntitle: x\n\n# Heading\n", "not closed"],
    [
      "a block that a later rule seems to close",
      "---\ntitle: x\n\n# Heading\n\nwords\n\n---\nmore\n",
      "not closed",
    ],
    ["a list", "---\n- a\n- b\n---\nbody\n", "no mapping"],
    ["a sentence", "---\njust words\n---\nbody\n", "no mapping"],
    ["broken YAML without a key", "---\n}{ ] nonsense\n---\nbody\n", "no mapping"],
    ["TOML", "+++\ntitle = 'x'\n+++\nbody\n", "TOML"],
    ["JSON between dashes", '---json\n{"title": "x"}\n---\nbody\n', "JSON"],
    ["JSON alone", '{\n  "title": "x"\n}\n\nbody\n', "JSON"],
  ])("keeps %s as body with a warning that names the line", (_name, text, reason) => {
    const read = readFrontmatter(text);
    expect(read).toMatchObject({ data: {}, body: text, present: false });
    if (reason === "JSON" && text.startsWith("{")) return;
    expect(read.warnings).toHaveLength(1);
    expect(read.warnings[0]?.reason).toContain(reason);
    expect(read.warnings[0]?.line).toBeGreaterThan(0);
  });

  it("recovers broken YAML key by key and names line and reason of each", () => {
    const read = readFrontmatter(
      "---\nid: T-1\ntitle: CLI: fix `x`\nassignee: @codex\nreviewers: [ann, @bob]\nlabels:\n  - one\n  - @two\nstatus: Done\n---\nbody\n",
    );
    expect(read.data).toEqual({
      id: "T-1",
      title: "CLI: fix `x`",
      assignee: "@codex",
      reviewers: ["ann", "@bob"],
      labels: ["one", "@two"],
      status: "Done",
    });
    expect(read.recovered).toBe(true);
    expect(read.body).toBe("body\n");
    expect(read.warnings.map(({ line }) => line)).toEqual([3, 4, 5, 6]);
    expect(read.warnings[1]?.reason).toContain('"assignee" is no valid YAML');
  });

  it("keeps nested keys under their own when it recovers", () => {
    expect(readFrontmatter("---\na: @x\nowner:\n  name: ann\n  team: b\n---\n").data).toEqual({
      a: "@x",
      owner: { name: "ann", team: "b" },
    });
  });

  it("recovers tabs, wrapped lines and a whole block that is indented", () => {
    expect(readFrontmatter("---\n\ttitle: x\n\tstatus: y\n---\n").data).toEqual({ title: "x", status: "y" });
    expect(readFrontmatter("---\ndescription: long\ngoes on\nstatus: y\n---\n").data).toEqual({
      description: "long\ngoes on",
      status: "y",
    });
  });

  it("takes the last of two equal keys and says so, in good and in broken YAML", () => {
    const good = readFrontmatter("---\na: 1\na: 2\n---\n");
    expect(good.data).toEqual({ a: 2 });
    expect(good.warnings).toEqual([
      { line: 3, reason: expect.stringContaining('"a" is given more than once') },
    ]);
    const broken = readFrontmatter("---\na: 1\na: 2\nb: @x\n---\n");
    expect(broken.data).toEqual({ a: 2, b: "@x" });
    expect(broken.warnings[0]?.reason).toContain("more than once");
  });

  it("stops an alias bomb and keeps its text", () => {
    const rows = ["a: &a [x, x, x, x, x, x, x, x, x]"];
    for (const [name, of] of ["ba", "cb", "dc", "ed", "fe"].map((pair) => pair.split(""))) {
      rows.push(`${name}: &${name} [${Array.from({ length: 9 }, () => `*${of}`).join(", ")}]`);
    }
    const read = readFrontmatter(`---\n${rows.join("\n")}\n---\nbody`);
    expect(read.recovered).toBe(true);
    expect(JSON.stringify(read.data).length).toBeLessThan(2000);
  });

  it("follows no reference of a block that has thousands, which would take minutes", () => {
    const rows = Array.from({ length: 4_000 }, (_, n) => `k${n}: &a [*a]`);
    const { recovered, data } = readFrontmatter(`---\n${rows.join("\n")}\n---\nbody`);
    expect(recovered).toBe(true);
    expect(Object.keys(data)).toHaveLength(4_000);
  });

  it("reads a key named __proto__ as a key", () => {
    const { data } = readFrontmatter("---\n__proto__: 1\nx: @y\n---\n");
    expect(Object.keys(data)).toEqual(["__proto__", "x"]);
    expect(Object.getPrototypeOf(data)).toBe(Object.prototype);
  });

  it("does not look for the end of a block through a whole book", () => {
    const text = `---\ntitle: x\n${"word: more\n".repeat(20_000)}---\n`;
    expect(readFrontmatter(text)).toMatchObject({ present: false, body: text });
  });

  it("survives nesting that a parser cannot", () => {
    const read = readFrontmatter(`---\na: ${"[".repeat(20_000)}\nb: kept\n---\nbody`);
    expect(read.data.b).toBe("kept");
  });

  it("never throws and never loses the end of a text", () => {
    const line = fc.constantFrom(
      "---",
      "...",
      "a: 1",
      "b: @x",
      "- c",
      "",
      "  d: [",
      "# e",
      "\t",
      "f",
      '"g": "h"',
      "k: |",
      "  l",
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), fc.constantFrom("\n", "\r\n", "\r"), (lines, eol) => {
        const text = lines.join(eol);
        const read = readFrontmatter(text);
        expect(text.slice(read.bodyStart)).toBe(read.body);
        if (!read.present) expect(read.body).toBe(text);
      }),
      { numRuns: 500 },
    );
  });
});
