import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { makeCommandLine } from "../helpers/command-line.ts";
import { traceOf } from "../helpers/peer-database.ts";

// A database that AIKnowSys 0.10 really filled, beside the corpora; it is not part of this repository.
const corpora = process.env.TEST_CORPORA ?? "";
const file = join(corpora, "../sqlite/aiknowsys/knowledge.db");
const isAtHand = corpora !== "" && existsSync(file);

describe.runIf(isAtHand)("the real database of AIKnowSys 0.10", () => {
  it("arrives whole, with titles recovered, and is not written a second time", async () => {
    const cli = makeCommandLine();
    const json = async (...args: readonly string[]) => {
      const { status, out } = await cli.type([...args, "--json"]);
      return { status, ...JSON.parse(out) };
    };
    const before = traceOf(dirname(file));
    const db = new Database(file, { readonly: true });
    const rows = (table: string) =>
      db.prepare<[], Record<string, string | null>>(`SELECT * FROM ${table}`).all();
    const [plans, sessions] = [rows("plans"), rows("sessions")];
    db.close();
    const report = await json("import-from", "aiknowsys-0.10", file);
    expect(report).toMatchObject({ status: 0, ok: true, skipped: [], failed: [] });
    expect(report.found).toBe(plans.length + sessions.length);
    expect(report.done).toBe(report.found);
    const kept = [
      ...(await json("query-plans", "--limit", "1000")).plans,
      ...(await json("query-patterns", "--limit", "1000")).patterns,
      ...(await json("query-sessions", "--limit", "1000")).sessions,
    ];
    expect(kept).toHaveLength(report.found);
    expect(kept.filter(({ title }) => /^(?:untitled.*|learned)$/i.test(title))).toEqual([]);
    const contents = await Promise.all(
      kept.map(async ({ ref }) =>
        String((await json("show", ref, "--detail", "full", "--max-tokens", "100000")).content),
      ),
    );
    for (const { id, content } of [...plans, ...sessions])
      expect(
        contents.some((text) => text.includes(`/${id}\n`) && text.includes(String(content).slice(0, 500))),
        String(id),
      ).toBe(true);
    expect(await json("import-from", "aiknowsys-0.10", file)).toMatchObject({
      status: 0,
      done: 0,
      unchanged: report.found,
    });
    expect(traceOf(dirname(file))).toEqual(before);
  }, 120_000);
});

describe.skipIf(isAtHand)("the real database of AIKnowSys 0.10", () => {
  it.skip("is not at hand: set TEST_CORPORA to a folder of unpacked corpora", () => undefined);
});
