import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it, onTestFinished } from "vitest";
import { makePlace, PROGRAM } from "../binary/cli-program.ts";
import { makeCommandLine } from "../helpers/command-line.ts";
import { adminClient, describeWithServer, newDatabase, type TestDatabase } from "../helpers/postgres.ts";
import { lengths, type Reply, startEmbeddingServer } from "../unit/embedding/embedding-server.ts";

const PASSAGES = 300;

describeWithServer("vectors that a migration makes anew", () => {
  let database: TestDatabase | undefined;
  beforeEach(async () => {
    database = await newDatabase();
  });
  afterEach(() => database?.drop());
  const url = () => database?.url ?? "";

  /** A store of so many events, each a passage, and the target's schema. */
  async function filled(type: ReturnType<typeof makeCommandLine>["type"], events: number): Promise<void> {
    for (let n = 0; n < events; n++)
      await type([
        "record-event",
        "--type",
        "note",
        "--data",
        JSON.stringify({ text: `tide ${n} of ${n % 9}` }),
      ]);
    await type(["migrate", "--storage", "postgres", "--connection", url()]);
  }

  async function service(reply: Reply) {
    const server = await startEmbeddingServer(reply);
    onTestFinished(() => server.close());
    const env = {
      ...{ EMBEDDING_PROVIDER: "openai", EMBEDDING_BASE_URL: server.url, EMBEDDING_MODEL: "mine" },
      EMBEDDING_DIMENSIONS: "2",
    };
    return { env, server };
  }

  const move = () => ["migrate-to-postgres", "--connection", url(), "--regenerate-embeddings"];

  it("are the same as those that indexing makes, whoever of several workers makes them", async () => {
    const { type, put } = makeCommandLine();
    const sections = Array.from(
      { length: 12 },
      (_, n) => `## Pier ${n}\n\n${`Its wall is ${n} feet high and stands in the tide. `.repeat(12)}\n`,
    );
    put("project/docs/PLAN_pier.md", `# Build piers\n\n${sections.join("\n")}`);
    const env = { EMBEDDING_PROVIDER: "local" };
    const indexed = JSON.parse((await type(["index", "--json"], { env })).out);
    expect(indexed).toMatchObject({ owed: 0 });
    await type(["migrate", "--storage", "postgres", "--connection", url()]);
    const { status, out } = await type([...move(), "--workers", "2", "--json"], { env });
    const { vectors, kinds } = JSON.parse(out);
    expect({ status, vectors, of: kinds.vector }).toMatchObject({
      ...{ status: 0, vectors: { made: indexed.embedded, owed: 0 }, of: undefined },
    });
    expect(indexed.embedded).toBeGreaterThan(1);
    const verified = await type(["verify", "--against", url(), "--json"], { env });
    const { equal, perKind } = JSON.parse(verified.out);
    expect({ equal, vector: perKind.vector }).toMatchObject({
      ...{ equal: true, vector: { here: vectors.made, equal: vectors.made } },
    });
  }, 120_000);

  it("go on where they were when the process was killed", async () => {
    const { type, env: base } = makeCommandLine();
    await filled(type, PASSAGES);
    let isSlow = true;
    const { env, server } = await service((response, seen, before) =>
      setTimeout(() => lengths(response, seen, before), isSlow ? 150 : 0),
    );
    const { project } = makePlace();
    const child = spawn(process.execPath, [PROGRAM, ...move(), "--workers", "2"], {
      ...{ cwd: project, env: { ...base, ...env }, stdio: "ignore" },
    });
    const there = await vectorsIn(url());
    while ((await there()) < 64 && child.exitCode === null) await sleep(5);
    child.kill("SIGKILL");
    await once(child, "exit");
    isSlow = false;
    const kept = await there();
    expect(kept).toBeLessThan(PASSAGES);
    const asked = () => server.seen.reduce((sum, { body }) => sum + body.input.length, 0);
    const before = asked();
    const { status, out } = await type([...move(), "--resume", "--json"], { env });
    expect({ status, ...JSON.parse(out) }).toMatchObject({
      ...{ status: 0, done: 0, vectors: { made: PASSAGES - kept, owed: 0 } },
    });
    expect(asked() - before).toBe(PASSAGES - kept);
    expect(await there()).toBe(PASSAGES);
  }, 120_000);

  it("are owed, and the status is 6, where the model gives up", async () => {
    const { type } = makeCommandLine();
    await filled(type, 3);
    const { env } = await service((response) => void response.writeHead(400).end("{}"));
    const { status, out, err } = await type(move(), { env });
    expect(status).toBe(6);
    expect(out).toContain("Made 0 vectors anew");
    expect(err).toContain("3 passages still wait for theirs: run the same again.");
  });

  it.each([
    [["--regenerate-embeddings"], "There is no model to make vectors with."],
    [["--workers", "2"], "workers are for making vectors anew, which was not asked for."],
    [["--regenerate-embeddings", "--workers", "0"], 'workers is "0", which is no number from 1 to 64.'],
  ])("are refused with %j where that cannot be done", async (options, sentence) => {
    const { type } = makeCommandLine();
    await type(["create-plan", "--title", "Pier"]);
    await type(["migrate", "--storage", "postgres", "--connection", url()]);
    const { status, err } = await type(["migrate-to-postgres", "--connection", url(), ...options]);
    expect({ status, err }).toMatchObject({ status: 2, err: expect.stringContaining(sentence) });
  });
});

async function vectorsIn(url: string): Promise<() => Promise<number>> {
  const client = await adminClient(url);
  client.on("error", () => undefined);
  onTestFinished(() => client.end().catch(() => undefined));
  return async () => Number((await client.query("SELECT count(*) FROM aiknowsys.vectors")).rows[0]?.count);
}
