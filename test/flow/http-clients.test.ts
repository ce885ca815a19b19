import { describe, expect, it } from "vitest";
import { toolsOf } from "../../mcp-server/tools.ts";
import { callersOf, httpClient, startService, WRITER } from "../helpers/http-service.ts";
import { newProject } from "../helpers/store.ts";

const READER = { ...WRITER, name: "reader", tokenId: "tok_reader", scopes: "read" } as const;

describe.each(["2025", "2026"] as const)("the SDK's client over HTTP, era %s", (era) => {
  it("lists the core tools, writes, and finds what it wrote", async () => {
    const { url, storage } = await startService();
    const project = await newProject(storage);
    const client = await httpClient(url, era);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(toolsOf("core").map(({ name }) => name));
    const made = await client.callTool({
      name: "create_plan",
      arguments: { title: "Mend the pier", content: "# Planks", project },
    });
    expect(made.isError, JSON.stringify(made.content)).not.toBe(true);
    const found = await client.callTool({
      name: "semantic_search",
      arguments: { query: "planks", mode: "text", project },
    });
    expect(found.structuredContent).toMatchObject({ results: [{ title: "Mend the pier" }] });
  });

  it("writes under the token's name, whatever the client calls itself", async () => {
    const { url, storage } = await startService();
    const project = await newProject(storage);
    const client = await httpClient(url, era, { "x-mcp-toolset": "full" });
    const { structuredContent } = await client.callTool({
      name: "create_plan",
      arguments: { title: "Mend the pier", project },
    });
    const { ref } = { ref: "", ...(structuredContent as object) };
    const history = await client.callTool({ name: "get_history", arguments: { id: ref, project } });
    expect(history.structuredContent).toMatchObject({ entries: [{ actor: "writer" }] });
  });

  it("gives no tool that writes to a token that may only read, nor one that reads this machine's files", async () => {
    const { url } = await startService({ authenticator: callersOf({ r: READER, w: WRITER }) });
    const names = async (token: string) => {
      const headers = { authorization: `Bearer ${token}`, "x-mcp-toolset": "full" };
      return (await (await httpClient(url, era, headers)).listTools()).tools.map(({ name }) => name);
    };
    const full = toolsOf("full").filter(({ name }) => name !== "index_workspace");
    expect(await names("w")).toEqual(full.map(({ name }) => name));
    expect(await names("r")).toEqual(full.filter(({ writes }) => !writes).map(({ name }) => name));
  });

  it("has prompts and resources", async () => {
    const { url } = await startService();
    const client = await httpClient(url, era);
    expect((await client.listPrompts()).prompts).toHaveLength(3);
    expect((await client.listResourceTemplates()).resourceTemplates).toHaveLength(4);
  });
});
