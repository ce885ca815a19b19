import { expect, it, onTestFinished } from "vitest";
import { PostgresStorage } from "../../../lib/storage/postgres/adapter.ts";
import { parseAddress } from "../../../lib/storage/postgres/address.ts";
import type { Connections, Lent } from "../../../lib/storage/postgres/driver.ts";
import { openPool } from "../../../lib/storage/postgres/pool.ts";
import { adminClient, describeWithServer, newDatabase } from "../../helpers/postgres.ts";
import { chunkDraft, context, newProject, planDraft, write } from "../../helpers/store.ts";

async function opened(options: { readonly statementTimeoutMs?: number } = {}) {
  const { url, drop } = await newDatabase();
  onTestFinished(drop);
  const statements: string[] = [];
  const connections = openPool({ address: parseAddress(url, undefined) });
  const listening: Connections = {
    ...connections,
    lend: async (): Promise<Lent> => {
      const lent = await connections.lend();
      const query: Lent["query"] = (sql, values) => {
        statements.push(sql);
        return lent.query(sql, values);
      };
      return { ...lent, query };
    },
  };
  const storage = await PostgresStorage.over(listening, { migrate: true, ...options });
  onTestFinished(() => storage.close());
  return { url, storage, statements, project: await newProject(storage) };
}

describeWithServer("writes to PostgreSQL", () => {
  it("give each of many that wish for one slug at once a slug of its own", async () => {
    const { storage, project } = await opened();
    const create = () =>
      storage.transaction(context(project), [write(planDraft(project), { slugs: ["pier"] })]);
    const results = (await Promise.all(Array.from({ length: 10 }, create))).flat();
    const slugs = results.map(({ slug }) => slug).sort();
    expect(slugs).toEqual(["pier", ...Array.from({ length: 9 }, (_, i) => `pier~${i + 2}`)].sort());
  });

  it("send a document of many passages and terms in statements that each take a short while", async () => {
    // How many statements is counted: how long each takes on a busy machine is not.
    const { storage, project, statements } = await opened({ statementTimeoutMs: 60_000 });
    const chunks = Array.from({ length: 600 }, (_, ordinal) => {
      const terms = Array.from({ length: 20 }, (_, i) => `t${ordinal * 20 + i}`).join(" ");
      return chunkDraft(terms, { ordinal });
    });
    await storage.transaction(context(project), [write(planDraft(project), { chunks })]);
    const sent = (table: string) =>
      statements.filter((sql) => sql.startsWith(`INSERT INTO ${table} `)).length;
    expect(sent("chunks")).toBe(3);
    expect(sent("term_frequencies")).toBe(3);
    expect(await storage.upkeep.check()).toEqual([]);
  });

  it("tell waiting for others from taking too long", async () => {
    const { url, storage, project } = await opened({ statementTimeoutMs: 500 });
    const admin = await adminClient(url);
    onTestFinished(() => admin.end());
    const create = () => storage.transaction(context(project), [write(planDraft(project))]);
    await admin.query("BEGIN; LOCK TABLE aiknowsys.plans");
    await expect(create()).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/is too busy with the same rows\.$/),
    });
    await admin.query("ROLLBACK");
    await admin.query(
      `CREATE FUNCTION aiknowsys.slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(2); RETURN NEW; END';
       CREATE TRIGGER slow BEFORE INSERT ON aiknowsys.plans FOR EACH ROW EXECUTE FUNCTION aiknowsys.slow()`,
    );
    await expect(create()).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/took too long and was stopped\.$/),
      hint: expect.stringMatching(/^Nothing of this write was kept\./),
    });
  });

  it("leave checks the time they need, whatever the limit for questions", async () => {
    const { url, storage } = await opened({ statementTimeoutMs: 300 });
    const admin = await adminClient(url);
    onTestFinished(() => admin.end());
    await admin.query("BEGIN; LOCK TABLE aiknowsys.chunks");
    const check = storage.upkeep.check();
    await new Promise((resolve) => {
      setTimeout(resolve, 800);
    });
    await admin.query("ROLLBACK");
    expect(await check).toEqual([]);
  });

  it("tell rights that were taken away from rows that are not one's own", async () => {
    const { url, storage } = await opened();
    const admin = await adminClient(url);
    onTestFinished(() => admin.end());
    await admin.query("REVOKE SELECT ON aiknowsys.plans FROM aiknowsys_app");
    await expect(storage.upkeep.figures()).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/^Rights that AIKnowSys gives its roles in .* were taken away\.$/),
    });
  });
});
