import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import { makeCommandLine } from "../helpers/command-line.ts";
import {
  asExport,
  event,
  HASH,
  type Line,
  of,
  PROJECT,
  passage,
  plan,
  project,
  space,
  uuid,
  vector,
} from "../helpers/export-lines.ts";
import { describeWithServer, newDatabase, type TestDatabase } from "../helpers/postgres.ts";

const file = (path: string): Line => ({
  ...{ record: "file", project: PROJECT, root: "/r", path, kind: "plan", id: uuid(1), size: 1 },
  ...{ modifiedMs: 1, fileHash: HASH, redact: false },
});

/** What becomes of it: it comes as it is, comes otherwise and is named, or does not come and is named. */
type Fate = "comes" | RegExp | { readonly warned: RegExp };

/** More words than a tsvector can hold, which is a megabyte. */
const MANY_WORDS = Array.from({ length: 150_000 }, (_, n) => `word${n}`).join(" ");

const SPELLINGS = [
  ...["2026-01-01", "2026-01-01T00:00", "2026-01-01T00:00:00", "2026-01-01T00:00:00Z", "2026-01-01 00:00:00"],
  ...["2026-01-01T00:00:00.0Z", "2026-01-01T00:00:00.000+01:00", "2026-01-01T00:00:00.000000Z", "20260101"],
  ...["01/02/2026", "1.2.2026", "1 January 2026", "Jan 1, 2026", "Thursday", "yesterday", "1767225600"],
  ...["2026-W01-4", "2026-13-01T00:00:00.000Z", "2026-02-30T00:00:00.000Z", "0000-00-00T00:00:00.000Z", ""],
];

type Row = readonly [what: string, lines: readonly Line[], sqlite: Fate, postgres?: Fate];

/** Lines, and what each engine makes of the last of them; all others come as they are. */
const ROWS: readonly Row[] = [
  ["U+0000 in a text", [event(1, { summary: "a\u0000b" })], { warned: /U\+2400/ }],
  ["U+0000 in a name inside data", [event(1, { data: { "a\u0000": 1 } })], { warned: /U\+2400/ }],
  ["half a surrogate pair", [event(1, { tags: ["x\ud800"] })], { warned: /U\+FFFD/ }],
  ["a passage of more than a tsvector", [event(1), passage(1, MANY_WORDS)], "comes", /cannot be held/],
  ["the same among others", [event(1), passage(1), passage(1, MANY_WORDS, 1)], "comes", /cannot be held/],
  ["a row of three megabytes", [plan(1, "PLAN_long", { content: "tide ".repeat(600_000) })], "comes"],
  ["a vector with NaN", [event(1), passage(1), vector(1, 1, Number.NaN)], /not finite/],
  ["a vector with an infinite number", [event(1), passage(1), vector(1, 1, -Infinity)], /not finite/],
  ["a vector that is too short", [event(1), passage(1), vector(1, 1)], /1 dimensions, not 2/],
  ["a vector that is too long", [event(1), passage(1), vector(1, 1, 2, 3)], /3 dimensions, not 2/],
  ["a vector without a direction", [event(1), passage(1), vector(1, 0, 0)], /zero/],
  ["a vector of another text", [event(1), passage(1), { ...vector(1, 1, 2), textHash: "o" }], /another text/],
  ["a vector of no passage", [event(1), vector(1, 1, 2)], /passage that is not there/],
  ["a passage of no row", [passage(9)], /row that is not there/],
  ["a passage of another version", [event(1), { ...passage(1), ownerHash: "other" }], /another version/],
  ["an event whose text was edited", [event(1, { contentHash: "d".repeat(64) })], /the line was edited/],
  ["a revision of no row", [{ record: "revision", ...of(9), revision: 1, body: "{}" }], /not there/],
  ["a row of no project", [event(1, { project: uuid(9) })], /project that is not there/],
  ["an event that supersedes nothing", [event(1, { supersedes: uuid(9) })], "comes"],
  ["an event of no plan", [event(1, { plan: "PLAN_gone", session: "nowhere" })], "comes"],
  ["a plan with a link to nothing", [plan(1, "a", { links: [{ rel: "blocks", target: "gone" }] })], "comes"],
  ...SPELLINGS.map((text) => [`the date "${text}"`, [event(1, { occurredAt: text })], /occurredAt/] as const),
  ["an id in capitals", [event(1, { id: uuid(1).toUpperCase() })], /id/],
  ["a slug that differs by case", [plan(1, "PLAN_pier"), plan(2, "PLAN_PIER")], "comes"],
  ["a slug in another normal form", [plan(1, "PLAN_\u00e9"), plan(2, "PLAN_e\u0301")], "comes"],
  ["a path that differs by case", [file("Docs/a.md"), file("docs/a.md")], "comes"],
  ["a path in another normal form", [file("\u00e9.md"), file("e\u0301.md")], "comes"],
  ["a slug that is taken", [plan(1, "PLAN_pier"), plan(2, "PLAN_pier")], { warned: /PLAN_pier~2/ }],
];

function hardRows(engine: "sqlite" | "postgres", argumentsOf: () => readonly string[]) {
  const rows = ROWS.map(([what, lines, onSqlite, onPostgres = onSqlite], nth) => {
    return { what, lines, nth, fate: engine === "sqlite" ? onSqlite : onPostgres };
  });
  it.each(rows)("has a rule for $what", async ({ what, lines, nth, fate }) => {
    const { type, put } = makeCommandLine();
    const place = argumentsOf();
    const hasVectors = lines.some(({ record }) => record === "vector");
    // In a project of its own, so that a database can serve all of them.
    const own = `${PROJECT.slice(0, -3)}${100 + nth}`;
    const all = [project(), ...(hasVectors ? [space] : []), ...lines];
    const text = JSON.stringify(all)
      .replaceAll(PROJECT, own)
      .replaceAll("prj_aaaaaaaa", `prj_${own.slice(-3)}`);
    put("project/a.jsonl", asExport(JSON.parse(text)));
    const load = async (...more: readonly string[]) => {
      const { status, out } = await type(["import-db", "--input", "a.jsonl", ...place, "--json", ...more]);
      return { status, ...JSON.parse(out) };
    };
    const dry = await load("--dry-run");
    const report = await load();
    const { failed } = isForeseen(what, fate) ? report : { failed: [] };
    expect(dry).toMatchObject({ failed, status: failed.length > 0 ? 6 : 0 });
    expectFate(report, fate);
    // Whatever else the file holds, comes.
    const lost = fate instanceof RegExp ? 1 : 0;
    expect(report.done + report.unchanged).toBe(all.length - lost);
    expect(report.status).toBe(report.failed.length > 0 ? 6 : 0);
    const again = await load();
    expect({ done: again.done, failed: again.failed.length }).toEqual({
      done: 0,
      failed: report.failed.length,
    });
  });
}

type Notes = readonly { readonly reason: string }[];

function expectFate(
  report: { readonly [List in "failed" | "skipped" | "warnings"]: Notes },
  fate: Fate,
): void {
  const isNamed = fate instanceof RegExp;
  const list = isNamed ? [...report.failed, ...report.skipped] : report.warnings;
  const reason = isNamed ? fate : fate === "comes" ? undefined : fate.warned;
  const reasons = list.map((note) => note.reason).filter((text) => !text.startsWith("has no counts"));
  expect(reasons).toEqual(reason === undefined ? [] : [expect.stringMatching(reason)]);
}

/** A dry run does not know which rows are still to come, nor what only the database itself refuses. */
function isForeseen(what: string, fate: Fate): boolean {
  return !/ of no (passage|row)$/.test(what) && !(fate instanceof RegExp && fate.test("cannot be held"));
}

describe("what is hard to hold, on SQLite,", () => {
  hardRows("sqlite", () => []);
});

describeWithServer("what is hard to hold, on PostgreSQL,", () => {
  let database: TestDatabase | undefined;
  const place = () => ["--storage", "postgres", "--connection", database?.url ?? ""];
  beforeAll(async () => {
    database = await newDatabase();
    await (await PostgresStorage.open({ url: database.url, migrate: true })).close();
  });
  afterAll(() => database?.drop());

  hardRows("postgres", place);
});
