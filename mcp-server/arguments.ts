import { KnowledgeError } from "../lib/domain/error.ts";
import type { Property } from "./json-schema.ts";
import { cutText } from "./shorten.ts";
import type { Tool, ToolArguments } from "./tool.ts";

/** The default and the most tokens of one answer (INTERFACE §3). */
const DEFAULT_TOKENS = 2_000;
const MOST_TOKENS = 8_000;
/** Levels of lists and objects in one argument. */
const MOST_LEVELS = 100;

/**
 * A call's arguments, each of the type that the tool says; text that reads as the number or truth value
 * that is needed is taken for it. @throws KnowledgeError `invalid_input` that names the argument and what is valid.
 */
export function checkArguments(tool: Tool, given: unknown): ToolArguments {
  if (given !== undefined && (typeof given !== "object" || given === null || Array.isArray(given))) {
    throw new KnowledgeError("invalid_input", `The arguments of ${tool.name} are not an object.`, {
      hint: usageOf(tool),
    });
  }
  const args = Object.entries(given ?? {}).filter(([, value]) => value !== undefined && value !== null);
  for (const [name] of args) {
    if (tool.properties[name] === undefined) throw unknownArgument(tool, name);
  }
  for (const name of tool.required) {
    if (!args.some(([key]) => key === name)) {
      throw new KnowledgeError("invalid_input", `${tool.name} needs the argument ${name}.`, {
        field: name,
        hint: usageOf(tool),
      });
    }
  }
  return Object.fromEntries(args.map(([name, value]) => [name, typed(tool, name, value)]));
}

/** The budget of a call; more than the cap is the cap. */
export function budgetOf(args: ToolArguments): number {
  const given = args.max_tokens;
  if (given === undefined) return DEFAULT_TOKENS;
  if (typeof given === "number" && given >= 100) return Math.min(given, MOST_TOKENS);
  throw new KnowledgeError(
    "invalid_input",
    `max_tokens is ${String(given)}, which is not a whole number from 100 to ${MOST_TOKENS}.`,
    {
      field: "max_tokens",
      hint: `Leave it out for ${DEFAULT_TOKENS}.`,
    },
  );
}

function typed(tool: Tool, name: string, value: unknown): unknown {
  const property = tool.properties[name];
  if (property === undefined) throw unknownArgument(tool, name);
  const read = READ_AS[property.type](value);
  if (isDeeperThan(read ?? value, MOST_LEVELS)) throw tooDeep(tool, name);
  if (read !== undefined) return read;
  throw new KnowledgeError(
    "invalid_input",
    `${name} of ${tool.name} is ${shown(value)}, but ${wanted(property)} is needed.`,
    {
      field: name,
      ...(property.enum !== undefined && { valid: property.enum }),
      hint: usageOf(tool),
    },
  );
}

const READ_AS: Readonly<Record<Property["type"], (value: unknown) => unknown>> = {
  string: (value) =>
    typeof value === "number" ? String(value) : typeof value === "string" ? value : undefined,
  integer: (value) => readNumber(value, true),
  number: (value) => readNumber(value, false),
  boolean: readTruth,
  array: readList,
  object: (value) => (typeof value === "object" && !Array.isArray(value) ? value : readObject(value)),
};

function readTruth(value: unknown): boolean | undefined {
  if (typeof value === "boolean") return value;
  return value === "true" || value === "false" ? value === "true" : undefined;
}

function readList(value: unknown): readonly unknown[] | undefined {
  if (typeof value === "string") return [value];
  return Array.isArray(value) && value.every((item) => typeof item === "string") ? value : undefined;
}

function readNumber(value: unknown, whole: boolean): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) && (!whole || Number.isInteger(number))
    ? number
    : undefined;
}

/** Some clients send objects as their JSON text. */
function readObject(value: unknown): unknown {
  if (typeof value !== "string") return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** Level by level, so that no depth exhausts the stack. */
function isDeeperThan(value: unknown, levels: number): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > levels) return true;
    level = level.flatMap((item) => (typeof item === "object" && item !== null ? Object.values(item) : []));
  }
  return false;
}

function tooDeep(tool: Tool, name: string): KnowledgeError {
  const message = `${name} of ${tool.name} is nested more than ${MOST_LEVELS} levels deep.`;
  return new KnowledgeError("invalid_input", message, {
    field: name,
    hint: `Give ${name} with fewer levels, for example inner parts as text.`,
  });
}

function unknownArgument(tool: Tool, name: string): KnowledgeError {
  return new KnowledgeError("invalid_input", `${tool.name} has no argument "${cutText(name, 60)}".`, {
    field: cutText(name, 60),
    valid: Object.keys(tool.properties),
    hint: usageOf(tool),
  });
}

function wanted(property: Property): string {
  if (property.enum !== undefined) return `one of ${property.enum.join(", ")}`;
  const names = {
    string: "text",
    integer: "a whole number",
    number: "a number",
    boolean: "true or false",
    array: "a list of texts",
    object: "an object",
  };
  return names[property.type];
}

function shown(value: unknown): string {
  return cutText(JSON.stringify(value) ?? String(value), 60);
}

function usageOf(tool: Tool): string {
  const names = Object.keys(tool.properties).map((name) =>
    tool.required.includes(name) ? name : `${name}?`,
  );
  return `Call ${tool.name} with {${names.join(", ")}}.`;
}
