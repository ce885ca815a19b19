import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "./tree.ts";

export interface ToolResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the JavaScript of an installed tool, `typescript/bin/tsc` say, in a folder. */
export function runTool(tool: string, args: readonly string[], folder: string): ToolResult {
  return spawnSync(process.execPath, [join(ROOT, "node_modules", tool), ...args], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  });
}
