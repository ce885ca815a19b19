import type { Command } from "commander";
import type { Door } from "./door.ts";
import type { Output } from "./output.ts";

/** One invocation of a command, parsed. */
export interface Call {
  /** The commander command after parsing: `args` and `opts()` hold what was given. */
  readonly command: Command;
  readonly door: Door;
  readonly output: Output;
}

/**
 * What a file in `commands/` exports under the name `command`. It is loaded only when its command is asked
 * for, and loads the use case it calls only when it runs.
 */
export interface CliCommand {
  /** Adds arguments and options; global options are added by the caller. */
  readonly define: (command: Command) => void;
  /** Whole command lines for `--help` and the manual, the plainest first. */
  readonly examples: readonly string[];
  /** Does the work and returns the exit status; throws KnowledgeError. */
  readonly run: (call: Call) => Promise<number>;
}
