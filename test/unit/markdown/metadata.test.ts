import { describe, expect, it } from "vitest";
import { readMetadata } from "../../../lib/markdown/metadata.ts";

const fields = (text: string, path = "x.md") =>
  Object.fromEntries(
    Object.entries(readMetadata(path, text).fields).map(([name, value]) => [name, value.iso ?? value.text]),
  );

describe("readMetadata", () => {
  it("reads frontmatter under the store's names, whatever their spelling", () => {
    const text =
      "---\ntitle: T\nState: Active\nassignee:\n  - '@ann'\n  - '@bob'\nlabels: [api]\ntags: auth, db\ncreatedAt: 2026-02-14 10:30\nlast-updated: Feb 15, 2026\ndepends_on: [PLAN_a]\nGoal: Do it\nfiles_changed: []\nestimate: 3 days\nnothing:\n---\n";
    expect(fields(text)).toEqual({
      title: "T",
      status: "Active",
      author: "@ann, @bob",
      topics: "auth, db, api",
      created: "2026-02-14T10:30:00.000Z",
      updated: "2026-02-15",
      depends_on: "PLAN_a",
      description: "Do it",
      estimate: "3 days",
    });
    const { status, topics } = readMetadata("x.md", text).fields;
    expect(status).toEqual({ text: "Active", list: ["Active"], from: "frontmatter", key: "State", line: 3 });
    expect(topics?.list).toEqual(["auth", "db", "api"]);
  });

  it("prefers a field's own name to a synonym", () => {
    expect(fields("---\nassignee: bob\nauthor: ann\nsummary: s\ndescription: d\n---\n")).toMatchObject({
      author: "ann",
      description: "d",
    });
  });

  it("reads bold lines under the title, several on a line, lists among them", () => {
    const text =
      '# Plan: X\n\n**Status:** 📋 PLANNED  \n- **Created**: 14 February 2026 | **Author:** [ann](http://x.y)\n**Trigger Words:** "make testable", "add, silent", `flag`\n**Topics:** #api #db\n**Effort:** 2 days\n\n---\n\n**Goal:** Do it\n\n**Remark:** late\n\n## A\n\n**Priority:** high\n';
    expect(fields(text)).toEqual({
      status: "📋 PLANNED",
      created: "2026-02-14",
      author: "ann",
      triggers: "make testable, add, silent, flag",
      topics: "api, db",
      effort: "2 days",
      description: "Do it",
    });
    expect(readMetadata("x.md", text).fields.triggers?.list).toEqual([
      "make testable",
      "add, silent",
      "flag",
    ]);
  });

  it("reads plain lines, list items and tables right under the title, but not prose", () => {
    expect(
      fields("# 9. Use X\n\nDate: 2021-08-27\nStatus: Accepted\n\nNote: this is prose.\n\nPriority: high\n"),
    ).toEqual({
      date: "2021-08-27",
      status: "Accepted",
    });
    expect(fields("* Status: accepted\n* Deciders: Ann, Bob\n* Date: 2020-01-02\n\n# X\n")).toEqual({
      status: "accepted",
      author: "Ann, Bob",
      date: "2020-01-02",
    });
    expect(
      fields("# RFC\n\n| Status | Draft |\n|---|---|\n| **Author** | Ann |\n| Cost | 3 |\n"),
    ).toMatchObject({
      status: "Draft",
    });
  });

  it("reads the status section of a decision record, past comments, but no code", () => {
    expect(
      fields("# 1. X\n\n## Status\n\n<!-- one of\n…\n-->\nSuperseded by [ADR 2](0002-y.md)\n\nmore\n"),
    ).toEqual({
      status: "Superseded by ADR 2",
    });
    expect(fields("# X\n\n### State\n\n```js\nx\n```\n")).toEqual({});
    expect(fields("# date\n\n> Show the date.\n")).toEqual({});
  });

  it("reads no field in code", () => {
    expect(fields("# X\n\n```\n**Status:** done\n```\n")).toEqual({});
  });

  it("lets frontmatter win and names the conflict with its line", () => {
    const read = readMetadata("x.md", "---\nstatus: COMPLETE\n---\n# X\n\n**Status:** 📋 PLANNED\n");
    expect(read.fields.status?.text).toBe("COMPLETE");
    expect(read.warnings).toEqual([
      {
        line: 6,
        reason:
          'The body says Status "📋 PLANNED", the frontmatter status "COMPLETE"; the frontmatter counts.',
      },
    ]);
  });

  it("sees no conflict in decoration, remarks and other spellings of one day", () => {
    const text =
      "---\nstatus: planned\ndescription: one\npriority: low\ncreated: 2026-02-14\n---\n# X\n\n**Status:** 📋 PLANNED\n**Priority:** 🔵 LOW (later)\n**Created:** Feb 14, 2026\n**Goal:** two\n";
    expect(readMetadata("x.md", text).warnings).toEqual([]);
  });

  it("takes a date from the path where the text has none", () => {
    expect(readMetadata("sessions/2026-02-14-session.md", "# S\n").fields.date).toMatchObject({
      iso: "2026-02-14",
      from: "path",
    });
    expect(fields("# S\n\n**Date:** 2026-01-01\n", "2026-02-14.md")).toEqual({ date: "2026-01-01" });
  });

  it("warns of a date that cannot be read and keeps its text", () => {
    const read = readMetadata("x.md", "---\ncreated: 2026-02-31\n---\n");
    expect(read.fields.created).toEqual({
      text: "2026-02-31",
      list: ["2026-02-31"],
      from: "frontmatter",
      key: "created",
      line: 2,
    });
    expect(read.warnings).toEqual([
      { line: 2, reason: '"created": "2026-02-31" is no day of the calendar.' },
    ]);
  });

  it("shows where a field of the body stands, so that it can be patched", () => {
    const { body, bodyFields } = readMetadata("x.md", "---\na: b\n---\n# X\n\n**Status:** 📋 PLANNED  \n");
    expect(bodyFields.map(({ key, start, end, line }) => [key, body.slice(start, end), line])).toEqual([
      ["Status", "📋 PLANNED", 3],
    ]);
  });

  it("knows an empty document from one with only fields or only words", () => {
    expect(readMetadata("x.md", "\uFEFF \n\n").isEmpty).toBe(true);
    expect(readMetadata("x.md", "---\n---\n").isEmpty).toBe(true);
    expect(readMetadata("x.md", "---\na: b\n---\n").isEmpty).toBe(false);
    expect(readMetadata("x.md", "x").isEmpty).toBe(false);
  });
});

describe("the title", () => {
  it.each([
    ["the frontmatter's", "---\ntitle: 'A **b**'\n---\n# Other\n", "x.md", "A b", "frontmatter"],
    ["the first top heading", "## Sub\n\n# Plan: `x` [y](z)\n\n# Second\n", "x.md", "Plan: x y", "heading"],
    ["a setext heading", "Big plan\n========\n", "x.md", "Big plan", "heading"],
    [
      "the name behind a missing heading",
      "---\nname: my-skill\n---\nwords\n",
      "x.md",
      "my-skill",
      "frontmatter",
    ],
    ["the first heading", "words\n\n## Auth rework\n", "x.md", "Auth rework", "heading"],
    ["a heading without its blank", "#Auth rework\nwords\n", "x.md", "Auth rework", "heading"],
    ["a bold line", "**Auth rework**\n\nwords\n", "x.md", "Auth rework", "heading"],
    [
      "the first sentence",
      "- We move v1.2 to *Postgres*. It is time.\n",
      "x.md",
      "We move v1.2 to Postgres.",
      "text",
    ],
    ["the file's name", "", "plans/PLAN_auth_rework.md", "PLAN auth rework", "filename"],
    [
      "folder and name where the name is generic",
      "## Why\n\nBecause.\n",
      "changes/add-login/proposal.md",
      "add login: proposal",
      "filename",
    ],
    ["the folder of an index", "words\n", "guides/set-up/README.md", "set up", "filename"],
    [
      "a file's name before a heading that all have",
      "## Overview\n\nwords\n",
      "auth-rework.md",
      "auth rework",
      "filename",
    ],
    ["nothing in code", "```\n# no\n```\n", "notes-2026-02-14.md", "notes 2026-02-14", "filename"],
  ])("is %s", (_name, text, path, title, titleFrom) => {
    expect(readMetadata(path, text)).toMatchObject({ title, titleFrom });
  });

  it("is never empty", () => {
    for (const text of ["# \n", "---\ntitle: ''\n---\n", "***\n", "![](x.png)\n", "<!-- x -->\n"]) {
      expect(readMetadata("some-file.md", text).title).not.toBe("");
    }
  });
});
