import { expect, it } from "vitest";
import { makeCommandLine } from "../helpers/command-line.ts";

it("says that a row was not there yet on the day that was asked for", async () => {
  const { type } = makeCommandLine();
  const { ref } = JSON.parse(
    (await type(["create-plan", "--title", "Moor", "--content", "x", "--json"])).out,
  );
  const { status, err } = await type(["history", ref, "--as-of", "2020-01-01"]);
  expect(status).toBe(3);
  expect(err).toContain(`${ref} did not exist yet at 2020-01-01.`);
});
