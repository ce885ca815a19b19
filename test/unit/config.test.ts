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
