import type { Config } from "../lib/config.ts";
import type { ErrorCode } from "../lib/domain/error.ts";
import type { ProjectId } from "../lib/domain/ids.ts";
import type { TokenScope } from "../lib/domain/token.ts";
import type { Deps, Logger } from "../lib/knowledge/deps.ts";
import type { Tool } from "./tool.ts";

/** What a server is made with: over HTTP for one request of one caller, over stdio for the one user. */
export interface ServerOptions {
  readonly version: string;
  /** What this caller may use, in order. */
  readonly tools: readonly Tool[];
  /** Where the caller stands. */
  readonly config: () => Pick<Config, "cwd" | "userHome" | "project" | "allProjects">;
  /** The store as this caller may see it. */
  readonly opener: { open(): Promise<{ readonly deps: Deps }> };
  /** What a caller on another machine may do; absent for the user of this one. */
  readonly distant?: TokenScope | undefined;
  readonly log: Logger;
  /** Who is written down as the writer. Default: the client's name. */
  readonly actor?: string | undefined;
  /** Tells a call that is sent again from a new one. */
  readonly retryKey?: string | undefined;
  /** Called after each search, when there may be vectors to catch up. */
  readonly onSearch?: (() => void) | undefined;
  /** Called after each tool call and each resource that was read. */
  readonly onCall?: ((call: FinishedCall) => void) | undefined;
}

/** How a call went: never what was asked or answered. */
export interface FinishedCall {
  /** The tool's name, or `resources/read`. */
  readonly tool: string;
  /** The current project, once it was found. */
  readonly project: ProjectId | undefined;
  readonly outcome: "ok" | ErrorCode;
  readonly durationMs: number;
  /** Rows that were answered or written. */
  readonly rows: number;
}
