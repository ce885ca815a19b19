import type { Project } from "../lib/domain/project.ts";
import type { TokenScope } from "../lib/domain/token.ts";
import type { Deps, Scope } from "../lib/knowledge/deps.ts";
import type { ObjectSchema, Property } from "./json-schema.ts";

/** What a tool works with in one call. */
export interface ToolContext {
  readonly deps: Deps;
  readonly scope: Scope;
  /** The project to write to, registered when its folder is new. */
  readonly project: () => Promise<Project>;
  /** Name of the client, when it gave one. */
  readonly client: string | undefined;
  /** What a caller on another machine may do; absent for the user of this one. */
  readonly distant?: TokenScope | undefined;
  /** Tells a call that is sent again from a new one. */
  readonly retryKey: string | undefined;
  /** The server's folder. */
  readonly cwd: string;
  readonly maxTokens: number;
  readonly signal: AbortSignal | undefined;
}

export type ToolArguments = Readonly<Record<string, unknown>>;

/** One MCP tool: what a model reads about it and what it does. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  /** When to use it, and which sibling to use instead. */
  readonly description: string;
  readonly properties: Readonly<Record<string, Property>>;
  readonly required: readonly string[];
  readonly output: ObjectSchema;
  readonly writes: boolean;
  readonly destructive: boolean;
  readonly idempotent: boolean;
  /** Whether it answers without any project; others ask for one. */
  readonly worksAnywhere?: boolean;
  /** Whether it reads files of the machine it runs on: callers from afar do not get it. */
  readonly readsFolder?: boolean;
  /** The answer as plain JSON within the budget. Throws KnowledgeError. */
  readonly run: (context: ToolContext, args: ToolArguments) => Promise<object>;
}

/** A tool that reads. */
export function readTool(tool: Omit<Tool, "writes" | "destructive" | "idempotent">): Tool {
  return { ...tool, writes: false, destructive: false, idempotent: true };
}

/** A tool that adds or changes; nothing is overwritten without a revision or a history. */
export function writeTool(
  tool: Omit<Tool, "writes" | "destructive" | "idempotent"> & {
    readonly destructive?: boolean;
    readonly idempotent?: boolean;
  },
): Tool {
  return { destructive: false, idempotent: false, ...tool, writes: true };
}

/** Arguments that every tool takes. */
export const COMMON: Readonly<Record<string, Property>> = {
  project: { type: "string", description: "name or ref, default this folder's" },
  max_tokens: { type: "integer", description: "default 2000, at most 8000" },
};

/** Arguments of tools that give lists. */
export const PAGED: Readonly<Record<string, Property>> = {
  limit: { type: "integer" },
  cursor: { type: "string" },
  ...COMMON,
};
