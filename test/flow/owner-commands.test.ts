import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_TENANT } from "../../lib/domain/ids.ts";
import { hashOfToken } from "../../lib/domain/token.ts";
import { openOpaqueTokens } from "../../lib/server/opaque-tokens.ts";
import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import { makeCommandLine } from "../helpers/command-line.ts";
import {
  adminClient,
  asLogin,
  describeWithServer,
  newDatabase,
  type TestDatabase,
} from "../helpers/postgres.ts";

type Type = (args: readonly string[]) => Promise<{ status: number; out: string; err: string }>;

/** Types a line that must succeed, and reads its JSON. */
async function read(type: Type, ...args: readonly string[]) {
  const { status, out, err } = await type([...args, "--json"]);
  expect({ status, out, err }).toMatchObject({ status: 0, err: "" });
  return JSON.parse(out);
}

describe("the owner's commands on SQLite", () => {
  it("make a token, list it, rotate it and revoke it", async () => {
    const { type } = makeCommandLine();
    const made = await read(type, "token", "create", "--name", "Local tool", "--scope", "write");
    expect(made).toMatchObject({ name: "Local tool", scope: "write", projects: "all" });
    expect(made.token).toMatch(/^aiks_/);
    const days = (Date.parse(made.expiresAt) - Date.parse(made.createdAt)) / 86_400_000;
    expect(days).toBe(90);
    const { token: _, ...kept } = made;
    expect(await read(type, "token", "list")).toEqual({ count: 1, tokens: [kept] });
    const rotated = await read(type, "token", "rotate", "local TOOL", "--overlap", "2", "--expires", "never");
    expect(rotated).toMatchObject({ name: "Local tool", scope: "write", replaced: { id: made.id } });
    expect(rotated).not.toHaveProperty("expiresAt");
    const left = Date.parse(rotated.replaced.expiresAt) - Date.parse(rotated.createdAt);
    expect(left / 3_600_000).toBe(2);
    expect(await read(type, "token", "revoke", made.token)).toMatchObject({
      ...{ count: 1, tokens: [{ id: made.id }] },
    });
    expect(await read(type, "token", "list")).toMatchObject({ count: 1, tokens: [{ id: rotated.id }] });
    const all = await read(type, "token", "list", "--all");
    expect(all.tokens.map((token: { id: string }) => token.id)).toEqual([rotated.id, made.id]);
  });

  it("print the text of a token alone on stdout, and nothing of it anywhere else", async () => {
    const { type } = makeCommandLine();
    const { status, out, err } = await type(["token", "create", "--name", "script"]);
    expect(status).toBe(0);
    expect(out).toMatch(/^aiks_[a-z2-7]{8}_[0-9A-Za-z]{43}_[0-9a-f]{6}\n$/);
    const secret = out.split("_")[2] ?? "";
    const listed = await type(["token", "list", "--all"]);
    expect(err + listed.out + listed.err).not.toContain(secret);
    expect(listed.out).toContain("script");
  });

  it.each([
    [["--scope", "root"], {}, 2, /read, write, admin/],
    [["--minutes", "61"], {}, 2, /60/],
    [["--minutes", "0"], {}, 2, /--minutes is "0"/],
    [["--expires", "never"], {}, 2, /--minutes 15/],
    [["--projects", "nowhere"], {}, 3, /"nowhere" is not known/],
    [[], { AIKNOWSYS_JWT_SECRET: "too short" }, 2, /at least 32 are needed/],
    [[], { AIKNOWSYS_JWT_SECRET: "x".repeat(64) }, 2, /fewer than 8 different/],
  ])("refuse to sign a token with %j and %j: %i", async (more, env, status, message) => {
    const { type } = makeCommandLine();
    const secret = { AIKNOWSYS_JWT_SECRET: "0123456789abcdef0123456789abcdef" };
    const said = await type(["token", "jwt", "--name", "x", ...more], { env: { ...secret, ...env } });
    expect(said).toMatchObject({ status, out: "", err: expect.stringMatching(message) });
  });

  it("sign no token for some projects of a store that is not divided", async () => {
    const { type } = makeCommandLine();
    await read(type, "create-plan", "--title", "Mend the pier");
    const [{ ref }] = (await read(type, "project", "list")).projects;
    const env = { AIKNOWSYS_JWT_SECRET: "0123456789abcdef0123456789abcdef" };
    const said = await type(["token", "jwt", "--name", "x", "--projects", ref], { env });
    expect(said).toMatchObject({ status: 2, out: "", err: expect.stringMatching(/not divided/) });
    const whole = await type(["token", "jwt", "--name", "x"], { env });
    expect(whole).toMatchObject({ status: 0, out: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+\n$/) });
  });

  it.each([
    [["token"], 2, /action/],
    [["token", "steal"], 2, /create, jwt, list, rotate, revoke/],
    [["token", "create"], 2, /--name is missing/],
    [["token", "create", "extra", "--name", "x"], 2, /token create/],
    [["token", "create", "--name", " "], 2, /--name is empty/],
    [["token", "create", "--name", "x", "--scope", "root"], 2, /read, write, admin/],
    [["token", "create", "--name", "x", "--expires", "0"], 2, /--expires is "0"/],
    [["token", "create", "--name", "x", "--expires", "4000"], 2, /3650/],
    [["token", "create", "--name", "x", "--projects", ","], 2, /could see nothing/],
    [["token", "create", "--name", "x", "--projects", "nowhere"], 3, /"nowhere" is not known/],
    [["token", "jwt", "--name", "x"], 2, /AIKNOWSYS_JWT_SECRET is not set/],
    [["token", "jwt"], 2, /--name is missing/],
    [["token", "rotate"], 2, /token rotate <token>/],
    [["token", "rotate", "tok_aaaaaaaa"], 3, /token list --all/],
    [["token", "revoke", "nobody"], 3, /There is no token "nobody"/],
    [["tenant", "create", "harbour"], 2, /one tenant only/],
    [["tenant", "create", "Not A Name"], 2, /not a valid name/],
    [["tenant", "list", "--tenant", "harbour"], 2, /no tenant "harbour"/],
    [["project", "rename", "nowhere", "New"], 3, /"nowhere" is not known/],
    [["project", "delete", "nowhere", "--yes"], 3, /"nowhere" is not known/],
    [["project", "rename", "nowhere"], 2, /project rename <project> <name>/],
  ])("refuse %j with status %i", async (line, status, message) => {
    const { type } = makeCommandLine();
    const said = await type(line);
    expect(said).toMatchObject({ status, out: "", err: expect.stringMatching(message) });
  });

  it("refuse to rotate a name that two tokens have, and name both; revoke both by it", async () => {
    const { type } = makeCommandLine();
    await read(type, "token", "create", "--name", "twin");
    await new Promise((resolve) => setTimeout(resolve, 2));
    await read(type, "token", "create", "--name", "Twin");
    const { status, err } = await type(["token", "rotate", "twin"]);
    expect(status).toBe(2);
    expect(err.match(/tok_[a-z2-7]{8} \([Tt]win\)/g)).toHaveLength(2);
    const { out } = await type(["token", "revoke", "twin"]);
    expect(out.match(/^Revoked tok_[a-z2-7]{8} [Tt]win:/gm)).toHaveLength(2);
    expect(await read(type, "token", "list")).toMatchObject({ count: 0 });
  });

  it("rotate a token again by its name, and revoke every text of it, while old ones still count", async () => {
    const { type } = makeCommandLine();
    const first = await read(type, "token", "create", "--name", "ada");
    const second = await read(type, "token", "rotate", "ada");
    const third = await read(type, "token", "rotate", "ada", "--overlap", "3");
    expect(third.replaced.id).toBe(second.id);
    const { tokens } = await read(type, "token", "revoke", "ada");
    expect(tokens.map(({ id }: { id: string }) => id)).toEqual([third.id, second.id, first.id]);
    expect(await read(type, "token", "list")).toMatchObject({ count: 0 });
  });

  it("show nothing of a secret in the sentence that a token is not there", async () => {
    const { type } = makeCommandLine();
    const { token } = await read(type, "token", "create", "--name", "x");
    const other = token.replace(/^aiks_........_/, "aiks_aaaaaaaa_");
    for (const given of [other, other.replace("aiks_aaaaaaaa_", "aiks_")]) {
      const { status, err } = await type(["token", "revoke", given]);
      expect(status).toBe(3);
      expect(err).not.toContain(token.split("_")[2].slice(0, 4));
    }
    expect((await type(["token", "revoke", other])).err).toContain('There is no token "aiks_aaaaaaaa_…"');
  });

  it("list the one tenant, and rename a project", async () => {
    const { type } = makeCommandLine();
    expect(await read(type, "tenant", "list")).toMatchObject({ count: 1, tenants: [{ name: "default" }] });
    await type(["create-plan", "--title", "Moor", "--content", "x"]);
    const { projects } = await read(type, "project", "list");
    expect(projects).toMatchObject([{ name: "project", counts: { plans: 1 } }]);
    const renamed = await read(type, "project", "rename", projects[0].ref, "Harbour app");
    expect(renamed).toMatchObject({ id: projects[0].id, name: "Harbour app" });
    expect((await type(["query-plans", "--project", "harbour APP"])).out).toContain("Moor");
    expect((await type(["project", "list"])).out).toContain("Harbour app");
    const unsure = await type(["project", "delete", "Harbour app"]);
    expect(unsure).toMatchObject({ status: 2, err: expect.stringMatching(/1 plans.*Nothing was deleted/s) });
    expect(await read(type, "project", "list")).toMatchObject({ count: 1 });
    const deleted = await read(type, "project", "delete", "Harbour app", "--yes");
    expect(deleted).toMatchObject({ id: projects[0].id, counts: { plans: 1 } });
    expect(await read(type, "project", "list")).toMatchObject({ count: 0 });
  });

  it("say to a project-limited token what can limit it", async () => {
    const { type } = makeCommandLine();
    await type(["create-plan", "--title", "Moor", "--content", "x"]);
    const { status, err } = await type(["token", "create", "--name", "x", "--projects", "project"]);
    expect(status).toBe(2);
    expect(err).toContain("--storage postgres");
  });
});

describeWithServer("the owner's commands on PostgreSQL", () => {
  let database: TestDatabase | undefined;
  const url = () => database?.url ?? "";
  /** A command line of the test, for the tenants of its database. */
  const commandLine = () => {
    const { type } = makeCommandLine();
    return (tenant: string, address = url()): Type =>
      (args) =>
        type(args, { env: { STORAGE_TYPE: "postgres", POSTGRES_URL: address, AIKNOWSYS_TENANT: tenant } });
  };

  beforeAll(async () => {
    database = await newDatabase();
    await (await PostgresStorage.open({ url: database.url, migrate: true })).close();
  });
  afterAll(() => database?.drop());

  it("keep the tokens and projects of tenants apart", async () => {
    const typed = commandLine();
    for (const name of ["harbour", "quarry"]) {
      expect(await read(typed("default"), "tenant", "create", name)).toMatchObject({ name });
      await typed(name)(["create-plan", "--title", `Plan of ${name}`, "--content", "x"]);
      await read(typed(name), "token", "create", "--name", "ci", "--projects", "project");
    }
    const { tenants } = await read(typed("default"), "tenant", "list");
    expect(tenants).toMatchObject([
      { name: "default", projects: 0, tokens: 0 },
      { name: "harbour", projects: 1, tokens: 1 },
      { name: "quarry", projects: 1, tokens: 1 },
    ]);
    const of = async (tenant: string) => (await read(typed(tenant), "token", "list")).tokens;
    const [[mine], [theirs]] = [await of("harbour"), await of("quarry")];
    expect(mine.projects).not.toEqual(theirs.projects);
    expect(await typed("harbour")(["token", "revoke", theirs.ref])).toMatchObject({ status: 3 });
    expect(await typed("harbour")(["project", "rename", theirs.projects[0], "Mine"])).toMatchObject({
      status: 3,
    });
    expect(await of("quarry")).toEqual([theirs]);
    const { tenancy, close } = await PostgresStorage.open({ url: url(), tenant: "harbour" }).then(
      (storage) => ({
        tenancy: storage.tenancy,
        close: () => storage.close(),
      }),
    );
    const [project] = theirs.projects;
    for (const attempt of [tenancy.renameProject(project, "Mine"), tenancy.deleteProject(project)])
      await expect(attempt).rejects.toMatchObject({ code: "not_found" });
    await close();
    expect((await read(typed("quarry"), "project", "list")).projects).toMatchObject([
      { id: project, name: "project" },
    ]);
    expect(await typed("default")(["tenant", "create", "quarry"])).toMatchObject({ status: 4 });
  });

  it("revoke a token for every process at once", async () => {
    const typed = commandLine();
    await typed("default")(["tenant", "create", "pier"]);
    const { token, id } = await read(typed("pier"), "token", "create", "--name", "robot");
    const storage = await PostgresStorage.open({ url: url() });
    const { callerOf, settle } = openOpaqueTokens({
      ...storage,
      clock: Date.now,
      onLost: (error) => expect.fail(String(error)),
    });
    try {
      expect(await callerOf(token)).toMatchObject({ tokenId: id, name: "robot", scopes: "read" });
      await settle();
      expect((await storage.tokens.authenticate(hashOfToken(token)))?.lastUsedAt).toBeDefined();
      await read(typed("pier"), "token", "revoke", "robot");
      await expect(callerOf(token)).rejects.toThrow(/revoked/);
    } finally {
      await storage.close();
    }
  });

  it("are the owner's: a login that serves may check tokens, but make and list none", async () => {
    const typed = commandLine();
    const owner = await adminClient(url());
    const login = `serving_${database?.name ?? ""}`;
    await owner.query(`CREATE ROLE ${login} LOGIN; GRANT aiknowsys_app TO ${login}`);
    try {
      const served = typed("default", asLogin(url(), login));
      await served(["create-plan", "--title", "Moor", "--content", "x"]);
      for (const args of [
        ["token", "list"],
        ["token", "create", "--name", "x"],
        ["tenant", "list"],
        ["tenant", "create", "mine"],
        ["project", "rename", "project", "Mine"],
        ["project", "delete", "project", "--yes"],
      ]) {
        const { status, err } = await served(args);
        expect({ args, status }).toEqual({ args, status: 2 });
        expect(err).toContain("may not act as the owner");
        // A login for daily work is never to be given all tenants.
        expect(err).not.toContain("GRANT");
      }
      expect(await served(["project", "list"])).toMatchObject({ status: 0 });
      const storage = await PostgresStorage.open({ url: asLogin(url(), login) });
      const { token } = await read(typed("default"), "token", "create", "--name", "served");
      const known = await storage.tokens.authenticate(hashOfToken(token));
      expect(known).toMatchObject({ name: "served" });
      await storage.tokens.noteUse(
        { id: known?.id ?? "", tenant: known?.tenant ?? "" },
        new Date().toISOString(),
      );
      expect((await storage.tokens.authenticate(hashOfToken(token)))?.lastUsedAt).toBeDefined();
      await storage.close();
    } finally {
      await owner.query(`DROP OWNED BY ${login}; DROP ROLE ${login}`);
      await owner.end();
    }
  });

  it("are in no caller's store, whatever the login may do", async () => {
    const storage = await PostgresStorage.open({ url: url() });
    const { tenancy, tokens } = storage.granted({ tenant: DEFAULT_TENANT, projects: "all" });
    for (const attempt of [tokens.list(), tokens.authenticate("0".repeat(64)), tenancy.tenants("")])
      await expect(attempt).rejects.toMatchObject({ code: "forbidden" });
    await storage.close();
  });
});
