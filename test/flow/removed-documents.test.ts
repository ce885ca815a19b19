import { describe, expect, it } from "vitest";
import { deleteRow } from "../../lib/knowledge/delete-row.ts";
import { showDocument } from "../../lib/knowledge/detail.ts";
import { getHistory } from "../../lib/knowledge/history.ts";
import { queryEvents, queryPlans } from "../../lib/knowledge/query.ts";
import { recordEvent } from "../../lib/knowledge/record-event.ts";
import { retract } from "../../lib/knowledge/retract.ts";
import { searchKnowledge } from "../../lib/knowledge/search.ts";
import { openWorkbench, type Workbench } from "../helpers/knowledge.ts";

const plans = async ({ deps, scope }: Workbench) => (await queryPlans(deps, scope, {})).plans;

describe("a document that was deleted while its file stayed", () => {
  it("is skipped with a line that says how to bring it back, until the file changes", async () => {
    const bench = await openWorkbench({ "plans/a.md": "# A\n" });
    await bench.index();
    await deleteRow(bench.deps, bench.scope, { id: "a" });
    for (const _ of [1, 2]) {
      const report = await bench.index();
      expect(report).toMatchObject({ ok: true, found: 1, skipped: 1, unchanged: 0, indexed: 0 });
      expect(report.warnings).toEqual([
        { item: "plans/a.md", reason: expect.stringMatching(/deleted from the store.*To bring it back/) },
      ]);
    }
    expect(await plans(bench)).toEqual([]);
    bench.put("plans/a.md", "# A\n\nnews\n");
    expect(await bench.index()).toMatchObject({ indexed: 1, skipped: 0 });
    expect(await plans(bench)).toMatchObject([{ slug: "a" }]);
  });

  it("stays deleted when the file is only touched before a read", async () => {
    const bench = await openWorkbench({ "plans/a.md": "# A\n" });
    await bench.index();
    await deleteRow(bench.deps, bench.scope, { id: "a" });
    bench.put("plans/a.md", "# A\n");
    bench.wait(31_000);
    expect(await plans(bench)).toEqual([]);
  });
});

describe("the history of what is gone", () => {
  it("is found by ref, slug and UUID for documents, by ref and UUID for events", async () => {
    const bench = await openWorkbench({ "plans/a.md": "# A\n" });
    await bench.index();
    const [plan] = await plans(bench);
    const event = await recordEvent(bench.deps, bench.project, { type: "note", data: { text: "gone" } });
    bench.remove("plans/a.md");
    await bench.index();
    await deleteRow(bench.deps, bench.scope, { id: event.ref });
    for (const id of [plan?.ref, "a", plan?.id, event.ref, event.id]) {
      const { entries } = await getHistory(bench.deps, bench.scope, { id: String(id) });
      expect(
        entries.map(({ operation }) => operation),
        id,
      ).toEqual(["create", "delete"]);
    }
    await expect(getHistory(bench.deps, bench.scope, { id: "b" })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("gives way to a live row of the same name, and asks which of several is meant", async () => {
    const bench = await openWorkbench({ "plans/a.md": "# A plan\n", "sessions/a.md": "# A session\n" });
    await bench.index();
    await deleteRow(bench.deps, bench.scope, { id: String((await plans(bench))[0]?.ref) });
    expect((await getHistory(bench.deps, bench.scope, { id: "a" })).kind).toBe("session");
    await deleteRow(bench.deps, bench.scope, { id: "a" });
    await expect(getHistory(bench.deps, bench.scope, { id: "a" })).rejects.toMatchObject({
      code: "invalid_input",
      valid: [expect.stringContaining("plan: A plan"), expect.stringContaining("session: A session")],
    });
  });
});

describe("a file that was renamed", () => {
  it("is named with its old path, once, and both documents keep their histories", async () => {
    const bench = await openWorkbench({ "plans/a.md": "# A\n", "plans/b.md": "# B\n" });
    await bench.index();
    bench.remove("plans/a.md");
    bench.remove("plans/b.md");
    bench.put("plans/c.md", "# A\n");
    bench.put("plans/d.md", "# A\n");
    const report = await bench.index();
    expect(report).toMatchObject({ indexed: 2, removed: 2 });
    expect(report.warnings).toMatchObject([
      { item: "plans/c.md", reason: expect.stringContaining("plans/a.md → plans/c.md") },
    ]);
    const id = /history (pln_\w+)`/.exec(report.warnings[0]?.reason ?? "")?.[1] ?? "";
    expect((await getHistory(bench.deps, bench.scope, { id })).entries).toHaveLength(2);
    expect((await bench.index()).warnings).toEqual([]);
  });

  it("is not taken for a known file that was given the same bytes", async () => {
    const bench = await openWorkbench({ "plans/a.md": "# A\n", "plans/b.md": "# B\n" });
    await bench.index();
    bench.remove("plans/a.md");
    bench.put("plans/b.md", "# A\n");
    expect(await bench.index()).toMatchObject({ indexed: 1, removed: 1, warnings: [] });
  });
});

describe("the choice about secrets", () => {
  const SECRET = `ghp_${"aB3x".repeat(9)}`;
  const content = async ({ deps, scope }: Workbench) =>
    (await showDocument(deps, scope, { id: "a" })).content;

  it("is taken for files that did not change, and kept by the next read", async () => {
    const bench = await openWorkbench({ "plans/a.md": `# A\n\n${SECRET}\n` });
    await bench.index();
    expect(await content(bench)).not.toContain(SECRET);
    expect(await bench.index({ redact: false })).toMatchObject({ indexed: 1 });
    expect(await content(bench)).toContain(SECRET);
    expect(await bench.index({ redact: false })).toMatchObject({ indexed: 0, unchanged: 1 });
    bench.put("plans/a.md", `# A\n\nnews ${SECRET}\n`);
    bench.wait(31_000);
    expect(await content(bench)).toContain(`news ${SECRET}`);
    expect(await bench.index()).toMatchObject({ indexed: 1 });
    expect(await content(bench)).not.toContain(SECRET);
  });
});

describe("retracting an event that superseded another", () => {
  it("makes the other one hold again, in queries, in search and in its history", async () => {
    const bench = await openWorkbench();
    const { deps, project, scope } = bench;
    const record = (decision: string, supersedes?: string) =>
      recordEvent(deps, project, { type: "decision_made", data: { decision }, supersedes });
    const older = await record("moor at the north quay");
    const newer = await record("moor at the south quay", older.ref);
    const open = async () => (await queryEvents(deps, scope, {})).events.map(({ ref }) => ref);
    expect(await open()).toEqual([newer.ref]);
    await retract(deps, scope, { id: newer.ref, why: "misheard" });
    expect(await open()).toEqual([older.ref]);
    const { results } = await searchKnowledge(deps, scope, { query: "moor quay", mode: "text", waitMs: 0 });
    expect(results.map(({ ref }) => ref)).toEqual([older.ref]);
    const operations = async (id: string) =>
      (await getHistory(deps, scope, { id })).entries.map(({ operation }) => operation);
    expect(await operations(older.ref)).toEqual(["create", "supersede", "restore"]);
    expect(await operations(newer.ref)).toEqual(["create", "retract"]);
    const third = await record("moor at the east quay", older.ref);
    await expect(record("moor nowhere", older.ref)).rejects.toMatchObject({
      code: "conflict",
      hint: `Supersede ${third.ref} instead.`,
    });
  });

  it("leaves alone what was retracted, deleted or superseded by others", async () => {
    const { deps, project, scope } = await openWorkbench();
    const record = (text: string, supersedes?: string) =>
      recordEvent(deps, project, { type: "note", data: { text }, supersedes });
    const older = await record("one");
    const newer = await record("two", older.ref);
    await deleteRow(deps, scope, { id: older.ref });
    await retract(deps, scope, { id: newer.ref, why: "wrong" });
    expect((await queryEvents(deps, scope, {})).events).toEqual([]);
    expect((await getHistory(deps, scope, { id: older.ref })).entries).toHaveLength(3);
  });
});
