import type { Command } from "commander";
import type { Flags } from "../config.ts";

interface GlobalOption {
  readonly flags: string;
  readonly text: string;
  /** Whether a value follows. */
  readonly value: boolean;
}

/** Options that every command takes, before or after its name. */
export const GLOBAL_OPTIONS: readonly GlobalOption[] = [
  { flags: "--project <id>", text: "work in this project instead of the current folder's", value: true },
  { flags: "--all-projects", text: "read from all projects", value: false },
  { flags: "--tenant <name>", text: "team on a shared instance (default: default)", value: true },
  { flags: "--storage <engine>", text: "sqlite or postgres", value: true },
  { flags: "--db <file>", text: "the SQLite file", value: true },
  { flags: "--connection <url>", text: "PostgreSQL address", value: true },
  { flags: "--json", text: "print one JSON document, errors too", value: false },
  { flags: "--quiet", text: "no notes and no progress", value: false },
  { flags: "--verbose", text: "log what is done, and the cause of an internal error", value: false },
];

/** Flags of the configuration and of the output. */
export interface GlobalFlags extends Flags {
  readonly json?: boolean | undefined;
}

export function addGlobalOptions(command: Command): void {
  command.optionsGroup("Global options:");
  for (const { flags, text } of GLOBAL_OPTIONS) command.option(flags, text);
}

/** What was given for the global options. */
export function globalFlags(command: Command): GlobalFlags {
  return command.opts<GlobalFlags>();
}

/** Names of global options that a value follows, for finding the command's name among arguments. */
export function takesValue(argument: string): boolean {
  return GLOBAL_OPTIONS.some(({ flags, value }) => value && flags.startsWith(`${argument} `));
}
