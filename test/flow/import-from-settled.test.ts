import { utimesSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { KnowledgeError } from "../../lib/domain/error.ts";
import { importFrom } from "../../lib/knowledge/import-from/import-from.ts";
import type { StorageAdapter } from "../../lib/storage/adapter.ts";
import { openWorkbench } from "../helpers/knowledge.ts";
import { makeDatabase } from "../helpers/peer-database.ts";
import { lines, openedPeer } from "../helpers/peer-source.ts";

describe("an import from another tool", () => {
  it("tries the rows of a failed transaction one by one, and ends when the store is away", async () => {
    const bench = await openWorkbench();
    const path = bench.put(
      "issues.jsonl",
      lines({ id: "a", title: "A" }, { id: "b", title: "Bad" }, { id: "c", title: "C" }),
    );
    const openTables = () => Promise.reject(new Error("no database"));
    const failing = (error: Error): StorageAdapter =>
      Object.assign(Object.create(bench.deps.storage), {
        transaction: (...[context, writes]: Parameters<StorageAdapter["transaction"]>) =>
          writes.some(({ draft }) => "title" in draft.row && draft.row.title === "Bad")
            ? Promise.reject(error)
            : bench.deps.storage.transaction(context, writes),
      });
    const take = (error: Error) =>
      importFrom({ ...bench.deps, storage: failing(error) }, bench.project, {
        peer: "beads",
        path,
        openTables,
      });
    await expect(take(new KnowledgeError("unavailable", "gone"))).rejects.toMatchObject({
      code: "unavailable",
    });
    expect(await take(new KnowledgeError("invalid_input", "too odd"))).toMatchObject({
      ok: false,
      found: 3,
      done: 2,
      failed: [{ item: "b", line: 2, reason: "too odd" }],
    });
  });

  it("keeps the moment that an undated record was first given, whenever its file is touched", async () => {
    const { put, take, place } = openedPeer("server-memory", "memory.jsonl");
    put("memory.jsonl", lines({ type: "relation", from: "Nobody", to: "Pier", relationType: "paints" }));
    await take();
    utimesSync(place, 1_000_000_000, 1_000_000_000);
    expect(await take()).toMatchObject({ done: 0, unchanged: 1 });
  });

  it("refuses a document that is longer than one may be", async () => {
    const { put, take } = openedPeer("server-memory", "memory.jsonl");
    const observations = ["wall ".repeat(3_400_000)];
    put("memory.jsonl", lines({ type: "entity", name: "Wall", entityType: "thing", observations }));
    expect(await take("--dry-run")).toMatchObject({ status: 6, found: 1, failed: [{ item: "Wall" }] });
  });

  it("passes over rows of a 0.10 database whose file in the folder holds the same text", async () => {
    const { put, take, place } = openedPeer("aiknowsys-0.10", ".");
    put(".aiknowsys/PLAN_wall.md", "---\nstatus: ACTIVE\n---\n# The wall\n\n## Why\n\nStones.\n");
    makeDatabase(
      join(place, ".aiknowsys/knowledge.db"),
      "CREATE TABLE plans (id TEXT PRIMARY KEY, title TEXT, content TEXT)",
      {
        plans: [
          { id: "wall", title: "Untitled Plan", content: "## Why\n\nStones." },
          { id: "pier", title: "The pier", content: "Wood." },
        ],
      },
    );
    expect(await take()).toMatchObject({
      status: 0,
      found: 3,
      done: 2,
      skipped: [{ item: "plans 1", reason: "its file PLAN_wall.md holds the same text" }],
    });
    expect(await take()).toMatchObject({ done: 0, unchanged: 2 });
  });
});
