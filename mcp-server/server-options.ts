import type { Config } from "../lib/config.ts";
import type { Logger } from "../lib/knowledge/deps.ts";
import type { Opener } from "./opener.ts";
import type { Profile } from "./tools.ts";

/** What a server is made with. */
export interface ServerOptions {
  readonly version: string;
  readonly profile: Profile;
  readonly config: () => Config;
  readonly opener: Opener;
  readonly log: Logger;
  /** Called after each search, when there may be vectors to catch up. */
  readonly onSearch?: () => void;
}
