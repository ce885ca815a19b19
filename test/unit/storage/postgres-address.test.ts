import { describe, expect, it } from "vitest";
import { parseAddress } from "../../../lib/storage/postgres/address.ts";
import { textOf } from "../../house/tree.ts";

describe("a PostgreSQL address", () => {
  it.each([
    ["postgres://me@/knowledge?host=/var/run/postgresql", "/var/run/postgresql", "knowledge"],
    ["postgres://me@/knowledge", "localhost", "knowledge"],
    ["postgres:///knowledge?host=/tmp", "/tmp", "knowledge"],
    ["postgresql://me:a%40b@db.example/knowledge", "db.example", "knowledge"],
  ])("%s leads to %s", (url, host, database) => {
    expect(parseAddress(url)).toMatchObject({ host, database });
  });

  it.each([
    ["postgres://me:secret@one:5432,two:5432/knowledge", "names several hosts"],
    ["postgres://one,two:5433/knowledge", "names several hosts"],
    ["postgres:///knowledge?host=one,two", "names several hosts"],
    ["postgres://db.example/knowledge?options=-c%20statement_timeout%3D0", "has options for the session"],
  ])("%s is refused: it %s", (url, why) => {
    expect(() => parseAddress(url)).toThrow(
      expect.objectContaining({ code: "invalid_input", message: expect.stringContaining(why) }),
    );
    expect(() => parseAddress(url)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining("secret") }),
    );
  });

  it("may name what a provider needs of clients whose TLS does not name the host", () => {
    const url = "postgres://db.example/knowledge?options=endpoint%3Dep-cool-moor&sslmode=require";
    expect(parseAddress(url)).toMatchObject({ host: "db.example", tls: "on" });
  });

  it.each(["disable", "allow", "prefer"])(
    "with sslmode=%s is spoken to in plain text, and the manual says so",
    (mode) => {
      expect(parseAddress(`postgres://db.example/a?sslmode=${mode}`).tls).toBe("off");
      const tls = textOf("docs/postgres.md").split("## TLS")[1]?.split("## ")[0] ?? "";
      expect(tls).toContain(`\`${mode}\``);
    },
  );
});
