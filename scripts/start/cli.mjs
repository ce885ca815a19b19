// The built command line, as a person would use it in a folder.
import { CLI } from "../setup/paths.mjs";
import { runNode } from "../setup/run.mjs";

/** Runs a command with its output on our terminal; the result is its exit status. */
export async function showCli(args, folder) {
  console.log(`\n$ aiknowsys ${args.map(quoted).join(" ")}`);
  const { status } = await runNode([CLI, ...args], { cwd: folder, show: "all" });
  return status;
}

/** Runs a command with `--json` and reads its answer; nothing when it failed (it said why on stderr). */
export async function askCli(args, folder) {
  const { status, stdout } = await runNode([CLI, ...args], { cwd: folder, show: "errors" });
  return status === 0 ? JSON.parse(stdout) : undefined;
}

function quoted(argument) {
  return /[\s"'$*]/.test(argument) ? `'${argument.replaceAll("'", "'\\''")}'` : argument;
}
