import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { onTestFinished } from "vitest";
import { tempFolder } from "../helpers/store.ts";
import { PROGRAM } from "./cli-program.ts";

export type Era = "2025" | "2026";

export interface McpPlace {
  readonly home: string;
  readonly project: string;
}

/** A new home and a project folder with these files. */
export function makeMcpPlace(files: Readonly<Record<string, string>> = {}): McpPlace {
  const folder = tempFolder();
  const place = { home: join(folder, "home"), project: join(folder, "project") };
  mkdirSync(place.project, { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(place.project, path)), { recursive: true });
    writeFileSync(join(place.project, path), text);
  }
  return place;
}

/** The environment of a server at a place; the model stays out unless asked for. */
export function mcpEnvironment(place: McpPlace, provider: "none" | "local" = "none"): Record<string, string> {
  return {
    PATH: process.env.PATH ?? "",
    HOME: place.home,
    AIKNOWSYS_HOME: place.home,
    EMBEDDING_PROVIDER: provider,
  };
}

/** The SDK's own client, connected to the built program over stdio. */
export async function connect(
  place: McpPlace,
  era: Era,
  args: readonly string[] = [],
  provider: "none" | "local" = "none",
): Promise<Client> {
  const client = new Client(
    { name: "test-client", version: "1" },
    era === "2026" ? { versionNegotiation: { mode: { pin: "2026-07-28" } } } : {},
  );
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [PROGRAM, "mcp", ...args],
      cwd: place.project,
      env: mcpEnvironment(place, provider),
      stderr: "ignore",
    }),
  );
  onTestFinished(() => client.close());
  return client;
}

export interface ToolAnswer {
  readonly isError: boolean;
  readonly text: string;
  readonly structured: Record<string, unknown>;
}

/** One tool call, its text and structured content. */
export async function call(
  client: Client,
  name: string,
  args: Record<string, unknown> = {},
): Promise<ToolAnswer> {
  const result = await client.callTool({ name, arguments: args });
  const [first] = result.content;
  const given: unknown = result.structuredContent;
  const structured: Record<string, unknown> = typeof given === "object" ? { ...given } : {};
  return { isError: result.isError === true, text: first?.type === "text" ? first.text : "", structured };
}
