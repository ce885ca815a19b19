import type { ToolArguments } from "./tool.ts";

/** An argument that was checked to be text; undefined when absent. */
export function text(args: ToolArguments, name: string): string | undefined {
  const value = args[name];
  return typeof value === "string" ? value : undefined;
}

/** A required text argument; its presence was checked. */
export function requiredText(args: ToolArguments, name: string): string {
  return text(args, name) ?? "";
}

export function number(args: ToolArguments, name: string): number | undefined {
  const value = args[name];
  return typeof value === "number" ? value : undefined;
}

export function truth(args: ToolArguments, name: string): boolean | undefined {
  const value = args[name];
  return typeof value === "boolean" ? value : undefined;
}

export function list(args: ToolArguments, name: string): readonly string[] | undefined {
  const value = args[name];
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : undefined;
}
