#!/usr/bin/env node
import { fileURLToPath } from "node:url";

/** The program `aiknowsys`: hands the process to the command line, or straight to the MCP server. */
const argv = process.argv.slice(2);

if (argv[0] === "mcp" && !argv.includes("--help") && !argv.includes("-h")) {
  // Editors wait for the handshake: nothing else is loaded before the server.
  const { startMcp } = await import("./commands/mcp.ts");
  await startMcp(argv.slice(1));
} else {
  const [{ run }, { doorOfProcess }] = await Promise.all([import("./run.ts"), import("./process-door.ts")]);
  const status = await run(argv, doorOfProcess(fileURLToPath(import.meta.url)));
  // A failed write to stdout has set a status of its own, which stays.
  process.exitCode ??= status;
}
