import type { CliCommand } from "../command.ts";

/** Serves MCP over stdio with the arguments behind `mcp`; loads nothing of the command line. */
export async function startMcp(argv: readonly string[]): Promise<void> {
  const { runMcp } = await import("../../../mcp-server/main.ts");
  await runMcp(argv);
}

/** Options of every command that say something to the server, too. */
const GLOBALS = [
  "project",
  "allProjects",
  "tenant",
  "storage",
  "db",
  "connection",
  "json",
  "quiet",
  "verbose",
];

/** Reached when global options stand before `mcp`; otherwise the program starts the server by itself. */
export const command: CliCommand = {
  define: (mcp) => {
    mcp.option("--tools <profile>", "core, readonly or full", "core");
  },
  examples: ["aiknowsys mcp", "aiknowsys mcp --tools readonly"],
  run: async ({ command: mcp }) => {
    const options = mcp.optsWithGlobals<Readonly<Record<string, unknown>>>();
    await startMcp(["tools", ...GLOBALS].flatMap((name) => asFlag(name, options[name])));
    return 0;
  },
};

function asFlag(name: string, value: unknown): readonly string[] {
  const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  if (value === true) return [flag];
  return typeof value === "string" ? [`${flag}=${value}`] : [];
}
