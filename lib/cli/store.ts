import type { Config } from "../config.ts";
import type { Project } from "../domain/project.ts";
import type { Deps, Scope } from "../knowledge/deps.ts";
import type { Place } from "../knowledge/project.ts";
import type { Call } from "./command.ts";
import { globalFlags } from "./globals.ts";

/** The opened store and where the command works in it. */
export interface Opened {
  readonly config: Config;
  readonly deps: Deps;
  readonly place: Place;
  /** What reads look at. */
  readonly scope: Scope;
  /** What writes may change: the current project, also with `--all-projects`. */
  readonly own: Scope;
  /** The current project, registered when its folder is new: for writes. */
  readonly project: () => Promise<Project>;
}

/**
 * Opens the store of this command line, does the work and closes the store again, whatever happens.
 * @param options `ddl`: the command may change the schema of a shared database (RULES 6); `create: false`: a store that is not
 * there is refused
 */
export async function withStore(
  call: Call,
  work: (opened: Opened) => Promise<number>,
  options: { readonly ddl?: boolean; readonly create?: boolean } = {},
): Promise<number> {
  const { compose } = await import("../compose.ts");
  const { findScope, ownScope, requireProject } = await import("../knowledge/project.ts");
  const config = await loadSettings(call);
  const { deps, close } = await compose(config, { thread: "inline", ...options });
  try {
    const place = placeOf(config);
    const scope = await findScope(deps, place);
    const own = ownScope(scope);
    return await work({ config, deps, place, scope, own, project: () => requireProject(deps, scope, place) });
  } finally {
    await close();
  }
}

/** The same for what is done to the store as a whole, wherever the caller stands. */
export async function withWholeStore(call: Call, work: (deps: Deps) => Promise<number>): Promise<number> {
  const { compose } = await import("../compose.ts");
  const { deps, close } = await compose(await loadSettings(call), { thread: "inline" });
  try {
    return await work(deps);
  } finally {
    await close();
  }
}

/** The settings of this command line. @throws KnowledgeError `invalid_input`. */
export async function loadSettings({ command, door }: Call): Promise<Config> {
  const { loadConfig } = await import("../config.ts");
  return loadConfig({ flags: globalFlags(command), env: door.env, cwd: door.cwd });
}

function placeOf(config: Config): Place {
  const { cwd, userHome, project, allProjects } = config;
  return { cwd, userHome, project, allProjects };
}
