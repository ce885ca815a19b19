import { describe, expect, it } from "vitest";
import { splitCommandLine } from "../../../lib/cli/command-line.ts";
import { commandNames } from "../../../lib/cli/commands.ts";
import { nearestName } from "../../../lib/cli/suggest.ts";

describe("finding the command", () => {
  it.each([
    [["query-plans", "--json"], "query-plans", ["--json"]],
    [["--json", "query-plans"], "query-plans", ["--json"]],
    [["--project", "status", "query-plans"], "query-plans", ["--project", "status"]],
    [["--project=status", "query-plans"], "query-plans", ["--project=status"]],
    [["show", "query-plans"], "show", ["query-plans"]],
    [["--help"], undefined, ["--help"]],
    [[], undefined, []],
  ])("in %j is %s", (argv, name, rest) => {
    expect(splitCommandLine(argv)).toEqual({ name, rest });
  });
});

describe("a mistyped command", () => {
  const names = [...commandNames().keys()];

  it.each([
    ["quer-plans", "query-plans"],
    ["query-plan", "query-plans"],
    ["serach", "search"],
    ["Status", "status"],
    ["rebuild", "rebuild-index"],
    ["shwo", "show"],
  ])("%s is taken for %s", (typed, meant) => {
    expect(nearestName(typed, names)).toBe(meant);
  });

  it("is not guessed at when nothing is near", () => {
    expect(nearestName("frobnicate", names)).toBeUndefined();
    expect(nearestName("x", names)).toBeUndefined();
  });
});
