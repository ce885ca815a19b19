import { afterAll, beforeAll, expect, it } from "vitest";
import { EXIT_STATUS } from "../../lib/cli/errors.ts";
import { makeCommandLine } from "../helpers/command-line.ts";
import { describeWithServer } from "../helpers/postgres.ts";
import type { OwnServer } from "../helpers/postgres-own-server.ts";
import { BAD_INPUTS } from "./postgres-bad-input-table.ts";
import { PASSWORD, startGuardedServer, store } from "./postgres-bad-places.ts";

describeWithServer("what cannot be worked with on PostgreSQL", () => {
  let guarded: OwnServer;
  beforeAll(async () => {
    guarded = await startGuardedServer();
  }, 120_000);
  afterAll(() => guarded.remove());

  it.each(BAD_INPUTS.map((row) => [row.what, row] as const))(
    "%s: one sentence, what to do, and the exit status",
    async (_, { given, args = ["query-plans"], code = "unavailable", says, hint }) => {
      const { url, env = {} } = await given(guarded.url);
      const { type, env: base } = makeCommandLine();
      const settings = { env: { ...base, STORAGE_TYPE: "postgres", POSTGRES_URL: url, ...env } };
      const where = (text: string) => text.replaceAll(/postgres:\/\/[\w.]+:\d+\/\w+/g, "postgres://…");
      const plain = await type(args, settings);
      expect({ ...plain, err: where(plain.err) }).toEqual({
        ...{ status: EXIT_STATUS[code], out: "", err: `aiknowsys: ${says}\n${hint}\n` },
      });
      const json = await type([...args, "--json"], settings);
      expect(json).toMatchObject({ status: EXIT_STATUS[code], err: "" });
      const { error } = JSON.parse(json.out);
      expect({ ...error, message: where(error.message) }).toMatchObject({ code, message: says });
      const verbose = await type([...args, "--verbose"], settings);
      for (const said of [plain, json, verbose]) expect(said.out + said.err).not.toContain(PASSWORD);
    },
    30_000,
  );

  it("is told by doctor, too: here a store that was restored without the owners of its functions", async () => {
    const { url } = await store("ALTER FUNCTION aiknowsys.search_words OWNER TO postgres");
    const { type, env } = makeCommandLine();
    const settings = { env: { ...env, STORAGE_TYPE: "postgres", POSTGRES_URL: url } };
    const detail =
      "The function aiknowsys.search_words does not belong to aiknowsys_search: searches would find nothing, or too much.";
    const { status, out, err } = await type(["doctor"], settings);
    expect({ status, err }).toEqual({ status: EXIT_STATUS.unavailable, err: "" });
    expect(out).toContain(`problem  store: ${detail}\n         Let a superuser run ALTER FUNCTION`);
    const { checks, ok } = JSON.parse((await type(["doctor", "--json"], settings)).out);
    expect({ checks, ok }).toMatchObject({ ok: false, checks: [{ name: "store", detail }] });
  });
});
