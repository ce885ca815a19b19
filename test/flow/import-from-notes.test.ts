import { describe, expect, it } from "vitest";
import { makeCommandLine } from "../helpers/command-line.ts";
import { traceOf } from "../helpers/peer-database.ts";
import { lines, openedPeer } from "../helpers/peer-source.ts";

describe("import-from basic-memory", () => {
  const NOTE = `---
title: Mooring
type: note
permalink: harbour/mooring
tags: [rope, bollard]
created: 2026-01-02
---
# Mooring

- [decision] Moor bow first #safety (after the storm)
- [x] not an observation
- [colour] The rope is blue
- needs [[Bollard]]

\`\`\`
- [decision] Not a decision: code
\`\`\`
`;

  it("makes notes documents of the kind that their type names, and known observations events", async () => {
    const { put, take, json, folder } = openedPeer("basic-memory", ".");
    put("harbour/mooring.md", NOTE);
    put(
      "harbour/pier.md",
      "---\\ntype: spec\\n---\\n# Pier\\n\\n- depends_on [[Mooring]] (soon)\\n".replaceAll("\\n", "\n"),
    );
    const before = traceOf(folder);
    expect(await take()).toMatchObject({
      status: 0,
      found: 3,
      done: 3,
      kinds: { pattern: { done: 1 }, plan: { done: 1 }, event: { done: 1 } },
    });
    expect(await json(["show", "mooring", "--detail", "full"])).toMatchObject({
      title: "Mooring",
      category: "reference",
      triggers: ["rope", "bollard"],
      source: "store",
      createdAt: "2026-01-02T00:00:00.000Z",
      content: expect.stringContaining("permalink: harbour/mooring"),
    });
    const { plans } = await json(["query-plans"]);
    expect(plans).toMatchObject([{ title: "Pier", links: [{ rel: "depends_on", target: "Mooring" }] }]);
    const { events } = await json(["query-events"]);
    expect(events).toMatchObject([
      {
        type: "decision_made",
        data: {
          decision: "Moor bow first",
          context: "after the storm",
          note: "harbour/mooring.md",
          importedFrom: "basic-memory",
        },
        tags: ["safety"],
        occurredAt: "2026-01-02T00:00:00.000Z",
      },
    ]);
    expect(await take()).toMatchObject({ status: 0, done: 0, unchanged: 3 });
    expect(traceOf(folder)).toEqual(before);
  });

  it("passes over what the project's index has from the same file", async () => {
    const there = makeCommandLine();
    there.put("project/mooring.md", NOTE);
    await there.type(["index", "--no-embed"]);
    const { out, status } = await there.type(["import-from", "basic-memory", ".", "--json"]);
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      found: 2,
      done: 1,
      skipped: [{ item: "mooring.md", reason: expect.stringContaining("from its own file") }],
    });
  });
});

describe("import-from server-memory", () => {
  it("makes entities patterns with their observations and relations, and keeps a relation of nobody", async () => {
    const { put, take, json } = openedPeer("server-memory", "memory.jsonl");
    put(
      "memory.jsonl",
      lines(
        { type: "relation", from: "Mika", to: "Pier", relationType: "builds" },
        { type: "entity", name: "Mika", entityType: "person", observations: ["likes\u2028granite", 7] },
        { type: "entity", name: "Mika", entityType: "mason", observations: ["left-handed"], mood: "calm" },
        { type: "relation", from: "Nobody", to: "Pier", relationType: "paints" },
      ),
    );
    const report = await take();
    expect(report).toMatchObject({
      status: 0,
      found: 2,
      done: 2,
      kinds: { pattern: { done: 1 }, event: { done: 1 } },
    });
    expect(report.warnings).toMatchObject([
      { item: "Mika", line: 3, reason: expect.stringContaining("line 2") },
    ]);
    const { content, category } = await json(["show", "mika", "--detail", "full"]);
    expect(category).toBe("person");
    for (const said of [
      "- likes\u2028granite",
      "- 7",
      "- left-handed",
      "- builds [[Pier]]",
      "original_mood: calm",
      "original_types:",
    ])
      expect(content).toContain(said);
    const { events } = await json(["query-events"]);
    expect(events).toMatchObject([
      { type: "note", data: { from: "Nobody", to: "Pier", relation: "paints" } },
    ]);
    expect(await take()).toMatchObject({ done: 0, unchanged: 2 });
  });
});
