import { describe, expect, it } from "vitest";
import { BAD_INPUTS } from "./bad-input-table.ts";
import { makePlace } from "./cli-program.ts";

describe("bad input", () => {
  it.each(BAD_INPUTS)(
    "$what: one sentence, what to do next, and its exit status",
    ({ args, given, ...row }) => {
      const place = makePlace();
      const options = given?.(place) ?? {};
      const { status, stdout, stderr } = place.run(args, options);
      expect({ status, stdout }).toEqual({ status: row.status, stdout: "" });
      const lines = stderr.trimEnd().split("\n");
      expect(lines).toHaveLength(row.says.length);
      for (const [at, line] of row.says.entries()) expect(lines[at]).toContain(line);
      expect(lines[0]).toMatch(/^aiknowsys: /);
      const message = expect.stringContaining(row.says[0] ?? "");
      const error = { code: row.code, message };
      expect(place.json(args, options), "with --json").toMatchObject({
        status: row.status,
        stderr: "",
        body: { error },
      });
    },
  );
});
