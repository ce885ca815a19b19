import { describe, expect, it } from "vitest";
import { aliasesOf, entriesOfCommands } from "../../lib/cli/commands.ts";
import { ENVIRONMENT_VARIABLES } from "../../lib/config.ts";
import { ERROR_CODES } from "../../lib/domain/error.ts";
import { repositoryFiles, textOf } from "./tree.ts";

const OF_OTHERS = "# --- Read by docker-compose.yml";
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
  const [read = "", ofOthers = ""] = textOf(".env.example").split(OF_OTHERS);

  it("shows what the program reads, and nothing else above the names that others read", () => {
    const known = [...Object.keys(ENVIRONMENT_VARIABLES), ...ALSO_READ];
    expect(variablesIn(read).sort()).toEqual(known.sort());
  });

  it("keeps the names that others read apart from those of the program", () => {
    const overlap = variablesIn(ofOthers).filter((name) => Object.keys(ENVIRONMENT_VARIABLES).includes(name));
    expect(variablesIn(ofOthers).length).toBeGreaterThan(0);
    expect(overlap).toEqual([]);
  });

  it("sets nothing by itself", () => {
    expect(textOf(".env.example")).not.toMatch(/^[A-Z]/m);
  });
});
