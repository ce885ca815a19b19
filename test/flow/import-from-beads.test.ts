import { describe, expect, it } from "vitest";
import { lines, openedPeer } from "../helpers/peer-source.ts";

describe("import-from beads", () => {
  const ISSUE = {
    id: "hb-1",
    title: "Mend the crane",
    description: "It squeaks.",
    acceptance_criteria: "Silence.",
    status: "in_progress",
    priority: 0,
    issue_type: "bug",
    assignee: "mika",
    created_by: "ada",
    created_at: "2026-01-02T03:04:05Z",
    updated_at: "2026-01-03T03:04:05.678901+01:00",
    labels: ["crane"],
    dependencies: [
      { issue_id: "hb-1", depends_on_id: "hb-2", type: "blocks" },
      { depends_on_id: "hb-9", type: "discovered-from" },
    ],
    comments: [{ id: 4, author: "ada", text: "Use grease.", created_at: "2026-01-02T04:00:00Z" }],
    external_ref: "gh-9",
    waiters: "",
    pinned: 0,
  };

  it("makes issues plans under their own ids, and their comments notes", async () => {
    const { put, take, json } = openedPeer("beads", ".");
    const closed = {
      ...ISSUE,
      id: "hb-2",
      title: "Buy grease",
      status: "closed",
      priority: 3,
      issue_type: "epic",
      closed_at: "2026-01-05T00:00:00Z",
      close_reason: "bought",
      dependencies: [],
      comments: [],
    };
    put(
      ".beads/issues.jsonl",
      lines(
        ISSUE,
        closed,
        { ...ISSUE, id: "hb-3", status: "tombstone" },
        { _type: "memory", key: "grease", value: "Keep it cool." },
      ),
    );
    expect(await take()).toMatchObject({
      status: 0,
      found: 5,
      done: 4,
      kinds: { plan: { done: 2 }, event: { done: 1 }, pattern: { done: 1 }, record: { skipped: 1 } },
      skipped: [{ item: "hb-3", line: 3 }],
    });
    const mend = await json(["show", "hb-1", "--detail", "full"]);
    expect(mend).toMatchObject({
      title: "Mend the crane",
      status: "ACTIVE",
      statusText: "in_progress",
      priority: "high",
      type: "bugfix",
      author: "mika",
      topics: ["crane"],
      createdAt: "2026-01-02T03:04:05.000Z",
      updatedAt: "2026-01-03T02:04:05.678Z",
      links: [
        { rel: "depends_on", target: "hb-2", resolved: expect.stringMatching(/^pln_/) },
        { rel: "discovered_from", target: "hb-9" },
      ],
    });
    for (const said of [
      "original_external_ref: gh-9",
      "original_created_by: ada",
      "original_id: hb-1",
      "## Acceptance criteria",
    ])
      expect(mend.content).toContain(said);
    expect(mend.content).not.toContain("pinned");
    expect(await json(["show", "hb-2"])).toMatchObject({
      status: "COMPLETE",
      priority: "low",
      type: "other",
      completedAt: "2026-01-05T00:00:00.000Z",
    });
    const { events } = await json(["query-events", "--plan", "hb-1"]);
    expect(events).toMatchObject([
      { type: "note", data: { text: "Use grease." }, author: "ada", occurredAt: "2026-01-02T04:00:00.000Z" },
    ]);
    expect(await take()).toMatchObject({ done: 0, unchanged: 4 });
  });

  it("writes anew what changed there, leaves what changed here, and names what changed in both places", async () => {
    const { put, take, json, type } = openedPeer("beads", "issues.jsonl");
    const issue = (id: string, title: string) => ({ ...ISSUE, id, title, comments: [], dependencies: [] });
    put("issues.jsonl", lines(issue("a", "One"), issue("b", "Two"), issue("c", "Three"), issue("d", "Four")));
    await take();
    await type(["update-plan", "b", "--priority", "low"]);
    await type(["update-plan", "c", "--priority", "low"]);
    await type(["delete", "d"]);
    put(
      "issues.jsonl",
      lines(issue("a", "One more"), issue("b", "Two"), issue("c", "Three more"), issue("d", "Four more")),
    );
    const report = await take();
    expect(report).toMatchObject({ status: 6, ok: false, found: 4, done: 1, unchanged: 1 });
    expect(report.failed).toMatchObject([
      { item: "c", line: 3, reason: expect.stringContaining("changed there and here") },
    ]);
    expect(report.skipped).toMatchObject([{ item: "d", reason: expect.stringContaining("deleted here") }]);
    expect(await json(["show", "a"])).toMatchObject({ title: "One more", revision: 2 });
    expect(await json(["show", "b"])).toMatchObject({ title: "Two", priority: "low" });
    expect(await json(["show", "c"])).toMatchObject({ title: "Three", priority: "low" });
    const { entries } = await json(["history", "a"]);
    expect(entries.map(({ actor }: { actor: string }) => actor)).toEqual([
      "tester (import-from beads)",
      "tester (import-from beads)",
    ]);
  });
});
