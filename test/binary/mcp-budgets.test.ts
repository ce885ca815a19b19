import type { Client } from "@modelcontextprotocol/client";
import { encode } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, it } from "vitest";
import { call, connect, makeMcpPlace } from "./mcp-program.ts";

const LONG_WORD = "abcdefghij".repeat(300);
const BASE64 = Buffer.from(Array.from({ length: 2_400 }, (_, index) => (index * 7_919) % 251)).toString(
  "base64",
);

/** Texts that cost a tokenizer much, or make JSON of them long. */
const HOSTILE: Readonly<Record<string, string>> = {
  words: "The crane needs a concrete base; see `pier.ts:42`. ".repeat(120),
  cjk: "重い荷物の計画を立てる必要があります。港湾局".repeat(90),
  emoji: "👩‍👩‍👧‍👦🇪🇺🏴‍☠️🤯⚓️ ".repeat(110),
  rareSigns: Array.from({ length: 1_200 }, (_, index) =>
    String.fromCodePoint(0x10000 + ((index * 7_919) % 0x1e000)),
  ).join(""),
  base64: BASE64,
  longLine: LONG_WORD,
  quotes: '"\\"\\\\\t\u0001\u0007{"a":["b"]}'.repeat(200),
  lines: "\n\r\n\t- \n".repeat(600),
};
const BUDGETS = [400, undefined, 99_999];

/** A call whose text and structured content must say the same and hold the budget, each counted by itself. */
async function within(client: Client, name: string, args: Record<string, unknown>, maxTokens?: number) {
  const answer = await call(client, name, {
    ...args,
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
  });
  const label = `${name} ${JSON.stringify(args).slice(0, 100)} ${maxTokens}: ${answer.text.slice(0, 200)}`;
  expect(answer.isError, label).toBe(false);
  const cap = Math.min(maxTokens ?? 2_000, 8_000);
  expect(encode(answer.text).length, label).toBeLessThanOrEqual(cap);
  expect(encode(JSON.stringify(answer.structured)).length, label).toBeLessThanOrEqual(cap);
  expect(JSON.parse(answer.text), label).toEqual(answer.structured);
  return answer.structured;
}

/** Every page of a list, following nextCursor. */
async function pages(
  client: Client,
  name: string,
  rows: string,
  args: Record<string, unknown>,
  maxTokens: number,
) {
  const found: { readonly ref: string }[] = [];
  let cursor: unknown;
  do {
    const page = await within(client, name, { ...args, ...(cursor !== undefined && { cursor }) }, maxTokens);
    const items: unknown = page[rows];
    if (Array.isArray(items)) found.push(...items);
    cursor = page.nextCursor;
  } while (cursor !== undefined && found.length < 200);
  return found;
}

describe("the budget of an MCP answer", () => {
  it.each(Object.entries(HOSTILE))("holds for every tool, with texts of %s", async (name, text) => {
    const client = await connect(makeMcpPlace(), "2025", ["--tools", "full"]);
    const title = `${name} ${text.replace(/\s+/g, " ").slice(0, 800)}`;
    const [plan, session, event] = [
      await within(client, "create_plan", { title, content: text, description: title, status: "ACTIVE" }),
      await within(client, "create_session", { title, content: text, topics: [title] }, 100),
      await within(client, "record_event", { type: "note", data: { text, list: [text, text] } }, 100),
    ];
    await within(client, "update_plan", { id: plan.ref, append: `- [ ] ${title}\n` }, 100);
    await within(client, "update_session", { id: session.ref, append: text });
    await within(client, "learn_pattern", { title, content: text, triggers: [title] }, 400);
    const ids = [plan.ref, session.ref, event.ref];
    const reads: readonly (readonly [string, Record<string, unknown>])[] = [
      ...ids.flatMap((id) =>
        ["full", "preview", "metadata"].map((detail) => ["get_document", { id, detail }] as const),
      ),
      ...ids.map((id) => ["get_history", { id, as_of: "today" }] as const),
      ...["resume_work", "get_status", "list_projects", "project_stats"].map((tool) => [tool, {}] as const),
      ...["query_plans", "query_sessions", "query_events"].map((tool) => [tool, { limit: 100 }] as const),
      ["semantic_search", { query: text.slice(0, 3_000), limit: 30 }],
      ["semantic_search", { query: name, limit: 30 }],
    ];
    for (const maxTokens of BUDGETS)
      for (const [tool, args] of reads) await within(client, tool, args, maxTokens);
  });

  it("is held by paging: no row is lost and none comes twice", async () => {
    const client = await connect(makeMcpPlace(), "2025", ["--tools", "full"]);
    const [refs, events]: [unknown[], unknown[]] = [[], []];
    const texts = Object.values(HOSTILE);
    for (let index = 0; index < 21; index++) {
      const text = texts[index % texts.length] ?? "";
      const title = `Harbour ${index} ${text.replace(/\s+/g, " ").slice(0, index * 40)}`;
      refs.push((await call(client, "create_plan", { title, content: text })).structured.ref);
      const data = { text: `Harbour ${index} ${text}` };
      events.push((await call(client, "record_event", { type: "note", data })).structured.ref);
    }
    for (const budget of [400, 2_000, 8_000]) {
      const listed = await pages(client, "query_plans", "plans", { limit: 100 }, budget);
      expect(listed.map(({ ref }) => ref).sort(), `plans at ${budget}`).toEqual([...refs].sort());
      const noted = await pages(client, "query_events", "events", { limit: 7 }, budget);
      expect(noted.map(({ ref }) => ref).sort(), `events at ${budget}`).toEqual([...events].sort());
      const hits = await pages(client, "semantic_search", "results", { query: "harbour", limit: 30 }, budget);
      expect(hits.map(({ ref }) => ref).sort(), `hits at ${budget}`).toEqual([...refs, ...events].sort());
    }
    for (let index = 0; index < 30; index++)
      await call(client, "update_plan", { id: refs[0], append: `Line ${index}.` });
    const entries = await pages(client, "get_history", "entries", { id: refs[0] }, 400);
    expect(entries).toHaveLength(31);
  }, 120_000);

  it.each(Object.keys(HOSTILE))(
    "cuts a long text of %s so that its parts joined are the whole",
    async (name) => {
      const client = await connect(makeMcpPlace(), "2025");
      const content = `# Text\n\n${(HOSTILE[name] ?? "").repeat(name === "words" ? 12 : 2)}`;
      const plan = await call(client, "create_plan", { title: "Text", content });
      const data = { text: content };
      const event = await call(client, "record_event", { type: "note", data });
      for (const budget of [400, 2_000, 8_000]) {
        expect(await wholeText(client, plan.structured.ref, budget), `${budget}`).toBe(content);
        const json = await wholeText(client, event.structured.ref, budget);
        if (json !== "") expect(JSON.parse(json)).toEqual(data);
      }
    },
  );
});

/** The parts of a document's text, joined; empty for an event that comes whole. */
async function wholeText(client: Client, id: unknown, maxTokens: number): Promise<string> {
  let text = "";
  let cursor: unknown;
  do {
    const part = await within(
      client,
      "get_document",
      { id, ...(cursor !== undefined && { cursor }) },
      maxTokens,
    );
    text += part.quoted ?? "";
    cursor = part.nextCursor;
  } while (cursor !== undefined);
  return text;
}
