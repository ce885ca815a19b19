import { describe, expect, it } from "vitest";
import { deleteRow } from "../../lib/knowledge/delete-row.ts";
import { searchKnowledge } from "../../lib/knowledge/search.ts";
import type { SearchRequest } from "../../lib/knowledge/search-request.ts";
import { createPlan } from "../../lib/knowledge/write-plan.ts";
import { semanticSearchTool } from "../../mcp-server/tools/recall.ts";
import { makeCommandLine } from "../helpers/command-line.ts";
import { openWorkbench } from "../helpers/knowledge.ts";

/** A store with so many plans about piers, the first the most about them. */
async function openPiers(count: number) {
  const bench = await openWorkbench();
  const { deps, scope, project } = bench;
  for (let at = 0; at < count; at++) {
    const content = `# Plan ${at}\n\n${"pier ".repeat(count - at)}${"quay ".repeat(20)}\n`;
    await createPlan(deps, project, { title: `Plan ${at}`, content });
  }
  const search = (request: Partial<SearchRequest> = {}) =>
    searchKnowledge(deps, scope, { query: "pier", mode: "text", limit: 3, waitMs: 0, ...request });
  const rest = async (cursor: string | undefined): Promise<readonly string[]> => {
    if (cursor === undefined) return [];
    const { results, nextCursor } = await search({ cursor });
    return [...results.map(({ ref }) => ref), ...(await rest(nextCursor))];
  };
  return { ...bench, search, rest };
}

describe("the pages of a search", () => {
  it("give every result once", async () => {
    const { search, rest } = await openPiers(10);
    const all = (await search({ limit: 100 })).results.map(({ ref }) => ref);
    const first = await search();
    expect([...first.results.map(({ ref }) => ref), ...(await rest(first.nextCursor))]).toEqual(all);
    expect(new Set(all).size).toBe(10);
  });

  it("give none twice when rows come and go between them", async () => {
    const { search, rest, deps, scope, project } = await openPiers(10);
    const before = (await search({ limit: 100 })).results.map(({ ref }) => ref);
    const first = await search();
    for (const title of ["New pier", "Newer pier"])
      await createPlan(deps, project, { title, content: `# ${title}\n\n${"pier ".repeat(60)}\n` });
    await deleteRow(deps, scope, { id: before[0] ?? "" });
    await deleteRow(deps, scope, { id: before[5] ?? "" });
    const more = await rest(first.nextCursor);
    expect(more).toEqual(before.slice(3).filter((ref) => ref !== before[5]));
  });

  it("go on where a page ended that the budget cut", async () => {
    const { search, rest } = await openPiers(6);
    const all = (await search({ limit: 100 })).results.map(({ ref }) => ref);
    const first = await search({ limit: 100, maxTokens: 300 });
    expect(first.omitted).toBeGreaterThan(0);
    expect([...first.results.map(({ ref }) => ref), ...(await rest(first.nextCursor))]).toEqual(all);
  });

  it("go on with words where words had to answer, and say so", async () => {
    const { search } = await openPiers(6);
    const first = await search({ mode: "hybrid" });
    expect(first).toMatchObject({ mode: "text", degraded: "embedding_unavailable" });
    const second = await search({ mode: "hybrid", cursor: first.nextCursor });
    expect(second).toMatchObject({ mode: "text", degraded: "embedding_unavailable", count: 3 });
  });

  it("wait for a mode that cannot run just now instead of mixing two orders", async () => {
    const { search } = await openPiers(6);
    const { nextCursor = "" } = await search({ mode: "hybrid" });
    await expect(search({ mode: "hybrid", cursor: nextCursor.replace("t.", "h.") })).rejects.toMatchObject({
      code: "unavailable",
    });
  });
});

describe("a search whose first result is longer than its budget", () => {
  it("says so on the command line instead of having found nothing", async () => {
    const { type } = makeCommandLine();
    await type(["create-plan", "--title", "Pier", "--content", `# Pier\n\n${"pier and quay ".repeat(40)}`]);
    expect(await type(["search", "pier", "--mode", "text", "--max-tokens", "50"])).toEqual({
      status: 0,
      out: "",
      err: "1 result left out, the first too long by itself: raise --max-tokens.\n",
    });
  });
});

describe("the cursor of a search", () => {
  it.each([
    ["another query", { query: "quay" }],
    ["another mode", { mode: "semantic" }],
    ["other kinds", { kind: "plan" }],
    ["other event types", { type: "note" }],
    ["another time", { after: "2020-01-01" }],
    ["superseded rows", { includeSuperseded: true }],
  ])("is refused for %s", async (_, change) => {
    const { search } = await openPiers(6);
    const { nextCursor } = await search();
    await expect(search({ ...change, cursor: nextCursor })).rejects.toMatchObject({
      code: "invalid_input",
      message: "The cursor belongs to another search.",
    });
  });

  it("is refused in another project", async () => {
    const { search, deps } = await openPiers(6);
    const { nextCursor } = await search();
    const request = { query: "pier", mode: "text", waitMs: 0, cursor: nextCursor };
    await expect(searchKnowledge(deps, { project: undefined, projects: [] }, request)).rejects.toMatchObject({
      message: "The cursor belongs to another search.",
    });
  });

  it.each(["s3", "s0h", "", "o10"])("is refused when it is %j", async (cursor) => {
    const { search } = await openPiers(1);
    await expect(search({ cursor })).rejects.toMatchObject({
      message: "The cursor is not one that search gave.",
    });
  });

  it("holds for another size of page", async () => {
    const { search } = await openPiers(6);
    const { nextCursor } = await search();
    expect((await search({ cursor: nextCursor, limit: 2 })).count).toBe(2);
  });

  it("comes over MCP behind the last result that the budget leaves", async () => {
    const { deps, scope, project, root, search } = await openPiers(8);
    const all = (await search({ limit: 100 })).results.map(({ ref }) => ref);
    const context = {
      ...{ deps, scope, client: undefined, retryKey: undefined, cwd: root, signal: undefined },
      project: async () => project,
    };
    const found: string[] = [];
    let cursor: unknown;
    do {
      const args = { query: "pier", mode: "text", limit: 100, ...(cursor !== undefined && { cursor }) };
      const answer = await semanticSearchTool.run({ ...context, maxTokens: 500 }, args);
      const { results, nextCursor } = JSON.parse(JSON.stringify(answer));
      found.push(...results.map(({ ref }: { ref: string }) => ref));
      cursor = nextCursor;
    } while (cursor !== undefined);
    expect(found).toEqual(all);
  });
});
