import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { type PostgresOfRun, SERVER_SCRIPT } from "./postgres-start.ts";

declare module "vitest" {
  interface ProvidedContext {
    readonly postgres: PostgresOfRun;
  }
}

/**
 * Vitest's global set-up: tells the test files where this run's PostgreSQL is, or how they get one. The first file that
 * imports `helpers/postgres.ts` starts it, so a run without such files costs nothing; the run's end stops it.
 */
export function setup(project: Pick<TestProject, "provide">): () => void {
  const url = process.env.TEST_POSTGRES_URL;
  if (url) {
    project.provide("postgres", { url });
    return () => undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), "aiknowsys-run-"));
  const note = join(folder, "postgres.json");
  project.provide("postgres", { pid: process.pid, note });
  return () => {
    if (existsSync(note)) stopServer(readFileSync(note, "utf8"));
    rmSync(folder, { recursive: true, force: true });
  };
}

function stopServer(note: string): void {
  const { dir, kept }: { dir?: string; kept?: boolean } = JSON.parse(note);
  // One that was running before goes on running.
  if (dir === undefined || kept === true) return;
  const args = [SERVER_SCRIPT, "stop", "--json", "--dir", dir, "--for", String(process.pid)];
  spawnSync(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
}
