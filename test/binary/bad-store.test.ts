import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { canWorkAs } from "../helpers/node-process.ts";
import { withPlan } from "./bad-input-table.ts";
import { makePlace } from "./cli-program.ts";

/** `nobody`, whom the permissions of files bind even where the tests run as root. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const canBeNobody = canWorkAs(isRoot ? NOBODY : undefined);

/** Overwrites the first page of a table. */
function garbleTable(file: string, table: string): void {
  const db = new Database(file, { readonly: true });
  const pageSize = Number(db.pragma("page_size", { simple: true }));
  const page = Number(db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = ?").pluck().get(table));
  db.close();
  const bytes = readFileSync(file);
  bytes.fill(0xa5, (page - 1) * pageSize, page * pageSize);
  writeFileSync(file, bytes);
}

describe("a store that cannot serve", () => {
  it.skipIf(process.platform === "win32" || !canBeNobody)(
    "that is on a read-only disk is still read, and says why it cannot be written",
    () => {
      const place = makePlace();
      withPlan(place);
      chmodSync(place.folder, 0o755);
      chmodSync(place.file, 0o444);
      chmodSync(join(place.home, "store"), 0o555);
      const as = isRoot ? { uid: NOBODY } : {};
      expect(place.json(["query-plans"], as)).toMatchObject({ status: 0, body: { count: 1 } });
      const write = place.run(["create-plan", "--title", "More"], as);
      expect(write).toMatchObject({ status: 5, stdout: "" });
      expect(write.stderr).toBe(
        `aiknowsys: The store ${place.file} is open for reading only.\n` +
          "To write, give the file and its folder write permission or name another file with --db.\n",
      );
      chmodSync(join(place.home, "store"), 0o755);
    },
  );

  it("that another process has locked is read, and after a while refuses to be written", {
    timeout: 90_000,
  }, () => {
    const place = makePlace();
    withPlan(place);
    const other = new Database(place.file);
    other.exec("BEGIN IMMEDIATE");
    try {
      expect(place.json(["query-plans"])).toMatchObject({ status: 0, body: { count: 1 } });
      const write = place.run(["create-plan", "--title", "More"]);
      expect(write).toMatchObject({ status: 5, stdout: "" });
      expect(write.stderr).toContain(`aiknowsys: The store ${place.file} is locked by another process.\n`);
    } finally {
      other.close();
    }
  });

  it("that a newer version made is left alone", () => {
    const place = makePlace();
    withPlan(place);
    const db = new Database(place.file);
    db.exec(
      "INSERT INTO schema_migrations SELECT max(version) + 1, '999999_later', 'x', '2030-01-01T00:00:00.000Z' FROM schema_migrations;" +
        "UPDATE store_info SET value = '999999' WHERE name LIKE 'oldest%'",
    );
    db.close();
    const before = readFileSync(place.file);
    const { status, body } = place.json(["query-plans"]);
    expect({ status, code: body.error.code }).toEqual({ status: 5, code: "schema_mismatch" });
    expect(place.run(["doctor"])).toMatchObject({ status: 5, stdout: expect.stringContaining("newer") });
    expect(readFileSync(place.file).equals(before)).toBe(true);
  });

  it("that is damaged says so, and doctor says what can be saved and saves it", () => {
    const place = makePlace();
    withPlan(place);
    garbleTable(place.file, "store_info");
    expect(place.run(["query-plans"])).toMatchObject({
      status: 5,
      stdout: "",
      stderr: `aiknowsys: The store ${place.file} is damaged.\nRun \`aiknowsys doctor\`: it says what can be saved and how.\n`,
    });
    const { status, body } = place.json(["doctor"]);
    expect({ status, ok: body.ok }).toEqual({ status: 5, ok: false });
    expect(body.checks).toContainEqual({
      name: "plans",
      ok: true,
      detail: "1 rows can be read; none is missing.",
    });
    const { stdout } = place.run(["doctor", "--fix"]);
    const saved = /--db (\S+\.db)/.exec(stdout)?.[1] ?? "";
    const plans = place.json(["query-plans", "--db", saved]).body;
    expect(plans).toMatchObject({ count: 1, plans: [{ title: "Login" }] });
  });

  it("that is damaged all over says that nothing can be read, and what to do", () => {
    const place = makePlace();
    withPlan(place);
    const bytes = readFileSync(place.file);
    for (let at = 8_192; at < bytes.length; at++) bytes[at] = (at * 7_919) & 255;
    writeFileSync(place.file, bytes);
    const { status, stdout } = place.run(["doctor"]);
    expect(status).toBe(5);
    expect(stdout).toContain("Restore a backup, or move the file away and index your projects again.");
  });

  it("that is no store is refused, and not touched", () => {
    const place = makePlace();
    mkdirSync(join(place.home, "store"));
    writeFileSync(place.file, "Dear diary, this is a text and no database.".repeat(30));
    const { status, body } = place.json(["query-plans"]);
    expect(status).toBe(5);
    expect(body.error).toMatchObject({
      code: "corrupt",
      message: `${place.file} is not a store of AIKnowSys.`,
    });
    expect(readFileSync(place.file, "utf8")).toMatch(/^Dear diary/);
  });

  it("that is a folder is refused", () => {
    const place = makePlace();
    expect(place.json(["status", "--db", "."])).toMatchObject({
      status: 5,
      body: {
        error: { code: "unavailable", message: `${place.project} is a folder; a store is a single file.` },
      },
    });
  });
});
