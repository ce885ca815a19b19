import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DoctorReport } from "../../lib/knowledge/doctor.ts";
import type { StorageAdapter } from "../../lib/storage/adapter.ts";
import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import { SqliteStorage } from "../../lib/storage/sqlite/adapter.ts";
import { openConnection } from "../../lib/storage/sqlite/connection.ts";
import { makeCommandLine } from "../helpers/command-line.ts";
import { adminClient, describeWithServer, newDatabase, type TestDatabase } from "../helpers/postgres.ts";
import {
  changed,
  context,
  eventDraft,
  newProject,
  planDraft,
  after as second,
  write,
} from "../helpers/store.ts";

/** A store with two plans, one of them at its second revision, and an event; and how to change it from outside. */
interface Written {
  readonly doctor: () => Promise<{ readonly status: number; readonly report: DoctorReport }>;
  readonly tamper: (sql: string) => Promise<unknown>;
}

async function writeSome(storage: StorageAdapter): Promise<void> {
  const project = await newProject(storage);
  const link = { rel: "needs", target: "the-second" };
  const first = planDraft(project, {
    content: `# Long enough to be packed\n\n${"One step at a time.\n".repeat(99)}`,
    links: [link],
  });
  const other = planDraft(project, { title: "The second", content: "half a pair: \ud800, and none: \0\n" });
  await storage.transaction(context(project), [write(first), write(other), write(eventDraft(project))]);
  const later = changed(first, {
    title: "Another title",
    updatedAt: second(9),
    links: [{ ...link, resolved: "pln_k3v9t2qa" }],
  });
  await storage.transaction(context(project), [write(later, { operation: "update", expectedRevision: 1 })]);
  const many = Array.from({ length: 12 }, () => write(eventDraft(project)));
  await storage.transaction(context(project), many);
  await storage.changes.seal(project, second(10));
}

const ALTERED = /^The plan \S+ in project \S+ is not what its newest revision \(2\) says: /;
/** What somebody with the database's password could do, and what doctor says of it. */
const DEEDS: readonly (readonly [what: string, sql: string, says: RegExp])[] = [
  ["alters a row", "UPDATE plans SET title = 'HACKED', content = 'evil' WHERE revision = 2", ALTERED],
  ["alters a title alone", "UPDATE plans SET title = 'HACKED' WHERE revision = 2", /says: title\.$/],
  [
    "alters a time",
    "UPDATE plans SET created_at = '2020-01-01T00:00:00.000Z' WHERE revision = 2",
    /says: createdAt\.$/,
  ],
  ["removes links", "DELETE FROM plan_links", /says: links\.$/],
  [
    "alters an event",
    "UPDATE events SET summary = 'nothing happened'",
    /^The event .*\(1\) says: summary\.$/,
  ],
  [
    "exchanges the text of an old revision",
    `UPDATE revisions SET encoding = n.encoding, body = n.body
       FROM (SELECT encoding, body FROM revisions WHERE revision = 2) AS n
       WHERE revisions.revision = 1 AND revisions.encoding = 'deflate'`,
    /^Revision 1 of plan \S+ in project \S+ is not what its change line says\.$/,
  ],
  [
    "makes a revision unreadable",
    "UPDATE revisions SET encoding = 'deflate' WHERE kind = 'event'",
    /^Revision 1 of event \S+ in project \S+ cannot be read\.$/,
  ],
  [
    "alters a row and takes its newest revision away",
    "DELETE FROM revisions WHERE revision = 2; UPDATE plans SET content = 'evil' WHERE revision = 2",
    /^The plan \S+ .* is not what the change line of its newest revision \(2\) says\.$/,
  ],
  [
    "sets a row back",
    "UPDATE plans SET revision = 1, title = 'Rework the login' WHERE revision = 2",
    /^1 plans stand at an earlier revision than the change log knows\.$/,
  ],
  ["takes a row out", "DELETE FROM events", /^13 events that the change log knows are not there\.$/],
];

function describeAltered(open: () => Promise<Written & { readonly close: () => Promise<void> }>): void {
  const opened = async (work: (store: Written) => Promise<void>): Promise<void> => {
    const store = await open();
    try {
      await work(store);
    } finally {
      await store.close();
    }
  };

  it("finds everything in order where nobody touched it", () =>
    opened(async ({ doctor }) => {
      expect(await doctor()).toMatchObject({ status: 0, report: { ok: true } });
    }));

  it.each(DEEDS)("tells when somebody %s", (_, sql, says) =>
    opened(async ({ tamper, doctor }) => {
      await tamper(sql);
      const { status, report } = await doctor();
      expect(status).toBe(6);
      expect(report.checks).toContainEqual(
        expect.objectContaining({ name: "integrity", ok: false, detail: expect.stringMatching(says) }),
      );
    }),
  );

  it("names ten of what was altered, and counts the rest", () =>
    opened(async ({ tamper, doctor }) => {
      await tamper("UPDATE revisions SET encoding = 'deflate'");
      const { report } = await doctor();
      const details = report.checks.map(({ detail }) => detail);
      expect(details.filter((detail) => /^Revision|^The /.test(detail))).toHaveLength(10);
      expect(details).toContainEqual(expect.stringMatching(/^\d+ more are not what was written either\.$/));
    }));
}

describe("doctor on a SQLite store that somebody altered", () => {
  describeAltered(async () => {
    const { type, env, folderOf } = makeCommandLine();
    const file = join(folderOf("store"), "knowledge.db");
    const storage = await SqliteStorage.open({ file, thread: "inline" });
    await writeSome(storage);
    await storage.close();
    return {
      doctor: () => doctorSays(type(["doctor", "--json"], { env: { ...env, SQLITE_PATH: file } })),
      tamper: async (sql) => {
        const connection = openConnection({ file });
        connection.db.exec(sql);
        connection.close();
      },
      close: async () => undefined,
    };
  });
});

describeWithServer("doctor on a PostgreSQL store that somebody altered", () => {
  let template: TestDatabase | undefined;
  beforeAll(async () => {
    template = await newDatabase();
    const storage = await PostgresStorage.open({ url: template.url, migrate: true });
    await writeSome(storage);
    await storage.close();
  });
  afterAll(() => template?.drop());

  describeAltered(async () => {
    if (template === undefined) throw new Error("There is no store.");
    const { url, drop } = await newDatabase({ template: template.name });
    const { type, env } = makeCommandLine();
    const there = { ...env, STORAGE_TYPE: "postgres", POSTGRES_URL: url };
    return {
      doctor: () => doctorSays(type(["doctor", "--json"], { env: there })),
      tamper: async (sql) => {
        const client = await adminClient(url);
        await client.query(`SET search_path = aiknowsys; ${sql}`);
        await client.end();
      },
      close: drop,
    };
  });
});

async function doctorSays(said: Promise<{ readonly status: number; readonly out: string }>) {
  const { status, out } = await said;
  const report: DoctorReport = JSON.parse(out);
  return { status, report };
}
