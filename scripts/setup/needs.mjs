// "Do we have what we need?": a new enough Node and the dependencies of package-lock.json. Built-ins only, because
// it runs before anything is installed. Everything it says goes to stderr, so that results on stdout stay clean.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./paths.mjs";
import { Failure, runNpm, tail } from "./run.mjs";

const OLDEST_NODE = 20;
const STAMP = join(ROOT, "node_modules", ".aiknowsys-needs");

/** Installs the dependencies unless they are there already. Throws a `Failure` that says what to do. */
export async function haveWhatWeNeed() {
  refuseOldNode();
  const lock = readFileSync(join(ROOT, "package-lock.json"), "utf8");
  const wanted = { builtFor: builtFor(), lock: createHash("sha256").update(lock).digest("hex") };
  const last = readStamp();
  if (last?.builtFor === wanted.builtFor && last.lock === wanted.lock) return;
  const forAnotherNode = last !== undefined && last.builtFor !== wanted.builtFor;
  if (forAnotherNode || !isInstalled(JSON.parse(lock))) await install();
  writeFileSync(STAMP, JSON.stringify(wanted));
}

function refuseOldNode() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major >= OLDEST_NODE) return;
  throw new Failure(
    `AIKnowSys needs Node ${OLDEST_NODE} or newer; this is Node ${process.versions.node}. Install a newer Node and try again.`,
  );
}

// Native modules are built for one platform and one ABI: another Node means another installation.
function builtFor() {
  return `${process.platform} ${process.arch} ${process.versions.modules}`;
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(STAMP, "utf8"));
  } catch {
    return undefined;
  }
}

/** Whether somebody's own `npm ci` or `npm install` already put everything of this lock in place. */
function isInstalled(lock) {
  const hidden = join(ROOT, "node_modules", ".package-lock.json");
  if (!existsSync(hidden)) return false;
  const present = JSON.parse(readFileSync(hidden, "utf8")).packages;
  return Object.entries(lock.packages).every(([path, wanted]) => {
    if (path === "") return true;
    const found = present[path];
    return found === undefined ? wanted.optional === true : found.version === wanted.version;
  });
}

async function install() {
  console.error("Installing the dependencies (npm ci); the SQLite driver may compile for a minute or two.");
  const started = Date.now();
  const beat = setInterval(() => {
    console.error(`… still installing (${Math.round((Date.now() - started) / 1000)} s)`);
  }, 15_000);
  try {
    const result = await runNpm(["ci", "--include=dev", "--no-audit", "--no-fund"]);
    if (result.status !== 0) throw new Failure(explain(result.output));
  } finally {
    clearInterval(beat);
  }
  console.error(`Installed in ${Math.round((Date.now() - started) / 1000)} s.`);
}

function explain(output) {
  return [
    tail(output),
    "",
    "npm could not install the dependencies (its last lines are above).",
    advice(output),
  ].join("\n");
}

function advice(output) {
  if (/gyp|node-pre-gyp|prebuild-install|better-sqlite3/i.test(output)) {
    return "better-sqlite3 needs either its prebuilt binary from the network or a compiler: install python3, make and g++ (Windows: Visual Studio Build Tools; macOS: xcode-select --install), then run the command again.";
  }
  if (/ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ECONNRESET|network/i.test(output)) {
    return "The npm registry cannot be reached: check the network, the proxy (npm config get proxy) and the registry (npm config get registry), then run the command again.";
  }
  if (/EACCES|EPERM|EROFS/.test(output)) {
    return "This folder cannot be written to: check its owner and permissions, then run the command again.";
  }
  if (/ENOSPC/.test(output))
    return "The disk is full: make about 500 MB of room, then run the command again.";
  return "Run `npm ci` by itself to see everything it says, then run the command again.";
}
