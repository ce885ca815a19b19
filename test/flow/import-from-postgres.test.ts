import { expect, it } from "vitest";
import { lines, openedPeer } from "../helpers/peer-source.ts";
import { describeWithServer, newDatabase } from "../helpers/postgres.ts";

const ISSUES = lines(
  {
    id: "hb-1",
    title: "Mend the crane \u0000",
    status: "open",
    created_at: "2026-01-02T03:04:05Z",
    comments: [{ id: 1, text: "Grease." }],
  },
  {
    id: "hb-2",
    title: "Half a pair \ud83d",
    status: "closed",
    dependencies: [{ depends_on_id: "hb-1", type: "blocks" }],
  },
  { id: "hb-3", title: "Long", description: "harbour wall ".repeat(200_000) },
);

describeWithServer("import-from on PostgreSQL", () => {
  it("gives the rows, ids and report that SQLite gives, and writes them once", async () => {
    const database = await newDatabase();
    try {
      const { put, type, folder } = openedPeer("beads", "issues.jsonl");
      put("issues.jsonl", ISSUES);
      const project = "00000000-0000-8000-8000-000000000007";
      const settings = JSON.stringify({ projectId: project });
      put("../project/.aiknowsys/config.json", settings);
      const postgres = { env: { STORAGE_TYPE: "postgres", POSTGRES_URL: database.url } };
      expect((await type(["migrate"], postgres)).status).toBe(0);
      const json = async (args: readonly string[], options = {}) => {
        const { out } = await type([...args, "--json"], options);
        return JSON.parse(out);
      };
      const take = async (options = {}) => {
        const { tookMs, batch, ...report } = await json(["import-from", "beads", folder], options);
        expect(tookMs).toBeGreaterThanOrEqual(0);
        return report;
      };
      const report = await take(postgres);
      expect(report).toMatchObject({ ok: true, found: 4, done: 4 });
      expect(await take()).toEqual(report);
      for (const name of ["hb-1", "hb-2", "hb-3"]) {
        const here = await json(["show", name, "--detail", "full"]);
        const there = await json(["show", name, "--detail", "full"], postgres);
        // A record without times has its file's.
        expect(there).toEqual(here);
      }
      expect(await take(postgres)).toMatchObject({ done: 0, unchanged: 4 });
    } finally {
      await database.drop();
    }
  }, 120_000);
});
