// `.railway/railway.ts` with Railway's own library, which is no part of what the project depends on: it type-checks, and
// says what it is meant to.
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../setup/paths.mjs";
import { Failure, runNode, runNpm, tail } from "../setup/run.mjs";

const LIBRARY = "railway@3.11.0";

export async function checkRailway(step, folder) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  const options = ["--no-audit", "--no-fund", "--no-save", "--ignore-scripts", "--loglevel=error"];
  const installed = await runNpm(["install", ...options, LIBRARY], { cwd: folder });
  if (installed.status !== 0) {
    console.log(`skipped .railway/railway.ts: npm could not give ${LIBRARY}.\n${tail(installed.output, 5)}`);
    return;
  }
  await step("railway.ts: types", () => checkTypes(folder));
  await step("railway.ts: what it says", () => checkResources(folder));
}

async function checkTypes(folder) {
  copyFileSync(join(ROOT, ".railway", "railway.ts"), join(folder, "railway.ts"));
  const settings = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2022"];
  const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  const { status, output } = await runNode([tsc, ...settings, "railway.ts"], { cwd: folder });
  if (status !== 0) throw new Failure(tail(output));
}

async function checkResources(folder) {
  const { default: ts } = await import("typescript");
  const source = readFileSync(join(folder, "railway.ts"), "utf8");
  const script = ts.transpileModule(source, { compilerOptions: { module: ts.ModuleKind.ESNext } }).outputText;
  // Beside the library, so that it is found as Railway's program finds it.
  const check = `${script.replace("export default", "const program =")}
    import { createRailwayContext, project as named } from "railway/iac";
    export const said = await program(createRailwayContext({ environment: "production" }), named);`;
  writeFileSync(join(folder, "check.js"), check);
  const { said } = await import(pathToFileURL(join(folder, "check.js")).href);
  const [database, server] = said.resources;
  assert.deepEqual([database.type, database.engine], ["database", "postgres"]);
  assert.deepEqual(server.variables.POSTGRES_URL, {
    type: "reference",
    resource: database.address,
    output: "DATABASE_URL",
  });
  const { startCommand, preDeployCommand, healthcheckPath, drainingSeconds } = server.deploy;
  const program = "node dist/lib/cli/main.js";
  assert.deepEqual(
    [startCommand, preDeployCommand],
    [`${program} serve`, [`${program} migrate --no-backup`]],
  );
  assert.deepEqual([healthcheckPath, drainingSeconds], ["/readyz", 15]);
}
