import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ERROR_CODES } from "../../lib/domain/error.ts";
import { CLIENTS } from "../../lib/knowledge/clients.ts";
import { checkArguments } from "../../mcp-server/arguments.ts";
import type { Tool } from "../../mcp-server/tool.ts";
import { PROFILES, toolsOf } from "../../mcp-server/tools.ts";

const MANUAL = readFileSync(new URL("../../docs/mcp.md", import.meta.url), "utf8");
const CLIENT_TITLES: Readonly<Record<(typeof CLIENTS)[number], string>> = {
  "claude-code": "Claude Code",
  cursor: "Cursor",
  vscode: "VS Code",
  codex: "Codex",
  gemini: "Gemini CLI",
  opencode: "opencode",
  "claude-desktop": "Claude Desktop",
};

/** The part of the manual under a tool's heading. */
function sectionOf(tool: Tool): string {
  const [, rest = ""] = MANUAL.split(`\n### \`${tool.name}\`\n`);
  return rest.split(/\n##+ /)[0] ?? "";
}

/** Example call and answer of a tool's section. */
function examplesIn(section: string): readonly unknown[] {
  return [...section.matchAll(/```json\n([\s\S]*?)\n```/g)].map(([, json = ""]) => JSON.parse(json));
}

describe("the manual of the MCP server", () => {
  it.each(toolsOf("full").map((tool) => [tool.name, tool] as const))("has %s as it is", (_, tool) => {
    const section = sectionOf(tool);
    expect(section).toContain(tool.description);
    const rows = [...section.matchAll(/^\| `(\w+)`( \(required\))? \| ([\w ]+) \|/gm)];
    const documented = rows.map(([, name, required]) => [name, required !== undefined]);
    const real = Object.keys(tool.properties).map((name) => [name, tool.required.includes(name)]);
    expect(documented).toEqual(real);
    for (const { enum: values = [] } of Object.values(tool.properties))
      for (const value of values) expect(section).toContain(`\`${value}\``);
  });

  it.each(toolsOf("full").map((tool) => [tool.name, tool] as const))(
    "shows a call of %s that is valid and an answer that its schema allows",
    (_, tool) => {
      const [call, answer, ...more] = examplesIn(sectionOf(tool));
      expect(more).toEqual([]);
      expect(() => checkArguments(tool, call)).not.toThrow();
      const members = Object.keys({ ...(typeof answer === "object" && answer) });
      expect(members).toEqual(expect.arrayContaining([...(tool.output.required ?? [])]));
    },
  );

  it("names every profile, error code, client, prompt and kind of resource", () => {
    const words = [
      ...PROFILES.map((profile) => `--tools ${profile}`),
      ...ERROR_CODES.map((code) => `| \`${code}\` |`),
      ...CLIENTS.map((client) => `**${CLIENT_TITLES[client]}**`),
      ...["start-work", "close-session", "plan-review"].map((prompt) => `| \`${prompt}\` |`),
      "aiknowsys://project/{project}/plan/{ref}",
    ];
    expect(words.filter((word) => !MANUAL.includes(word))).toEqual([]);
  });
});
