import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { PostgresStorage } from "../../../lib/storage/postgres/adapter.ts";
import { adminClient, describeWithServer, newDatabase } from "../../helpers/postgres.ts";
import { type OwnServer, startOwnServer } from "../../helpers/postgres-own-server.ts";
import { openWire } from "../../helpers/postgres-wire.ts";
import { context, eventDraft, newProject, projectDraft, write } from "../../helpers/store.ts";

/** The one statement of each reading that these tests do. */
const CALLERS_READ = /\bFROM (?:projects p|events)\b/;

async function ask(url: string, sql: string): Promise<unknown> {
  const client = await adminClient(url);
  try {
    return Object.values((await client.query<Record<string, unknown>>(sql)).rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

describeWithServer("a store with a read replica", () => {
  let primary: OwnServer;
  let replica: OwnServer;
  beforeAll(async () => {
    primary = await startOwnServer({ durable: true });
    replica = await startOwnServer({ durable: true, replicaOf: primary.dir });
    await (await PostgresStorage.open({ url: primary.url, migrate: true })).close();
    await caughtUp();
  }, 120_000);
  afterAll(async () => {
    await replica.remove();
    await primary.remove();
  });

  async function caughtUp(): Promise<void> {
    const written = await ask(primary.url, "SELECT pg_current_wal_lsn()::text");
    const there = `SELECT pg_last_wal_replay_lsn() >= '${written}'`;
    while ((await ask(replica.url, there)) !== true) await sleep(20);
  }

  /** A store whose statements to either server are counted on their way. */
  async function opened(readUrl = replica.url) {
    const counts = { primary: 0, replica: 0 };
    let writesToReplica = 0;
    const wires = { primary: await openWire(primary.url), replica: await openWire(readUrl) };
    for (const side of ["primary", "replica"] as const) {
      onTestFinished(() => wires[side].close());
      wires[side].decide((sent) => {
        // Not transactions: those in which the replica is tried out, or found to be behind, answer no caller.
        if (CALLERS_READ.test(sent.toString("latin1"))) counts[side] += 1;
        if (side === "replica" && sent.includes("READ WRITE")) writesToReplica += 1;
        return "pass";
      });
    }
    const storage = await PostgresStorage.open({ url: wires.primary.url, readUrl: wires.replica.url });
    onTestFinished(() => storage.close());
    const readings = async (times: number, read: () => Promise<unknown>) => {
      const before = { ...counts };
      for (let i = 0; i < times; i++) await read();
      return { primary: counts.primary - before.primary, replica: counts.replica - before.replica };
    };
    /** Reads until the replica answers: it is tried beside the first reads, and rests after failures. */
    const replicaAnswers = () =>
      expect
        .poll(() => readings(1, () => storage.projects.list()), { timeout: 20_000, interval: 100 })
        .toEqual({ primary: 0, replica: 1 });
    return { storage, wires, readings, replicaAnswers, writesToReplica: () => writesToReplica };
  }

  it("reads there, and writes to the primary alone", async () => {
    const { storage, readings, replicaAnswers, writesToReplica } = await opened();
    await newProject(storage);
    await replicaAnswers();
    expect(await readings(20, () => storage.projects.list())).toEqual({ primary: 0, replica: 20 });
    await newProject(storage);
    expect(writesToReplica()).toBe(0);
  });

  it("finds everything it has written at once, however far the replica is behind", async () => {
    const { storage, replicaAnswers } = await opened();
    await replicaAnswers();
    await ask(replica.url, "SELECT pg_wal_replay_pause()::text");
    try {
      for (let i = 0; i < 5; i++) {
        const draft = projectDraft();
        await storage.projects.register(draft);
        expect(await storage.projects.findById(draft.id)).toMatchObject({ id: draft.id });
      }
    } finally {
      await ask(replica.url, "SELECT pg_wal_replay_resume()::text");
    }
    await caughtUp();
    await replicaAnswers();
  }, 60_000);

  it("finds its writes while they are being replayed, with many writers and readers at once", async () => {
    const { storage, readings } = await opened();
    const project = await newProject(storage);
    const lost: string[] = [];
    const caller = async () => {
      for (let i = 0; i < 25; i++) {
        const draft = eventDraft(project, { summary: "Tide" });
        await storage.transaction(context(project), [write(draft)]);
        if ((await storage.events.byIds(project, [draft.row.id])).length === 0) lost.push(draft.row.id);
      }
    };
    const { replica: answered } = await readings(1, () => Promise.all(Array.from({ length: 6 }, caller)));
    expect(lost).toEqual([]);
    expect(answered).toBeGreaterThan(0);
  }, 60_000);

  it("does not show less than it has shown, when it turns from the primary to the replica", async () => {
    const { storage, replicaAnswers } = await opened();
    await replicaAnswers();
    const other = await PostgresStorage.open({ url: primary.url });
    onTestFinished(() => other.close());
    await ask(replica.url, "SELECT pg_wal_replay_pause()::text");
    try {
      // Its own write makes it read from the primary, where it sees the other's.
      const theirs = await newProject(other);
      await newProject(storage);
      expect(await storage.projects.findById(theirs)).toBeDefined();
      // Longer than the replica is left alone for being behind.
      await sleep(400);
      expect(await storage.projects.findById(theirs)).toBeDefined();
    } finally {
      await ask(replica.url, "SELECT pg_wal_replay_resume()::text");
    }
  }, 60_000);

  it("answers from the primary when the replica is cut off, and goes back to it later", async () => {
    const { storage, wires, readings, replicaAnswers } = await opened();
    await replicaAnswers();
    wires.replica.decide(() => "cut");
    expect(await readings(5, () => storage.projects.list())).toMatchObject({ primary: 5 });
    wires.replica.decide(() => "pass");
    expect(await storage.upkeep.check()).toEqual([]);
  }, 60_000);

  it("survives the end of the replica, says so, and goes back to it when it is there again", async () => {
    const { storage, readings, replicaAnswers } = await opened();
    await replicaAnswers();
    await replica.end("SIGQUIT");
    expect(await readings(5, () => storage.projects.list())).toMatchObject({ primary: 5 });
    expect(await storage.upkeep.check()).toEqual([
      {
        severity: "warning",
        what: expect.stringContaining("The replica in POSTGRES_READ_URL is not read"),
        advice: expect.stringContaining("primary answers"),
      },
    ]);
    await replica.startAgain();
    await replicaAnswers();
  }, 60_000);

  describe("that is none", () => {
    it("is not read where it is one, but of another store", async () => {
      await ask(primary.url, "CREATE DATABASE another");
      const place = (url: string) => Object.assign(new URL(url), { pathname: "/another" }).href;
      await (await PostgresStorage.open({ url: place(primary.url), migrate: true })).close();
      await caughtUp();
      const { storage, readings } = await opened(place(replica.url));
      await newProject(storage);
      expect(await storage.upkeep.check()).toMatchObject([
        { what: expect.stringMatching(/is not read: The database \S+ is no replica of this store\.$/) },
      ]);
      expect(await readings(5, () => storage.projects.list())).toEqual({ primary: 5, replica: 0 });
      expect((await storage.projects.list()).length).toBeGreaterThan(0);
    });

    it("is not read where it follows nothing", async () => {
      const { url, drop } = await newDatabase();
      onTestFinished(drop);
      await (await PostgresStorage.open({ url, migrate: true })).close();
      const { storage, readings } = await opened(url);
      await newProject(storage);
      const [finding] = await storage.upkeep.check();
      expect(finding?.what).toContain("is not read: It does not follow the primary, or is seconds behind.");
      expect(await readings(5, () => storage.projects.list())).toEqual({ primary: 5, replica: 0 });
    });

    it("reads from the primary alone when both addresses lead there", async () => {
      const { storage, readings } = await opened(primary.url);
      await newProject(storage);
      expect(await readings(5, () => storage.projects.list())).toEqual({ primary: 5, replica: 0 });
    });
  });
});
