import { describe, expect, it } from "vitest";
import { type ConfigInput, loadConfig } from "../../lib/config.ts";

function load(given: Partial<ConfigInput>) {
  return loadConfig({ flags: {}, env: { HOME: "/home/somebody" }, cwd: "/", ...given });
}

describe("the tenant of a SQLite store", () => {
  it.each([
    ["--tenant", { flags: { tenant: "harbour" } }],
    ["AIKNOWSYS_TENANT", { env: { AIKNOWSYS_TENANT: "harbour" } }],
  ])("is the only one: another by %s is unsupported", (_, given) => {
    expect(() => load(given)).toThrow(
      expect.objectContaining({
        code: "unsupported",
        message: 'A SQLite store has no tenant "harbour": it holds one only.',
        field: "tenant",
        valid: ["default"],
      }),
    );
  });

  it("may be named", () => {
    expect(load({ flags: { tenant: "default" } }).tenant).toBe("default");
    expect(load({}).tenant).toBe("default");
  });

  it("is refused first for a name that no tenant has", () => {
    expect(() => load({ flags: { tenant: "Two words" } })).toThrow(
      expect.objectContaining({ code: "invalid_input" }),
    );
  });
});

describe("the tenant of a PostgreSQL store", () => {
  it("may have any name", () => {
    const flags = { tenant: "harbour", storage: "postgres", connection: "postgres://localhost/knowledge" };
    expect(load({ flags }).tenant).toBe("harbour");
  });
});

describe("the engine", () => {
  const url = "postgres://localhost/knowledge";
  const env = (type: string) => ({ HOME: "/home/somebody", STORAGE_TYPE: type });

  it.each([
    ["PostgreSQL by --connection", { flags: { connection: url } }, "postgres"],
    [
      "PostgreSQL by --connection, whatever STORAGE_TYPE says",
      { flags: { connection: url }, env: env("sqlite") },
      "postgres",
    ],
    ["SQLite by --db, whatever STORAGE_TYPE says", { flags: { db: "a.db" }, env: env("postgres") }, "sqlite"],
    ["what STORAGE_TYPE says without either", { env: { ...env("postgres"), POSTGRES_URL: url } }, "postgres"],
    [
      "SQLite where nothing is said, with an address in the environment",
      { env: { POSTGRES_URL: url } },
      "sqlite",
    ],
    [
      "hybrid, which has both places",
      { flags: { connection: url, db: "a.db" }, env: env("hybrid") },
      "hybrid",
    ],
  ])("is %s", (_, given, type) => {
    expect(load(given).storage).toMatchObject({ type });
  });

  it.each([
    ["--storage sqlite and --connection", { storage: "sqlite", connection: url }],
    ["--storage postgres and --db", { storage: "postgres", db: "a.db" }],
    ["--db and --connection", { db: "a.db", connection: url }],
  ])("is refused where %s name two stores", (options, flags) => {
    expect(() => load({ flags })).toThrow(
      expect.objectContaining({
        code: "invalid_input",
        message: `The options ${options} name two different stores.`,
      }),
    );
  });
});
