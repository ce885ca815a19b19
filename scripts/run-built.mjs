// `node scripts/run-built.mjs NAME args…`: builds what changed (told on stderr), then runs dist/NAME/main.js.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setUp } from "./setup/build-product.mjs";
import { DIST } from "./setup/paths.mjs";
import { entry, Failure, runNode } from "./setup/run.mjs";

await entry(async () => {
  const [name, ...args] = process.argv.slice(2);
  if (name === undefined)
    throw new Failure("Say what to run: node scripts/run-built.mjs eval|bench [options].", 2);
  await setUp();
  const program = join(DIST, name, "main.js");
  if (!existsSync(program)) throw new Failure(`There is no program "${name}" in dist.`, 2);
  // The paths a user gives are relative to where the command was typed, not to the clone.
  const cwd = process.env.INIT_CWD ?? process.cwd();
  const result = await runNode([program, ...args], { cwd, show: "all" });
  return result.status;
});
