import { describe, expect, it } from "vitest";
import { aliasesOf, entriesOfCommands } from "../../lib/cli/commands.ts";
import { ENVIRONMENT_VARIABLES } from "../../lib/config.ts";
import { ERROR_CODES } from "../../lib/domain/error.ts";
import { repositoryFiles, textOf } from "./tree.ts";

const RESERVED = "# --- Reserved";
const ALSO_READ = ["DATABASE_URL"];

const manual = repositoryFiles()
  .filter((path) => path === "README.md" || /^docs\/.*\.md$/.test(path))
  .map(textOf)
  .join("\n");

/** Whether the manual has the word by itself: `index` is not found in `index-folder`. */
function isInManual(word: string): boolean {
  return new RegExp(`(?<![\\w-])${word}(?![\\w-])`).test(manual);
}

/** Names of the variables that a piece of `.env.example` sets or shows. */
function variablesIn(text: string): string[] {
  return [...text.matchAll(/^#?([A-Z][A-Z0-9_]+)=/gm)].flatMap(([, name]) => name ?? []);
}

describe("the documents", () => {
  it("name every environment variable", () => {
    const names = [...Object.keys(ENVIRONMENT_VARIABLES), ...ALSO_READ];
    expect(names.filter((name) => !isInManual(name))).toEqual([]);
  });

  it("name every command and its other names", () => {
    const names = entriesOfCommands().flatMap(([name, command]) => [name, ...aliasesOf(command)]);
    expect(names.filter((name) => !isInManual(name))).toEqual([]);
  });

  it("name every error code", () => {
    expect(ERROR_CODES.filter((code) => !isInManual(code))).toEqual([]);
  });

  it("are read as words, so that a part of a longer word does not count", () => {
    expect(isInManual("aiknowsys")).toBe(true);
    expect(isInManual("iknowsy")).toBe(false);
  });
});

describe(".env.example", () => {
  const [read = "", reserved = ""] = textOf(".env.example").split(RESERVED);

  it("shows what the program reads, and nothing else above the reserved names", () => {
    const known = [...Object.keys(ENVIRONMENT_VARIABLES), ...ALSO_READ];
    expect(variablesIn(read).sort()).toEqual(known.sort());
  });

  it("keeps the reserved names apart from those that are read", () => {
    const overlap = variablesIn(reserved).filter((name) => Object.keys(ENVIRONMENT_VARIABLES).includes(name));
    expect(variablesIn(reserved).length).toBeGreaterThan(0);
    expect(overlap).toEqual([]);
  });

  it("sets nothing by itself", () => {
    expect(textOf(".env.example")).not.toMatch(/^[A-Z]/m);
  });
});
