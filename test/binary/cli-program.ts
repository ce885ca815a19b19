import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { tempFolder } from "../helpers/store.ts";

/** The built program. */
export const PROGRAM = fileURLToPath(new URL("../../dist/lib/cli/main.js", import.meta.url));

export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  /** User to run as, where the tests run as root. */
  readonly uid?: number;
}

/** A home, a project folder and the built program in them: nothing of this machine's own settings. */
export function makePlace() {
  const folder = tempFolder();
  const project = join(folder, "project");
  const home = join(folder, "home");
  for (const each of [project, home]) mkdirSync(each);
  const env = placeEnv(home);
  const run = (args: readonly string[], options: RunOptions = {}): Run => {
    const { cwd = project, input = "", uid } = options;
    const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], {
      ...{ cwd, input, env: { ...env, ...options.env }, encoding: "utf8", timeout: 90_000 },
      ...(uid !== undefined && { uid, gid: uid }),
    });
    return { status, stdout, stderr };
  };
  /** The one JSON document that a command prints. */
  const json = (args: readonly string[], options: RunOptions = {}) => {
    const result = run(["--json", ...args], options);
    return { ...result, body: JSON.parse(result.stdout) };
  };
  const put = (path: string, text: string | Uint8Array): string => {
    const full = join(project, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text);
    return full;
  };
  return { folder, project, home, env, file: join(home, "store", "knowledge.db"), run, json, put };
}

/** Words only, unless a test asks for vectors: the model takes a second to load. */
function placeEnv(home: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? "",
    HOME: home,
    USER: "tester",
    TZ: "UTC",
    AIKNOWSYS_HOME: join(home, "store"),
    EMBEDDING_PROVIDER: "none",
  };
}
