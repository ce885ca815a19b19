import { describe, expect, it } from "vitest";
import { parseOptions, refusal } from "../../../mcp-server/startup.ts";

function refused(argv: readonly string[]) {
  try {
    parseOptions(argv);
  } catch (thrown) {
    return refusal(thrown, argv);
  }
  throw new Error("The options were taken.");
}

describe("the options of the MCP server", () => {
  it("take --json, which says nothing to the server itself", () => {
    expect(parseOptions(["--json", "--tools", "full", "--all-projects"])).toEqual({
      profile: "full",
      flags: { allProjects: true },
    });
  });

  it.each([
    [["--nope"], "There is no option --nope."],
    [["--db"], "--db needs a value."],
    [["--db", "--json"], "--db needs a value."],
    [["extra"], '"extra" is one argument too many.'],
    [["--quiet=1"], "Option '--quiet' does not take an argument."],
    [["--tools", "bla"], "--tools bla is not a profile of this version."],
  ])("%j are refused in a sentence", (argv, sentence) => {
    const { text, status } = refused(argv.filter((word) => word !== "--json"));
    expect(text.split("\n")[0]).toBe(`aiknowsys: ${sentence}`);
    expect(status).toBe(2);
  });

  it("are refused with the error document of the command line with --json", () => {
    const { text, status } = refused(["--tools", "bla", "--json"]);
    expect(JSON.parse(text)).toEqual({
      error: {
        code: "invalid_input",
        message: "--tools bla is not a profile of this version.",
        field: "tools",
        valid: ["core", "readonly", "full"],
        hint: "Use one of: core, readonly, full.",
      },
    });
    expect(status).toBe(2);
  });

  it("end with 1 and keep the cause to themselves for what was not foreseen", () => {
    expect(refusal(new TypeError("secret detail"), [])).toEqual({
      status: 1,
      text: expect.stringMatching(/^aiknowsys: Internal error\.\n(?!.*secret detail)/),
    });
  });
});
