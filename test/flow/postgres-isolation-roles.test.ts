import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import type { Connections } from "../../lib/storage/postgres/driver.ts";
import { openPglite } from "../helpers/pglite-connections.ts";
import { refusal, requireWorks } from "./postgres-serving.ts";

// In a server of their own: roles belong to all databases of a server, and others use the one of the run.
describe("roles of a server of their own", () => {
  let connections: Connections | undefined;
  const server = () => {
    if (connections === undefined) throw new Error("There is no server.");
    return connections;
  };
  const run = async (sql: string) => {
    const lent = await server().lend();
    await lent.script(sql).finally(() => lent.release(false));
  };

  beforeAll(async () => {
    connections = await openPglite();
    await run("CREATE ROLE landlord CREATEROLE; CREATE ROLE lodger");
  });
  afterAll(() => connections?.close());

  it("are made, or entered where they stand, by an owner who may create roles, and by nobody else", async () => {
    await run("SET SESSION AUTHORIZATION lodger");
    expect(await refusal(PostgresStorage.over(server(), { migrate: true }))).toEqual([
      "unavailable",
      "This login may not change the schema of the store.",
      expect.any(String),
    ]);
    await run("SET SESSION AUTHORIZATION postgres");
    await run("GRANT CREATE ON DATABASE postgres TO landlord, lodger");
    await run("SET SESSION AUTHORIZATION lodger");
    expect(await refusal(PostgresStorage.over(server(), { migrate: true }))).toEqual([
      "unavailable",
      "This login may not create the role aiknowsys_app.",
      "Use a login with CREATEROLE for the migration, or let a superuser run CREATE ROLE aiknowsys_app NOLOGIN.",
    ]);
    // Made by hand: whoever makes a role may give it away, but not enter it before he has given it to himself.
    await run("SET SESSION AUTHORIZATION landlord; CREATE ROLE aiknowsys_app; CREATE ROLE aiknowsys_search");
    await requireWorks(await PostgresStorage.over(server(), { migrate: true }));
    await run("SET SESSION AUTHORIZATION postgres");
  });

  const unsafe = (role: string) =>
    `The role ${role} could see past row-level security: it may log in, or is a superuser, or has BYPASSRLS.`;
  it.each([
    [
      "may log in",
      "ALTER ROLE aiknowsys_app LOGIN",
      "ALTER ROLE aiknowsys_app NOLOGIN",
      unsafe("aiknowsys_app"),
    ],
    [
      "has BYPASSRLS",
      "ALTER ROLE aiknowsys_app BYPASSRLS",
      "ALTER ROLE aiknowsys_app NOBYPASSRLS",
      unsafe("aiknowsys_app"),
    ],
    [
      "is a superuser",
      "ALTER ROLE aiknowsys_app SUPERUSER",
      "ALTER ROLE aiknowsys_app NOSUPERUSER",
      unsafe("aiknowsys_app"),
    ],
    [
      "may act as the owner's role",
      "GRANT aiknowsys_admin TO aiknowsys_app",
      "REVOKE aiknowsys_admin FROM aiknowsys_app",
      "The role aiknowsys_app may act as aiknowsys_admin, which sees past row-level security.",
    ],
    [
      "may act as a superuser",
      "GRANT postgres TO aiknowsys_app",
      "REVOKE postgres FROM aiknowsys_app",
      "The role aiknowsys_app may act as postgres, which sees past row-level security.",
    ],
    [
      "is not there, as on a server to which a dump was brought",
      "ALTER ROLE aiknowsys_app RENAME TO elsewhere",
      "ALTER ROLE elsewhere RENAME TO aiknowsys_app",
      "The role aiknowsys_app is not on this server: the database came here without its roles.",
    ],
    [
      "stands beside one for searches that may log in",
      "ALTER ROLE aiknowsys_search LOGIN SUPERUSER",
      "ALTER ROLE aiknowsys_search NOLOGIN NOSUPERUSER",
      unsafe("aiknowsys_search"),
    ],
    [
      "stands beside one of the owner's that has BYPASSRLS",
      "ALTER ROLE aiknowsys_admin BYPASSRLS",
      "ALTER ROLE aiknowsys_admin NOBYPASSRLS",
      unsafe("aiknowsys_admin"),
    ],
    [
      "stands beside one for searches that may act as a superuser",
      "GRANT postgres TO aiknowsys_search",
      "REVOKE postgres FROM aiknowsys_search",
      "The role aiknowsys_search may act as postgres, which sees past row-level security.",
    ],
  ])("keep the store from serving when the ordinary one %s", async (_, harm, mend, sentence) => {
    await run(harm);
    expect(await refusal(PostgresStorage.over(server(), {}))).toEqual([
      "unavailable",
      sentence,
      expect.any(String),
    ]);
    await run(mend);
    await requireWorks(await PostgresStorage.over(server(), {}));
  });
});
