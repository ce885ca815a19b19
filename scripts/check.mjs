// `npm run check`: the gates. Each tool runs whatever the others say; two at a time.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { alone } from "./setup/lock.mjs";
import { haveWhatWeNeed } from "./setup/needs.mjs";
import { ROOT, SOURCE_FOLDERS } from "./setup/paths.mjs";
import { entry, runNode } from "./setup/run.mjs";

const CRUISED = SOURCE_FOLDERS.filter((folder) => existsSync(join(ROOT, folder)));

const GATES = [
  { name: "types (tsc)", args: ["typescript/bin/tsc", "-p", "tsconfig.json", "--noEmit"] },
  { name: "style (biome)", args: ["@biomejs/biome/bin/biome", "check", "--error-on-warnings"] },
  {
    name: "imports (dependency-cruiser)",
    args: ["dependency-cruiser/bin/dependency-cruise.mjs", ...CRUISED, "--config", ".dependency-cruiser.cjs"],
  },
  { name: "unused (knip)", args: ["knip/bin/knip.js", "--no-progress"] },
];

await entry(async () => {
  await alone(haveWhatWeNeed);
  const waiting = [...GATES];
  const results = [];
  const worker = async () => {
    for (let gate = waiting.shift(); gate !== undefined; gate = waiting.shift())
      results.push(await pass(gate));
  };
  await Promise.all([worker(), worker()]);
  const failed = results.filter((ok) => !ok).length;
  console.log(failed === 0 ? "All gates are green." : `${failed} of ${GATES.length} gates failed.`);
  return failed === 0 ? 0 : 1;
});

async function pass({ name, args: [tool, ...rest] }) {
  const started = Date.now();
  const result = await runNode([join(ROOT, "node_modules", tool), ...rest]);
  const ok = result.status === 0;
  console.log(`${ok ? "ok    " : "failed"}  ${name}  ${((Date.now() - started) / 1000).toFixed(1)} s`);
  if (!ok) console.log(result.output.trimEnd());
  return ok;
}
