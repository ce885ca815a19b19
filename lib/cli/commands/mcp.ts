import type { CliCommand } from "../command.ts";

/** Serves MCP over stdio with the arguments behind `mcp`; loads nothing of the command line. */
export async function startMcp(argv: readonly string[]): Promise<void> {
  const { runMcp } = await import("../../../mcp-server/main.ts");
  await runMcp(argv);
}

export const command: CliCommand = {
  define: (mcp) => {
    mcp.option("--tools <profile>", "core, readonly or full", "core");
  },
  examples: ["aiknowsys mcp", "aiknowsys mcp --tools readonly"],
  run: async ({ command: mcp }) => {
    const { tools } = mcp.opts<{ readonly tools: string }>();
    await startMcp(["--tools", tools]);
    return 0;
  },
};
