// How to make the server known to AI clients.
import { CLI } from "../setup/paths.mjs";

/** Text that tells both ways: the published package, and this clone by its absolute path. */
export function registration() {
  const block = { mcpServers: { aiknowsys: { command: process.execPath, args: [CLI, "mcp"] } } };
  return [
    "Register the server in your client",
    "",
    "  Claude Code, the published package:",
    "    claude mcp add --scope project aiknowsys -- npx -y aiknowsys mcp",
    "  Claude Code, this clone:",
    `    claude mcp add aiknowsys -- ${quoted(process.execPath)} ${quoted(CLI)} mcp`,
    '  Any other client, this clone (Cursor, Claude Desktop, …; VS Code calls the outer key "servers"):',
    ...JSON.stringify(block, undefined, 2)
      .split("\n")
      .map((line) => `    ${line}`),
    "",
    "  Or let `aiknowsys init` write the configuration of the clients it finds.",
  ].join("\n");
}

function quoted(path) {
  return path.includes(" ") ? `"${path}"` : path;
}
