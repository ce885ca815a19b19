import { afterAll, beforeAll, expect, it } from "vitest";
import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import { makeCommandLine } from "../helpers/command-line.ts";
import {
  adminClient,
  asLogin,
  describeWithServer,
  newDatabase,
  type TestDatabase,
} from "../helpers/postgres.ts";

describeWithServer("doctor on PostgreSQL", () => {
  let database: TestDatabase | undefined;
  const url = () => database?.url ?? "";
  beforeAll(async () => {
    database = await newDatabase();
    await (await PostgresStorage.open({ url: url(), migrate: true })).close();
  });
  afterAll(() => database?.drop());

  it("does not call a replica that is not read ok, and the store sound all the same", async () => {
    const { type } = makeCommandLine();
    const read = { POSTGRES_READ_URL: "postgres://nobody@127.0.0.1:9/nowhere" };
    const env = { STORAGE_TYPE: "postgres", POSTGRES_URL: url(), EMBEDDING_PROVIDER: "none", ...read };
    const { status, out } = await type(["doctor"], { env });
    expect(status).toBe(0);
    expect(out).toMatch(/^warning {2}integrity: The replica in POSTGRES_READ_URL is not read/m);
    expect(out).not.toContain("Everything is in order");
    const report = JSON.parse((await type(["doctor", "--json"], { env })).out);
    expect(report.ok).toBe(true);
    expect(report.checks).toContainEqual(
      expect.objectContaining({ name: "integrity", ok: false, severity: "warning" }),
    );
  });

  it("calls nothing fixed that a login for daily work may not touch", async () => {
    const { type } = makeCommandLine();
    const login = `daily_${database?.name ?? ""}`;
    const owner = await adminClient(url());
    await owner.query(`CREATE ROLE ${login} LOGIN; GRANT aiknowsys_app TO ${login}`);
    try {
      const env = {
        STORAGE_TYPE: "postgres",
        POSTGRES_URL: asLogin(url(), login),
        EMBEDDING_PROVIDER: "none",
      };
      const { status, out } = await type(["doctor", "--fix"], { env });
      expect({ status, fixed: /^fixed .*[Vv]ector.*$/m.exec(out)?.[0] }).toEqual({
        status: 0,
        fixed: undefined,
      });
      expect(out).toContain("Everything is in order.");
    } finally {
      await owner.query(`DROP ROLE ${login}`);
      await owner.end();
    }
  });
});
