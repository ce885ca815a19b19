// The steps of the smoke test that stand in for `docker build` and `docker run`.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../setup/paths.mjs";
import { openDatabase } from "./database.mjs";
import { stagesOf } from "./dockerfile.mjs";
import { assertExactPackages, assertImageSize, makeImage, setWritable } from "./image.mjs";
import { callTool, freePort, programOf } from "./served-image.mjs";

export async function useImage(step, folder) {
  if (process.platform !== "linux") {
    console.log("skipped the image: its steps are made for Linux.");
    return;
  }
  mkdirSync(folder, { recursive: true });
  const stages = stagesOf(readFileSync(join(ROOT, "Dockerfile"), "utf8"));
  const stage = stages.at(-1);
  const app = await step("image: the Dockerfile's steps", () => makeImage(stages, folder));
  await step("image: size with its base", () => `${assertImageSize(app).toFixed(0)} MB`);
  await step("image: the packages it needs, no others", () => `${assertExactPackages(app)} packages`);
  const database = await openDatabase();
  if (database.reason !== undefined) {
    console.log(`skipped the image's server: ${database.reason}`);
    return;
  }
  setWritable(app, false);
  try {
    await serveImage(step, programOf(stage, { app, folder, url: database.url }));
  } finally {
    setWritable(app, true);
    await database.remove();
  }
}

async function serveImage(step, program) {
  const port = await freePort();
  await step("image: migrate", () => program.run(["migrate"]).then(() => undefined));
  const server = await step("image: serve", () => program.serve(port));
  await step("image: its health check", () => program.healthcheck(port).then(() => undefined));
  const args = ["token", "create", "--name", "smoke", "--scope", "write"];
  const { token } = await step("image: token create", async () => ({
    token: (await program.run(args)).trim(),
  }));
  await step("image: a plan, found by meaning", async () => {
    await program.run([
      "create-plan",
      "--title",
      "Rotate access tokens",
      "--content",
      "Replace secrets on a schedule.",
    ]);
    const { projects } = JSON.parse(await program.run(["project", "list", "--json"]));
    const project = projects[0].ref;
    const find = () =>
      callTool(port, token, "semantic_search", { query: "exchange stolen credentials", project });
    // The first question starts the model and does not wait for it; the plan's vector follows behind the writing.
    const isReady = ({ degraded, coverage }) => degraded === null && coverage === 1;
    for (let waited = 0; !isReady(await find()) && waited < 60_000; waited += 500)
      await new Promise((resolve) => setTimeout(resolve, 500));
    const { mode, degraded, coverage, results } = await find();
    assert.deepEqual([mode, degraded, coverage], ["hybrid", null, 1]);
    assert.equal(results[0].title, "Rotate access tokens");
    const { server: serving, model } = server.memory();
    return `server ${serving} MB, model ${model} MB`;
  });
  await step("image: ends when told to", async () => assert.equal(await server.end("SIGTERM"), 0));
}
