import { describe, expect, it } from "vitest";
import { EXIT_STATUS, reportError } from "../../../lib/cli/errors.ts";
import { createOutput } from "../../../lib/cli/output.ts";
import { ERROR_CODES, KnowledgeError } from "../../../lib/domain/error.ts";
import { fakeDoor } from "./fake-door.ts";

function report(
  thrown: unknown,
  options: { json?: boolean; flags?: readonly string[]; verbose?: boolean } = {},
) {
  const { door, said } = fakeDoor();
  const output = createOutput(door, { json: options.json ?? false, quiet: false });
  const status = reportError(thrown, output, {
    flags: options.flags ?? [],
    verbose: options.verbose ?? false,
  });
  return { status, ...said };
}

describe("an error at the command line", () => {
  it("has an exit status for every code", () => {
    expect(ERROR_CODES.filter((code) => EXIT_STATUS[code] === undefined)).toEqual([]);
  });

  it.each([
    ["not_found", 3],
    ["invalid_input", 2],
    ["conflict", 4],
    ["unavailable", 5],
    ["schema_mismatch", 5],
    ["internal", 1],
  ] as const)("%s ends with %i", (code, status) => {
    expect(report(new KnowledgeError(code, "No.")).status).toBe(status);
  });

  it("is a sentence on stderr with what to do next, and nothing on stdout", () => {
    const said = report(
      new KnowledgeError("conflict", "The plan changed.", {
        hint: "Read it again.",
        current: { revision: 4 },
      }),
    );
    expect(said).toEqual({
      status: 4,
      out: "",
      err: "aiknowsys: The plan changed.\nIt is now at revision 4.\nRead it again.\n",
    });
  });

  it("is one JSON document on stdout with --json, and nothing on stderr", () => {
    const said = report(new KnowledgeError("not_found", "No plan.", { field: "id", valid: ["a"] }), {
      json: true,
    });
    expect(JSON.parse(said.out)).toEqual({
      error: { code: "not_found", message: "No plan.", field: "id", valid: ["a"] },
    });
    expect(said.err).toBe("");
  });

  it("names the option as it is typed", () => {
    const error = new KnowledgeError("invalid_input", 'updatedAfter is "x", which is no date.', {
      field: "updatedAfter",
      hint: "Give one of append or replaceSection.",
    });
    const said = report(error, { flags: ["--updated-after", "--replace-section", "--append"] });
    expect(said.err).toBe(
      'aiknowsys: --updated-after is "x", which is no date.\nGive one of append or --replace-section.\n',
    );
  });

  it.each([
    [
      "Give at least one of append, status, plan or addFile.",
      "Give at least one of --append, --status, plan or --add-file.",
    ],
    ["Use one of its headings, or leave section out.", "Use one of its headings, or leave --section out."],
    [
      "Read it again with show, then repeat with revision 3.",
      "Read it again with show, then repeat with --revision 3.",
    ],
    ["Name it with --project (over MCP: the argument project).", "Name it with --project."],
    ["Run `leave section out`, not addFile.", "Run `leave section out`, not --add-file."],
  ])("spells the options of a hint as they are typed: %s", (hint, spelt) => {
    const flags = ["--append", "--status", "--section", "--add-file", "--revision"];
    expect(report(new KnowledgeError("invalid_input", "No.", { hint }), { flags }).err).toBe(
      `aiknowsys: No.\n${spelt}\n`,
    );
  });

  it("leaves what it quotes as it is, and names both bounds of a span", () => {
    const flags = ["--after", "--before", "--add-file"];
    const error = new KnowledgeError("invalid_input", 'after is "addFile" and before is "x": nothing.', {
      field: "after",
    });
    expect(report(error, { flags }).err).toBe(
      'aiknowsys: --after is "addFile" and --before is "x": nothing.\n',
    );
  });

  it("breaks between words on a terminal, leaves commands whole, and cuts nothing", () => {
    const { door, said } = fakeDoor({ columns: 30 });
    const long = "/a/folder/with/a/very/long/path/knowledge.db";
    const hint = `Look at ${long} first, then run \`aiknowsys doctor --fix\`.`;
    const output = createOutput(door, { json: false, quiet: false });
    reportError(new KnowledgeError("corrupt", "The store is damaged in three places.", { hint }), output, {
      flags: [],
      verbose: false,
    });
    expect(said.err.trimEnd().split("\n")).toEqual([
      "aiknowsys: The store is",
      "damaged in three places.",
      "Look at",
      long,
      "first, then run",
      "`aiknowsys doctor --fix`.",
    ]);
  });

  it("lists valid values only where the hint does not", () => {
    const valid = ["ACTIVE", "PAUSED"];
    const told = new KnowledgeError("invalid_input", "No.", { valid, hint: "Use one of: ACTIVE, PAUSED." });
    expect(report(told).err).not.toContain("Valid:");
    expect(report(new KnowledgeError("invalid_input", "No.", { valid })).err).toContain(
      "Valid: ACTIVE, PAUSED.",
    );
  });

  it("keeps the cause of a defect to itself unless asked", () => {
    expect(report(new TypeError("secret detail")).err).not.toContain("secret detail");
    expect(report(new TypeError("secret detail"), { verbose: true }).err).toContain("secret detail");
  });

  it("cannot steer the terminal with what it quotes", () => {
    expect(report(new KnowledgeError("not_found", "No plan \u001b[2J.")).err).not.toContain("\u001b");
  });
});
