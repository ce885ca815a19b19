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

it("finds a deleted row by its slug in any case, as it finds a living one", async () => {
  const { type } = makeCommandLine();
  await type(["create-plan", "--title", "Moor Gate", "--content", "x"]);
  const slug = JSON.parse((await type(["query-plans", "--json"])).out).plans[0].slug;
  const other = slug === slug.toUpperCase() ? slug.toLowerCase() : slug.toUpperCase();
  const history = async (name: string) => JSON.parse((await type(["history", name, "--json"])).out);
  const living = await history(other);
  await type(["delete", slug]);
  const gone = await history(other);
  expect(gone).toMatchObject({ id: living.id, ref: living.ref });
  expect(gone.entries.map(({ operation }: { operation: string }) => operation)).toEqual(["create", "delete"]);
  expect(await history("moor-bridge")).toMatchObject({ error: { code: "not_found" } });
});
