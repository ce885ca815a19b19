import { describe, expect, it } from "vitest";
import { toolsOf } from "../../mcp-server/tools.ts";
import { callersOf, httpClient, startService, WRITER } from "../helpers/http-service.ts";
import { context, eventDraft, newProject, planDraft, write } from "../helpers/store.ts";

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

  it("lists the resources of all projects that a token may see, page by page, and completes their names", async () => {
    const { url, storage } = await startService();
    const client = await httpClient(url, era);
    const made = new Set<string>();
    for (const name of ["Harbour", "Quarry"]) {
      const project = await newProject(storage, { name });
      for (let nth = 0; nth < 30; nth++) {
        const draft = nth < 20 ? planDraft(project, { title: `Wall ${nth}` }) : eventDraft(project);
        await storage.transaction(context(project), [write(draft)]);
      }
      const { plans, events } = storage;
      const query = { projects: [project] };
      const [listed] = await storage.projects.find(name);
      for (const { ref } of (await plans.query(query, { limit: 50 })).items)
        made.add(`aiknowsys://project/${listed?.ref}/plan/${ref}`);
      for (const { ref } of (await events.query(query, { limit: 50 })).items)
        made.add(`aiknowsys://project/${listed?.ref}/event/${ref}`);
    }
    const page = async (cursor?: string) =>
      client.request({ method: "resources/list", params: cursor === undefined ? {} : { cursor } });
    const first = await page();
    expect(first.resources).toHaveLength(50);
    const second = await page(first.nextCursor);
    expect(second.nextCursor).toBeUndefined();
    const all = [...first.resources, ...second.resources];
    expect(new Set(all.map(({ uri }) => uri))).toEqual(made);
    expect(all).toHaveLength(60);
    expect(new Set(all.map(({ description }) => description))).toEqual(
      new Set(["In Harbour.", "In Quarry."]),
    );
    const [{ uri } = { uri: "" }] = all;
    expect((await client.readResource({ uri })).contents).toHaveLength(1);
    const template = { type: "ref/resource", uri: "aiknowsys://project/{project}/plan/{ref}" } as const;
    const complete = async (name: string, value: string) =>
      (await client.complete({ ref: template, argument: { name, value } })).completion.values;
    expect(await complete("project", "")).toHaveLength(2);
    expect(await complete("project", "quar")).toHaveLength(1);
    expect(await complete("ref", "wall 7")).toHaveLength(2);
  });
});
