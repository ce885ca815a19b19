// PostgreSQL with pgvector that somebody already installed: the best one is used as it is.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runProgram } from "./program.mjs";

const OLDEST_POSTGRES = 15;
const OLDEST_VECTOR = [0, 8];

// Where distributions put it: a folder whose children are named for versions, and where the programs are in a child.
const USUAL = [
  ["/usr/lib/postgresql", "bin"],
  ["/usr/local/lib/postgresql", "bin"],
  ["/opt/homebrew/opt", "bin"],
  ["/usr/local/opt", "bin"],
  ["/usr", "bin"],
  ["/Library/PostgreSQL", "bin"],
];

/** The newest usable installation, `{ bin, version, vector, from }`, or undefined. */
export async function installedPrograms() {
  const found = await Promise.all((await binFolders()).map(look));
  return found.filter((each) => each !== undefined).sort((a, b) => b.major - a.major)[0];
}

async function binFolders() {
  const { status, stdout } = await runProgram("pg_config", ["--bindir"]);
  const told = status === 0 ? [stdout.trim()] : [];
  const usual = USUAL.flatMap(([folder, below]) =>
    namesIn(folder)
      .filter((name) => /^(\d+|postgresql@\d+|pgsql-\d+)$/.test(name))
      .map((name) => join(folder, name, below)),
  );
  return [...new Set([...told, ...usual])];
}

async function look(bin) {
  const needed = ["postgres", "initdb", "pg_ctl"];
  if (!needed.every((name) => existsSync(join(bin, name)))) return undefined;
  const { stdout } = await runProgram(join(bin, "postgres"), ["--version"]);
  const version = /(\d+)[.\w]*/.exec(stdout);
  const major = Number(version?.[1] ?? 0);
  const vector = vectorVersion(await shareFolders(bin, major));
  if (major < OLDEST_POSTGRES || vector === undefined || isOlder(vector, OLDEST_VECTOR)) return undefined;
  return { bin, major, version: version[0], vector, from: bin };
}

async function shareFolders(bin, major) {
  const { status, stdout } = await runProgram(join(bin, "pg_config"), ["--sharedir"]);
  const told = status === 0 ? [stdout.trim()] : [];
  return [...told, `/usr/share/postgresql/${major}`, join(dirname(bin), "share")];
}

/** The version of pgvector that lies in one of these share folders. */
export function vectorVersion(shares) {
  for (const share of shares) {
    const control = join(share, "extension", "vector.control");
    if (existsSync(control))
      return /default_version\s*=\s*'([^']+)'/.exec(readFileSync(control, "utf8"))?.[1];
  }
  return undefined;
}

function isOlder(version, [major, minor]) {
  const [ours = 0, next = 0] = version.split(".").map(Number);
  return ours < major || (ours === major && next < minor);
}

function namesIn(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
