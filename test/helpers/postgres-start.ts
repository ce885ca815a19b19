import { spawn } from "node:child_process";
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** The script that keeps a PostgreSQL for tests. */
export const SERVER_SCRIPT = fileURLToPath(new URL("../../scripts/postgres-for-tests.mjs", import.meta.url));

/** The script's exit status where no PostgreSQL with pgvector can be had. */
const NONE_HERE = 5;

/** What the global set-up hands to the test files: a server that is given, or whose run may have one, noted in a file. */
export type PostgresOfRun = { readonly url: string } | { readonly pid: number; readonly note: string };

/** A server, or why only PGlite is there. */
export type PostgresHere = { readonly url: string } | { readonly pglite: string };

/** Finds or starts the PostgreSQL of this run; its first caller says in one line what is used. */
export async function startedPostgres(run: PostgresOfRun): Promise<PostgresHere> {
  if ("url" in run) return { url: run.url };
  if (!existsSync(run.note)) await start(run.pid, run.note);
  return JSON.parse(readFileSync(run.note, "utf8"));
}

async function start(pid: number, note: string): Promise<void> {
  const args = [SERVER_SCRIPT, "start", "--json", "--for", String(pid)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const [output, errors, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  // Only where none can be had is PGlite enough; a server that does not start is a failure to be seen.
  if (status !== 0 && status !== NONE_HERE) throw new Error(errors.trim());
  const found = status === 0 ? JSON.parse(output) : { pglite: errors.trim() };
  // Whole from the first moment: other files of this run read it as soon as it is there.
  const mine = `${note}.${process.pid}`;
  writeFileSync(mine, JSON.stringify(found));
  try {
    linkSync(mine, note);
  } catch {
    // Another file of this run was first, found the same and said so.
    return;
  } finally {
    rmSync(mine);
  }
  process.stderr.write(`${told(found)}\n`);
}

interface Started {
  readonly version?: string;
  readonly vector?: string;
  readonly port: number;
  readonly started: boolean;
  readonly tookMs: number;
}

function told(found: Started | { readonly pglite: string }): string {
  if ("pglite" in found) return `No PostgreSQL server, PGlite only: ${found.pglite}`;
  const { version = "", vector = "", port, started, tookMs } = found;
  const how = started ? `started in ${(tookMs / 1000).toFixed(1)} s` : "was running already";
  return `PostgreSQL ${version} with pgvector ${vector} on port ${port} ${how}.`;
}
