// `npm start [-- DIR [index options]]`: from a clone to an answered question. Words answer at once; vectors follow.
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { setUp } from "./setup/build-product.mjs";
import { CLI, ROOT } from "./setup/paths.mjs";
import { entry, Failure, runNode } from "./setup/run.mjs";
import { showCli } from "./start/cli.mjs";
import { questionFrom } from "./start/question.mjs";
import { registration } from "./start/registration.mjs";

const QUESTION_ABOUT_OURSELVES = "Why do the embedding weights lie inside the package?";
const SOME_FAILED = 6;

await entry(async () => {
  const { folder, options, isOwn } = target();
  await setUp();
  console.log(`Reading the documents of ${folder}`);
  const indexed = await showCli(["index", ".", "--no-embed", ...options], folder);
  if (indexed !== 0 && indexed !== SOME_FAILED) return indexed;
  const steps = [
    () => showCli(["query-plans", "--limit", "5"], folder),
    () => showCli(["query-sessions", "--limit", "5"], folder),
    () => askSampleQuestion(folder, isOwn),
    () => tellHowToRegister(),
    () => (options.includes("--no-embed") ? 0 : followWithVectors(folder, options)),
  ];
  // Every step is shown whatever became of the one before; the first that went wrong decides the exit status.
  let status = indexed;
  for (const step of steps) {
    const ended = await step();
    if (status === 0) status = ended;
  }
  return status;
});

/** The folder to index: the first argument, as seen from where the command was typed, or this repository. */
function target() {
  const [first, ...rest] = process.argv.slice(2);
  if (first === undefined || first.startsWith("-")) {
    return { folder: ROOT, options: process.argv.slice(2), isOwn: true };
  }
  const folder = resolve(process.env.INIT_CWD ?? process.cwd(), first);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new Failure(`There is no folder ${folder}: give the folder whose markdown is to be indexed.`, 2);
  }
  return { folder, options: rest, isOwn: false };
}

async function askSampleQuestion(folder, isOwn) {
  const question = isOwn ? QUESTION_ABOUT_OURSELVES : await questionFrom(folder);
  if (question !== undefined) return showCli(["search", question, "--limit", "3"], folder);
  console.log("\nNo plan, session or pattern was found, so there is nothing to ask about.");
  return 0;
}

function tellHowToRegister() {
  console.log(`\n${registration()}`);
  return 0;
}

// The report of the words was shown; here only what is new is told, and the progress goes to the terminal by itself.
async function followWithVectors(folder, options) {
  console.log(
    "\nVectors follow, so that questions are answered by meaning too (stopping is safe: the rest is caught up later).",
  );
  const { status, stdout } = await runNode([CLI, "index", ".", "--json", ...options], {
    cwd: folder,
    show: "errors",
  });
  const embedded = status === 0 ? JSON.parse(stdout).embedded : undefined;
  if (embedded === 0) console.log("Nothing was left to embed.");
  else if (embedded !== undefined) console.log(`${embedded} passages were embedded.`);
  return status;
}
