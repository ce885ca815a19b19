import { describe, expect, it } from "vitest";
import { command } from "../../../lib/cli/commands/update-plan.ts";
import { misuse } from "../../../lib/cli/misuse.ts";
import { createParser } from "../../../lib/cli/run.ts";

function hintFor(...argv: readonly string[]): unknown {
  const parser = createParser("update-plan", "change a plan", command, { write: () => true });
  try {
    parser.parse(["pln_k3v9t2qa", ...argv], { from: "user" });
  } catch (thrown) {
    return misuse(thrown, parser);
  }
  throw new Error("The options were taken.");
}

const SEE = "See `aiknowsys update-plan --help`.";

describe("an option that is not known", () => {
  it.each([
    ["--titel", "--title"],
    ["--topic", "--topics"],
    ["--no-redct", "--no-redact"],
    ["--prio", "--priority"],
  ])("%s is taken for the near one", (typed, meant) => {
    expect(hintFor(typed)).toMatchObject({
      message: `There is no option ${typed}.`,
      hint: `Did you mean ${meant}? ${SEE}`,
    });
  });

  it.each(["--nope", "--xyz", "--colour", "-x"])("%s is near none: nothing is guessed", (typed) => {
    expect(hintFor(typed)).toMatchObject({ message: `There is no option ${typed}.`, hint: SEE });
  });
});
