import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import {
  accessOf,
  compatibilityAfter,
  loadMigrations,
  type Migration,
  pendingMigrations,
} from "../../../lib/storage/migrate.ts";
import { tempFolder } from "../../helpers/store.ts";

function migration(version: number, values: Partial<Migration> = {}): Migration {
  const name = `${String(version).padStart(6, "0")}_step`;
  return { version, name, checksum: `sum ${version}`, sql: "", breaks: "nothing", ...values };
}

const three = [migration(1), migration(2), migration(3)];

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = tempFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

it("loads the migrations of this package without gaps", () => {
  const found = loadMigrations("sqlite");
  expect(found.length).toBeGreaterThan(0);
  expect(found.map(({ version }) => version)).toEqual(found.map((_, i) => i + 1));
  expect(found[0]).toMatchObject({ name: "000001_rows", breaks: "all" });
});

it("reads numbered files in order, other files not at all, and line ends alike", () => {
  const unix = folderWith({
    "000002_b.sql": "-- breaking writes: why\nSELECT 2;\n",
    "000001_a.sql": "-- breaking\nSELECT 1;\n",
    "000003_c.sql": "-- breakingly harmless\n",
    "snapshot.sql": "x",
  });
  const found = loadMigrations("sqlite", unix);
  expect(found.map(({ name, breaks }) => [name, breaks])).toEqual([
    ["000001_a", "all"],
    ["000002_b", "writers"],
    ["000003_c", "nothing"],
  ]);
  const windows = folderWith({ "000001_a.sql": "-- breaking\r\nSELECT 1;\r\n" });
  expect(loadMigrations("sqlite", windows)[0]?.checksum).toBe(found[0]?.checksum);
});

it.each([
  ["a gap", { "000001_a.sql": "", "000003_c.sql": "" }],
  ["a number twice", { "000001_a.sql": "", "000001_b.sql": "" }],
  ["a wrong name", { "1_a.sql": "" }],
])("refuses a folder with %s", (_, files) => {
  expect(() => loadMigrations("sqlite", folderWith(files))).toThrow(/installation/);
});

it("plans what is missing, up to the wished version", () => {
  expect(pendingMigrations(three, three.slice(0, 1))).toEqual(three.slice(1));
  expect(pendingMigrations(three, three.slice(0, 1), 2)).toEqual(three.slice(1, 2));
  expect(pendingMigrations(three, three)).toEqual([]);
  expect(pendingMigrations(three, [...three, migration(4)])).toEqual([]);
});

it.each([0, 1, 4, 2.5, Number.NaN])("refuses to go from version 2 of 3 to version %s", (to) => {
  const attempt = () => pendingMigrations(three, three.slice(0, 2), to);
  expect(attempt).toThrow(expect.objectContaining({ code: "invalid_input", field: "to" }));
});

it("refuses a store whose migrations were edited, renamed or left out", () => {
  const mismatch = expect.objectContaining({ code: "schema_mismatch" });
  expect(() => pendingMigrations(three, [migration(1, { checksum: "other" })])).toThrow(mismatch);
  expect(() => pendingMigrations(three, [migration(1, { name: "000001_other" })])).toThrow(mismatch);
  expect(() => pendingMigrations(three, [migration(2)])).toThrow(mismatch);
});

it("takes versions beyond its own for a newer program's, also where some of them are missing", () => {
  expect(() => pendingMigrations(three, [...three, migration(99)])).toThrow(
    expect.objectContaining({
      message: "The store has schema version 99; this program knows versions up to 3.",
      hint: expect.stringContaining("Update"),
    }),
  );
  expect(() => pendingMigrations(three, [migration(1), migration(99)])).toThrow("Migration 2 of the store");
});

it("lets an older program go on beside a newer one as far as the store allows", () => {
  const newer = [...three, migration(4)];
  expect(accessOf(three, newer, { oldestReader: 1, oldestWriter: 3 })).toBe("write");
  expect(accessOf(three, newer, { oldestReader: 3, oldestWriter: 4 })).toBe("read");
  expect(() => accessOf(three, newer, { oldestReader: 4, oldestWriter: 4 })).toThrow(
    expect.objectContaining({ code: "schema_mismatch", hint: expect.stringContaining("Update") }),
  );
  expect(accessOf(three, three, { oldestReader: 1, oldestWriter: 1 })).toBe("write");
});

it("moves the oldest reader and writer forward with what breaks them", () => {
  const start = { oldestReader: 1, oldestWriter: 1 };
  expect(compatibilityAfter(start, [migration(2)])).toEqual(start);
  expect(compatibilityAfter(start, [migration(2, { breaks: "writers" })])).toEqual({
    oldestReader: 1,
    oldestWriter: 2,
  });
  expect(
    compatibilityAfter(start, [migration(2, { breaks: "writers" }), migration(3, { breaks: "all" })]),
  ).toEqual({
    oldestReader: 3,
    oldestWriter: 3,
  });
});
