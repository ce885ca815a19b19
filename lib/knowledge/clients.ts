import { existsSync } from "node:fs";
import { join } from "node:path";

/** Clients whose MCP configuration is known. */
export const CLIENTS = [
  "claude-code",
  "cursor",
  "vscode",
  "codex",
  "gemini",
  "opencode",
  "claude-desktop",
] as const;
export type ClientName = (typeof CLIENTS)[number];

/** How a client starts the server. */
export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/** Where clients keep their configuration. */
export interface ClientPlace {
  /** The project's top folder. */
  readonly root: string;
  readonly userHome: string;
  readonly platform: NodeJS.Platform;
}

export interface ClientFile {
  readonly path: string;
  readonly format: "json" | "toml";
  /** Where the server's entry lies in the file. */
  readonly keys: readonly string[];
  readonly entry: object;
}

/** The file, format and entry by which a client registers an MCP server. */
export function clientFile(client: ClientName, place: ClientPlace, server: ServerCommand): ClientFile {
  const { root, userHome } = place;
  const { command, args } = server;
  const plain = { format: "json", keys: ["mcpServers", "aiknowsys"], entry: { command, args } } as const;
  switch (client) {
    case "claude-code":
      return { ...plain, path: join(root, ".mcp.json") };
    case "cursor":
      return { ...plain, path: join(root, ".cursor", "mcp.json") };
    case "vscode":
      return {
        path: join(root, ".vscode", "mcp.json"),
        format: "json",
        keys: ["servers", "aiknowsys"],
        entry: { type: "stdio", command, args },
      };
    case "codex":
      return {
        path: join(userHome, ".codex", "config.toml"),
        format: "toml",
        keys: ["mcp_servers", "aiknowsys"],
        entry: { command, args },
      };
    case "gemini":
      return { ...plain, path: join(root, ".gemini", "settings.json") };
    case "opencode":
      return {
        path: join(root, "opencode.json"),
        format: "json",
        keys: ["mcp", "aiknowsys"],
        entry: { type: "local", command: [command, ...args], enabled: true },
      };
    case "claude-desktop":
      return { ...plain, path: join(desktopFolder(place), "claude_desktop_config.json") };
    default:
      return client satisfies never;
  }
}

/** Clients that this project or this user's home folder shows signs of. */
export function findClients(place: ClientPlace): readonly ClientName[] {
  return CLIENTS.filter((client) => signsOf(client, place).some((path) => existsSync(path)));
}

function signsOf(client: ClientName, place: ClientPlace): readonly string[] {
  const { root, userHome } = place;
  switch (client) {
    case "claude-code":
      return [
        join(root, ".mcp.json"),
        join(root, ".claude"),
        join(userHome, ".claude"),
        join(userHome, ".claude.json"),
      ];
    case "cursor":
      return [join(root, ".cursor"), join(userHome, ".cursor")];
    case "vscode":
      return [join(root, ".vscode")];
    case "codex":
      return [join(userHome, ".codex")];
    case "gemini":
      return [join(root, ".gemini"), join(userHome, ".gemini")];
    case "opencode":
      return [join(root, "opencode.json"), join(userHome, ".config", "opencode")];
    case "claude-desktop":
      return [desktopFolder(place)];
    default:
      return client satisfies never;
  }
}

function desktopFolder({ userHome, platform }: ClientPlace): string {
  if (platform === "darwin") return join(userHome, "Library", "Application Support", "Claude");
  if (platform === "win32") return join(userHome, "AppData", "Roaming", "Claude");
  return join(userHome, ".config", "Claude");
}
