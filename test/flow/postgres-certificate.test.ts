import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import { makeCommandLine } from "../helpers/command-line.ts";
import { describeWithServer } from "../helpers/postgres.ts";
import { type OwnServer, speakTls, startOwnServer } from "../helpers/postgres-own-server.ts";
import { selfSigned } from "../helpers/self-signed.ts";
import { tempFolder } from "../helpers/store.ts";

/** What some providers' certificates carry, wherever the server stands; here it stands elsewhere, too. */
const NAME = "inside.example";

describeWithServer("a server whose self-signed certificate carries another name than its host", () => {
  const pair = selfSigned(NAME);
  let server: OwnServer;

  beforeAll(async () => {
    server = await startOwnServer({});
    await speakTls(server, pair);
    await (await PostgresStorage.open({ url: server.url, migrate: true })).close();
  }, 120_000);
  afterAll(() => server.remove());

  /** A command over this host name, with these further options in the address. */
  async function queried(host: string, options: string, trusted = [pair.certificate]) {
    const { type, env } = makeCommandLine();
    const url = new URL(`${server.url}?${options}`);
    url.hostname = host;
    const file = join(tempFolder(), "root.pem");
    writeFileSync(file, trusted.join(""));
    const settings = { STORAGE_TYPE: "postgres", POSTGRES_URL: String(url), POSTGRES_CA_FILE: file };
    return type(["query-plans"], { env: { ...env, ...settings } });
  }

  it.each(["localhost", "127.0.0.1"])(
    "is trusted at %s when the address says which name that is",
    async (host) => {
      const { status, err } = await queried(host, `sslmode=require&sslservername=${NAME}`);
      expect(status, err).toBe(0);
    },
  );

  it.each([
    ["localhost", "sslmode=require"],
    ["localhost", "sslmode=require&sslservername=other.example"],
    ["127.0.0.1", "sslmode=verify-full"],
  ])("is refused at %s with %s", async (host, options) => {
    const { status, err } = await queried(host, options);
    expect(status).toBe(5);
    expect(err).toContain("is for another name.");
  });

  it("is refused where another root is trusted, whatever name the address says", async () => {
    const other = selfSigned(NAME).certificate;
    const { status, err } = await queried("localhost", `sslmode=require&sslservername=${NAME}`, [other]);
    expect(status).toBe(5);
    expect(err).toContain("is not trusted.");
  });
});
