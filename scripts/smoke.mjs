// `npm run smoke`: what is published works. Packs, installs into an empty folder, and uses the installed binary on
// the command line and over MCP; then does what the Dockerfile does, and serves from there. Every step is printed; the first that fails ends the run.
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setUp } from "./setup/build-product.mjs";
import { ROOT } from "./setup/paths.mjs";
import { entry, Failure, runNpm, tail } from "./setup/run.mjs";
import { checkDeploymentFiles } from "./smoke/deployment-files.mjs";
import { assertNoDevDependencies, assertSize, install, pack } from "./smoke/installed.mjs";
import { openSession } from "./smoke/mcp-session.mjs";
import { useImage } from "./smoke/use-image.mjs";
import { FILES, writeWorkspace } from "./smoke/workspace.mjs";

const EXIT_WITHIN_MS = 1_000;
const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

await entry(async () => {
  const temporary = mkdtempSync(join(tmpdir(), "aiknowsys-smoke-"));
  // The image's program runs as another user.
  chmodSync(temporary, 0o755);
  try {
    await step("build", setUp);
    const tarball = await step("pack", () => pack(join(temporary, "packed")));
    // A space in the path: people have them.
    const place = placeIn(join(temporary, "an empty folder"));
    const installed = await step("install the tarball", () => install(tarball, place.cwd));
    await step("unpacked size", () => `${assertSize(installed).toFixed(1)} MB`);
    await step("no development dependency", () => assertNoDevDependencies(place.cwd));
    writeWorkspace(place.cwd);
    await useCommandLine(place);
    await useMcp(join(installed, "dist", "lib", "cli", "main.js"), place);
    await checkDeploymentFiles(step, join(temporary, "deployment"));
    await useImage(step, join(temporary, "image"));
    console.log("The packed product works.");
    return 0;
  } finally {
    rmSync(temporary, { recursive: true, force: true, maxRetries: 5 });
  }
});

/** A folder whose settings, home and store are all its own: nothing of the user is read or written. */
function placeIn(cwd) {
  const home = join(cwd, "..", "home");
  const cache =
    process.env.npm_config_cache ?? join(process.env.HOME ?? process.env.USERPROFILE ?? "", ".npm");
  const env = {
    ...process.env,
    HOME: home,
    USERPROFILE: home,
    AIKNOWSYS_HOME: join(home, "store"),
    npm_config_cache: cache,
  };
  return { cwd, env };
}

async function useCommandLine(place) {
  await step("npx aiknowsys --version", async () =>
    assert.equal((await npx(["--version"], place)).trim(), version),
  );
  await step("npx aiknowsys --help", async () => assert.match(await npx(["--help"], place), /query-plans/));
  await step("npx aiknowsys init", () => npx(["init"], place).then(() => undefined));
  await step("npx aiknowsys index", async () => {
    const report = JSON.parse(await npx(["index", ".", "--json"], place));
    assert.equal(report.found, report.indexed + report.unchanged + report.skipped + report.failed);
    assert.equal(report.failed, 0);
    assert.ok(report.found >= Object.keys(FILES).length, `found only ${report.found} files`);
  });
  await step("npx aiknowsys query-plans", async () => {
    const { plans } = JSON.parse(await npx(["query-plans", "--priority", "high", "--json"], place));
    assert.deepEqual(
      plans.map(({ title }) => title),
      ["Rotate access tokens without downtime"],
    );
  });
  await step("npx aiknowsys search", async () => {
    const answer = JSON.parse(
      await npx(["search", "how do we replace a stolen credential", "--json"], place),
    );
    assert.equal(answer.results[0].title, "Rotate access tokens without downtime");
    // The model of the package itself answered, for every passage.
    assert.deepEqual([answer.mode, answer.coverage, answer.degraded], ["hybrid", 1, null]);
  });
}

async function useMcp(program, place) {
  const session = openSession(program, place);
  await step("mcp: initialize", async () => {
    const clientInfo = { name: "smoke", version };
    const result = await session.ask("initialize", {
      protocolVersion: "2025-06-18",
      capabilities: {},
      clientInfo,
    });
    assert.equal(result.serverInfo.name, "aiknowsys");
    session.notify("notifications/initialized");
  });
  await step("mcp: tools/list", async () => {
    const { tools } = await session.ask("tools/list", {});
    assert.equal(tools.length, 12);
  });
  await step("mcp: tools/call query_plans", async () => {
    const result = await session.ask("tools/call", { name: "query_plans", arguments: {} });
    assert.notEqual(result.isError, true);
    assert.match(result.content[0].text, /Rotate access tokens without downtime/);
  });
  await step("mcp: ends when stdin closes", async () => {
    const { status, tookMs, strays } = await session.end();
    assert.deepEqual(strays, [], "stdout carried something else than the protocol");
    assert.equal(status, 0);
    assert.ok(tookMs <= EXIT_WITHIN_MS, `it took ${tookMs} ms`);
    return `${tookMs} ms`;
  });
}

async function npx(args, { cwd, env }) {
  // `npm exec` is npx; --offline proves that the installed package is the one that runs.
  const result = await runNpm(["exec", "--offline", "--", "aiknowsys", ...args], { cwd, env });
  if (result.status !== 0)
    throw new Failure(`${tail(result.output)}\n\naiknowsys ${args[0]} ended with ${result.status}.`);
  return result.stdout;
}

async function step(title, work) {
  const started = Date.now();
  try {
    const result = await work();
    const note = typeof result === "string" && !result.includes("/") ? `  ${result}` : "";
    console.log(`ok      ${title}  ${((Date.now() - started) / 1000).toFixed(1)} s${note}`);
    return result;
  } catch (error) {
    console.log(`failed  ${title}`);
    throw error instanceof assert.AssertionError ? new Failure(error.message) : error;
  }
}
