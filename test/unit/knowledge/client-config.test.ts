import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { applyClientChange, planClientChange } from "../../../lib/knowledge/client-config.ts";
import { CLIENTS, type ClientName, clientFile, findClients } from "../../../lib/knowledge/clients.ts";
import { tempFolder } from "../../helpers/store.ts";

const SERVER = { command: "npx", args: ["-y", "aiknowsys", "mcp"] };

function place() {
  const folder = tempFolder();
  const root = join(folder, "project");
  const userHome = join(folder, "home");
  for (const each of [root, userHome]) mkdirSync(each);
  return { root, userHome, platform: "linux" } as const;
}

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

async function merge(client: ClientName, before: string) {
  const where = place();
  const { path } = clientFile(client, where, SERVER);
  put(path, before);
  const change = await planClientChange(client, where, SERVER);
  const backup = await applyClientChange(change);
  return { change, backup, text: readFileSync(path, "utf8") };
}

describe("registering the server in a client", () => {
  it.each(CLIENTS)("writes a new file for %s, and the second time nothing", async (client) => {
    const where = place();
    const change = await planClientChange(client, where, SERVER);
    expect(change.action).toBe("create");
    expect(await applyClientChange(change)).toBeUndefined();
    expect(readFileSync(change.path, "utf8")).toBe(change.snippet);
    expect((await planClientChange(client, where, SERVER)).action).toBe("unchanged");
  });

  it("keeps everything else of a JSON file: order, indentation, numbers, the last line end", async () => {
    const before =
      '{\n    "theme": 1.0,\n    "mcpServers": {\n        "other": { "command": "x", "args": ["a", "b"] }\n    },\n    "10": "z"\n}';
    const { text, change } = await merge("claude-code", before);
    expect(change.action).toBe("update");
    const added = text.slice(text.indexOf(',\n        "aiknowsys"'), text.indexOf('\n    },\n    "10"'));
    expect(text.replace(added, "")).toBe(before);
    expect(JSON.parse(text).mcpServers.aiknowsys).toEqual(SERVER);
  });

  it("makes the object that is missing", async () => {
    const { text } = await merge("gemini", '{"theme":"dark"}\n');
    expect(JSON.parse(text)).toEqual({ theme: "dark", mcpServers: { aiknowsys: SERVER } });
    expect(JSON.parse((await merge("vscode", "{}")).text)).toEqual({
      servers: { aiknowsys: { type: "stdio", ...SERVER } },
    });
  });

  it("is not led astray by strings that look like JSON", async () => {
    const { text } = await merge(
      "cursor",
      '{ "note": "{ \\"mcpServers\\": {", "list": [1, {"a": "]"}], "mcpServers": {} }',
    );
    expect(JSON.parse(text).mcpServers).toEqual({ aiknowsys: SERVER });
    expect(JSON.parse(text).note).toBe('{ "mcpServers": {');
  });

  it("writes opencode's own form", async () => {
    const { text } = await merge("opencode", '{ "model": "x" }');
    expect(JSON.parse(text).mcp.aiknowsys).toEqual({
      type: "local",
      command: ["npx", ...SERVER.args],
      enabled: true,
    });
  });

  it("keeps the file as it was beside it", async () => {
    const { backup, change } = await merge("claude-code", "{ }\n");
    expect(backup).toBe(`${change.path}.bak`);
    expect(readFileSync(`${change.path}.bak`, "utf8")).toBe("{ }\n");
  });

  it.each([
    ["comments", '{\n  // my servers\n  "mcpServers": {}\n}'],
    ["a trailing comma", '{ "mcpServers": {}, }'],
    ["a list", "[]"],
    ["no JSON at all", "not json"],
    ["servers that are no object", '{ "mcpServers": [] }'],
  ])("leaves a file with %s as it is, and gives the lines to paste", async (_, before) => {
    const { change, text, backup } = await merge("claude-code", before);
    expect(change).toMatchObject({ action: "manual", snippet: expect.stringContaining('"aiknowsys"') });
    expect(text).toBe(before);
    expect(backup).toBeUndefined();
    expect(existsSync(`${change.path}.bak`)).toBe(false);
  });

  it("leaves an entry that somebody wrote differently as it is", async () => {
    const before = '{ "mcpServers": { "aiknowsys": { "command": "mine", "env": { "A": "1" } } } }';
    const { change, text } = await merge("claude-code", before);
    expect(change.action).toBe("unchanged");
    expect(text).toBe(before);
  });

  it("appends a table to Codex's TOML", async () => {
    const { text } = await merge("codex", 'model = "o4"\n\n[mcp_servers.other]\ncommand = "x"\n');
    expect(text).toBe(
      'model = "o4"\n\n[mcp_servers.other]\ncommand = "x"\n\n[mcp_servers.aiknowsys]\ncommand = "npx"\nargs = ["-y", "aiknowsys", "mcp"]\n',
    );
  });

  it.each([
    ['[mcp_servers.aiknowsys]\ncommand = "mine"\n', "unchanged"],
    ['[ mcp_servers . "aiknowsys" ]\n', "unchanged"],
    ["[mcp_servers.aiknowsys.env]\nA = 1\n", "unchanged"],
    ["mcp_servers = { other = {} }\n", "manual"],
    ['mcp_servers.other.command = "x"\n', "manual"],
    ['prompt = """\nnever closed\n', "manual"],
  ])("takes the TOML %j as %s", async (before, action) => {
    const { change, text } = await merge("codex", before);
    expect(change.action).toBe(action);
    expect(text).toBe(before);
  });

  it("changes a linked file where it lives and leaves the link", async () => {
    const where = place();
    const real = join(where.userHome, "dotfiles.json");
    put(real, "{}");
    const { path } = clientFile("claude-code", where, SERVER);
    symlinkSync(real, path);
    await applyClientChange(await planClientChange("claude-code", where, SERVER));
    expect(JSON.parse(readFileSync(real, "utf8")).mcpServers.aiknowsys).toEqual(SERVER);
  });

  it("says so when the file cannot be read", async () => {
    const where = place();
    mkdirSync(join(where.root, ".mcp.json"));
    await expect(planClientChange("claude-code", where, SERVER)).rejects.toMatchObject({
      code: "unavailable",
    });
  });
});

describe("finding clients", () => {
  it("goes by their folders and files, in the project and at home", () => {
    const where = place();
    expect(findClients(where)).toEqual([]);
    put(join(where.root, ".vscode", "settings.json"), "{}");
    put(join(where.userHome, ".codex", "config.toml"), "");
    expect(findClients(where)).toEqual(["vscode", "codex"]);
  });
});
