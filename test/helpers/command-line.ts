import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { run } from "../../lib/cli/run.ts";
import { fakeDoor } from "../unit/cli/fake-door.ts";
import { tempFolder } from "./store.ts";

/** The command line in this process with a store of its own: folders to stand in, and what each command says. */
export function makeCommandLine() {
  const folder = tempFolder();
  const folderOf = (name: string): string => {
    const path = join(folder, name);
    mkdirSync(path, { recursive: true });
    return path;
  };
  const base = {
    HOME: folder,
    AIKNOWSYS_HOME: join(folder, "home"),
    EMBEDDING_PROVIDER: "none",
    USER: "tester",
    NO_COLOR: "1",
  };
  return {
    folderOf,
    env: base,
    put: (path: string, text: string | Uint8Array): void => {
      const full = join(folder, path);
      mkdirSync(dirname(full), { recursive: true });
      writeFileSync(full, text);
    },
    /** One command line, typed in the folder `project` unless told otherwise. */
    type: async (
      args: readonly string[],
      options: {
        readonly in?: string;
        readonly env?: Readonly<Record<string, string>>;
        readonly stdin?: readonly (string | Uint8Array)[];
      } = {},
    ) => {
      const env = { ...base, ...options.env };
      const { door, said } = fakeDoor({
        cwd: folderOf(options.in ?? "project"),
        env,
        stdin: options.stdin ?? [],
      });
      const status = await run(args, door);
      return { status, ...said };
    },
  };
}
