import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { describe, expect, it, onTestFinished } from "vitest";
import { callersOf, startService, WRITER } from "../helpers/http-service.ts";
import { newProject } from "../helpers/store.ts";
import { makePlace, PROGRAM } from "./cli-program.ts";

describe.each(["2025", "2026"] as const)("aiknowsys mcp with a shared instance, era %s", (era) => {
  it("serves a local client from there, and opens no store here", async () => {
    const { url, storage } = await startService({ authenticator: callersOf({ "good-token": WRITER }) });
    const project = await newProject(storage);
    const place = makePlace();
    const pinned = { versionNegotiation: { mode: { pin: "2026-07-28" } } } as const;
    const client = new Client({ name: "test-client", version: "1" }, era === "2026" ? pinned : {});
    const env = { ...place.env, AIKNOWSYS_REMOTE_URL: url.origin, AIKNOWSYS_TOKEN: "good-token" };
    const args = [PROGRAM, "mcp", "--tools", "full", "--project", project];
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args,
        cwd: place.project,
        env,
        stderr: "ignore",
      }),
    );
    onTestFinished(() => client.close());
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain("learn_pattern");
    await client.callTool({
      name: "create_plan",
      arguments: { title: "Mend the pier", content: "# Planks" },
    });
    const found = await client.callTool({
      name: "semantic_search",
      arguments: { query: "planks", mode: "text" },
    });
    expect(found.structuredContent).toMatchObject({ results: [{ title: "Mend the pier" }] });
    expect(place.run(["status", "--json"]).stdout).toContain('"plans":0');
  }, 60_000);
});
