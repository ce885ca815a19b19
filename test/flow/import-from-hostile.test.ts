import { closeSync, openSync, writeSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { makeDatabase } from "../helpers/peer-database.ts";
import { lines, openedPeer } from "../helpers/peer-source.ts";

const KEY = `ghp_${"A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8".slice(0, 36)}`;

describe("an import of hostile data", () => {
  it("takes whole lines and names the others, by line", async () => {
    const { put, take, json } = openedPeer("beads", "issues.jsonl");
    const issue = (id: unknown, more = {}) =>
      JSON.stringify({ id, title: `Issue ${id}`, status: "open", ...more });
    put(
      "issues.jsonl",
      [
        `\uFEFF${issue("a")}`,
        "",
        "{broken",
        "[1, 2]",
        '"text"',
        issue("b", { title: "Nul \u0000 and \ud800 half" }),
        issue(""),
        JSON.stringify({ id: "untitled" }),
        issue("a"),
        issue("b", { title: "Another" }),
        issue("c", {
          comments: ["words", { text: "" }, { id: 1, text: "fine" }],
          labels: "one, two",
          dependencies: "none",
          priority: "P1",
        }),
        issue("d", {
          created_at: "in the spring",
          updated_at: "99999-01-01",
          estimated_minutes: 30,
          metadata: { deep: [1] },
        }),
        issue(7, { title: "x".repeat(3_000) }),
        '{"id":"cut","title":"Cut o',
      ].join("\r\n"),
    );
    const report = await take();
    expect(report).toMatchObject({ status: 6, ok: false, found: 16, done: 7 });
    expect(
      report.failed.map(({ line }: { line: number }) => line).sort((a: number, b: number) => a - b),
    ).toEqual([3, 4, 5, 7, 8, 10, 11, 14]);
    expect(report.skipped).toMatchObject([{ item: "a", line: 9, reason: "is there twice, word for word" }]);
    expect(report.failed).toContainEqual(
      expect.objectContaining({ line: 14, reason: expect.stringContaining("ends in the middle") }),
    );
    const total = Object.values<Record<string, number>>(report.kinds).reduce(
      (sum, { done = 0, unchanged = 0, skipped = 0, failed = 0 }) =>
        sum + done + unchanged + skipped + failed,
      0,
    );
    expect(total).toBe(report.found);
    expect(await json(["show", "b"])).toMatchObject({ title: "Nul \u2400 and \ufffd half" });
    expect(await json(["show", "c"])).toMatchObject({ topics: ["one", "two"], priority: "high", links: [] });
    const { warnings } = report;
    expect(warnings).toMatchObject([
      { item: "d", line: 12, reason: expect.stringContaining('"in the spring" is no date') },
      { item: "d", line: 12, reason: expect.stringContaining('"99999-01-01" is no date') },
    ]);
    const { content } = await json(["show", "d", "--detail", "full"]);
    expect(content).toContain('original_estimated_minutes: "30"');
    expect(content).toContain('```json\n{"deep":[1]}\n```');
    const again = await take();
    expect(again).toMatchObject({ status: 6, done: 0, unchanged: 7 });
  });

  it("names rows of a database that say nothing or too much, and takes tables that lack columns", async () => {
    const { place, take } = openedPeer("claude-mem", "claude-mem.db");
    makeDatabase(
      place,
      "CREATE TABLE observations (id INTEGER PRIMARY KEY, title, text, concepts, created_at_epoch)",
      {
        observations: [
          { title: null, text: "  " },
          { title: "Huge", text: "y".repeat(10_000_000) },
          {
            title: 12n,
            text: Buffer.from([0x68, 0x69, 0xff]),
            concepts: "{not json",
            created_at_epoch: "soon",
          },
          { title: "Nul \u0000", text: "", concepts: '["a",["b"],null]', created_at_epoch: 1_700_000_000 },
        ],
      },
    );
    const report = await take();
    expect(report).toMatchObject({ status: 6, found: 4, done: 2 });
    expect(report.failed).toMatchObject([
      { item: "observations 1", reason: "It has no title and no text." },
      { item: "observations 2", reason: expect.stringMatching(/^It has 100\d+ characters, more than/) },
    ]);
    expect(report.warnings).toMatchObject([
      { item: "observations 3", reason: expect.stringContaining('"soon" is no date') },
    ]);
    expect(await take()).toMatchObject({ found: 4, done: 0, unchanged: 2 });
  });

  it("takes a document of 10 MB", async () => {
    const { place, take, json } = openedPeer("aiknowsys-0.10", "knowledge.db");
    const schema = "CREATE TABLE plans (id TEXT PRIMARY KEY, title TEXT, content TEXT)";
    const words = `${"harbour wall stone ".repeat(30)}\n\n`;
    const rows = Array.from({ length: 40 }, (_, i) => ({
      id: `p${i}`,
      title: `Plan ${i}`,
      content: words.repeat(20),
    }));
    makeDatabase(place, schema, {
      plans: [{ id: "long", title: "Long", content: words.repeat(17_500) }, ...rows],
    });
    expect(await take("--dry-run")).toMatchObject({ status: 0, found: 41 });
    expect(await take()).toMatchObject({ status: 0, done: 41 });
    expect(await json(["show", "PLAN_long"])).toMatchObject({ title: "Long" });
  }, 120_000);

  it("reads what is left of a database with damaged pages, and names what is not", async () => {
    const { place, take, json } = openedPeer("aiknowsys-0.10", "knowledge.db");
    const rows = Array.from({ length: 100 }, (_, i) => ({
      id: `p${i}`,
      title: `Plan ${i}`,
      content: "stone ".repeat(800),
    }));
    makeDatabase(place, "CREATE TABLE plans (id TEXT PRIMARY KEY, title TEXT, content TEXT)", {
      plans: rows,
    });
    const bytes = openSync(place, "r+");
    writeSync(bytes, Buffer.alloc(20_000, 0xa5), 0, 20_000, 250_000);
    closeSync(bytes);
    const report = await take();
    expect(report.status).toBe(6);
    expect(report.done).toBeGreaterThan(10);
    expect(report.failed[0]).toMatchObject({ reason: expect.stringContaining("cannot be read") });
    expect(report.found).toBe(report.done + report.failed.length);
    expect(await json(["show", "PLAN_p99"])).toMatchObject({ title: "Plan 99" });
  });

  it("leaves secrets out and says so, unless told otherwise", async () => {
    const { put, take, json } = openedPeer("server-memory", "memory.jsonl");
    put(
      "memory.jsonl",
      lines({ type: "entity", name: "Deploy", entityType: "note", observations: [`token ${KEY}`] }),
    );
    const report = await take();
    expect(report.warnings).toMatchObject([
      { item: "Deploy", reason: expect.stringContaining("Secrets were left out") },
    ]);
    expect((await json(["show", "deploy", "--detail", "full"])).content).not.toContain(KEY);
    await take("--no-redact");
    expect((await json(["show", "deploy", "--detail", "full"])).content).toContain(KEY);
  });
});
