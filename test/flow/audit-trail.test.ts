import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuditedCall } from "../../lib/domain/audit.ts";
import { DEFAULT_TENANT, type ProjectId } from "../../lib/domain/ids.ts";
import type { AuditReport } from "../../lib/knowledge/verify-audit.ts";
import type { StorageAdapter } from "../../lib/storage/adapter.ts";
import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import { SqliteStorage } from "../../lib/storage/sqlite/adapter.ts";
import { makeCommandLine } from "../helpers/command-line.ts";
import { adminClient, describeWithServer, newDatabase, type TestDatabase } from "../helpers/postgres.ts";
import { context, eventDraft, newProject, after as second, write } from "../helpers/store.ts";

/** A store with a log of calls and one of changes, three seals each, and how to change it behind the program's back. */
interface Trail {
  readonly project: ProjectId;
  readonly audit: (...args: readonly string[]) => Promise<{ status: number; out: string; err: string }>;
  readonly tamper: (sql: string) => Promise<unknown>;
  readonly readBytes: (name: string) => Buffer;
  readonly writeBytes: (name: string, bytes: Buffer) => void;
}

async function layTrail(storage: StorageAdapter): Promise<ProjectId> {
  const project = await newProject(storage);
  for (const n of [1, 2, 3]) {
    await storage.audit.record(DEFAULT_TENANT, [callOf(project, n), callOf(project, n + 10)]);
    await storage.audit.seal({ project }, second(n));
    const drafts = [eventDraft(project), eventDraft(project)];
    await storage.transaction(
      context(project),
      drafts.map((draft) => write(draft)),
    );
    await storage.changes.seal(project, second(n));
  }
  await storage.audit.record(DEFAULT_TENANT, [callOf(project, 20)]);
  return project;
}

function callOf(project: ProjectId, n: number): AuditedCall {
  const who = { actor: "bob", token: "t-1", tool: "create_plan" };
  return { at: second(n), ...who, project, outcome: "ok", durationMs: n + 0.5, rows: 1 };
}

/** What whoever may write in the database could do, and where it shows. */
const DEEDS: readonly (readonly [what: string, sql: string, log: string, why: RegExp])[] = [
  ["alters a call", "UPDATE calls SET tool = 'delete' WHERE seq = 3", "calls", /altered/],
  ["alters who called", "UPDATE calls SET actor = 'eve' WHERE seq = 1", "calls", /altered/],
  ["removes a call", "DELETE FROM calls WHERE seq = 4", "calls", /1 of 2 lines/],
  ["removes all calls", "DELETE FROM calls", "calls", /0 of 2 lines/],
  [
    "removes a seal with its calls",
    "DELETE FROM calls WHERE seq <= 2; DELETE FROM call_seals WHERE to_seq = 2",
    "calls",
    /removed or exchanged/,
  ],
  [
    "removes a seal and keeps its calls",
    "DELETE FROM call_seals WHERE to_seq = 6",
    "calls",
    /2 numbered lines are under no seal/,
  ],
  [
    "numbers a call that nobody sealed",
    "UPDATE calls SET seq = 99 WHERE seq IS NULL",
    "calls",
    /1 numbered lines are under no seal/,
  ],
  [
    "exchanges two calls",
    "UPDATE calls SET seq = -seq WHERE seq IN (3, 4); UPDATE calls SET seq = 7 + seq WHERE seq < 0",
    "calls",
    /altered/,
  ],
  ["alters a change", "UPDATE changes SET actor = 'eve' WHERE seq = 2", "changes", /altered/],
  ["removes a change", "DELETE FROM changes WHERE seq = 5", "changes", /1 of 2 lines/],
  [
    "removes seals of changes",
    "DELETE FROM change_seals WHERE to_seq = 4",
    "changes",
    /removed or exchanged/,
  ],
];

/** What only an export that was kept elsewhere can tell. */
const CUTS: readonly (readonly [what: string, sql: string, log: string])[] = [
  ["the end of a chain", "DELETE FROM calls WHERE seq > 4; DELETE FROM call_seals WHERE to_seq > 4", "calls"],
  ["a chain as a whole", "DELETE FROM calls; DELETE FROM call_seals", "calls"],
  [
    "the end of the changes",
    "DELETE FROM changes WHERE seq > 4; DELETE FROM change_seals WHERE to_seq > 4",
    "changes",
  ],
];

/** A line of the log that nobody of the store wrote, and a seal of a store that there never was. */
const LINE = `INSERT INTO changes (tenant_id, project_id, LINE_PLACE seq, at, actor, kind, row_id, revision, operation, content_hash)
  SELECT tenant_id, project_id, LINE_VALUE 100000, at, 'mallory', kind, '019ca945-0000-7000-8000-000000000001', 1,
    operation, content_hash FROM changes WHERE seq = 1`;
const SEAL = `INSERT INTO change_seals (tenant_id, project_id, store_id, from_seq, to_seq, hash, previous, sealed_at)
  SELECT tenant_id, project_id, '019ca945-0000-7000-8000-000000000002', FROM, TO, hash, previous, sealed_at
  FROM change_seals WHERE from_seq = 1`;

/** A forged line, hidden under a forged seal. */
const FORGERIES: readonly (readonly [what: string, sql: string, why: RegExp])[] = [
  [
    "hides a forged line under a seal of other lines",
    SEAL.replace("FROM, TO", "1, 2"),
    /1 numbered lines are under no seal/,
  ],
  [
    "hides a forged line under one of its own",
    SEAL.replace("FROM, TO", "100000, 100000"),
    /imported line was altered/,
  ],
  [
    "hides a forged line under a seal of everything",
    SEAL.replace("FROM, TO", "1, 1000000"),
    /1 numbered lines are under no seal/,
  ],
];

/** What is done to an export's bytes, after which it proves nothing. */
const NO_EXPORTS: readonly (readonly [what: string, alter: (bytes: Buffer) => Buffer, message: RegExp])[] = [
  ["is empty", () => Buffer.alloc(0), /is empty or cut off/],
  ["ends after its first line", (bytes) => bytes.subarray(0, bytes.indexOf(10) + 1), /is empty or cut off/],
  ["ends within a line", (bytes) => bytes.subarray(0, bytes.length - 300), /is cut off at line \d+/],
  [
    "lacks its last line",
    (bytes) => bytes.subarray(0, bytes.lastIndexOf(10, bytes.length - 2) + 1),
    /is empty or cut off/,
  ],
  [
    "says something else of a call",
    (bytes) => Buffer.from(bytes.toString().replace('"bob"', '"eve"')),
    /was altered: the lines above line/,
  ],
  [
    "says something else of a time of sealing",
    (bytes) => Buffer.from(bytes.toString().replace(/("at":"20)\d\d(-[^"]*","fromSeq")/, "$199$2")),
    /was altered: its last line/,
  ],
  ["goes on after its end", (bytes) => Buffer.concat([bytes, Buffer.from("{}\n")]), /comes after its end/],
  [
    "is something else",
    () => Buffer.from('{"record":"export"}\n'),
    /Line 1 of .* is not of an exported audit/,
  ],
];

function describeTrail(open: () => Promise<Trail & { readonly close: () => Promise<void> }>): void {
  const laid = async (work: (trail: Trail) => Promise<void>): Promise<void> => {
    const trail = await open();
    try {
      await work(trail);
    } finally {
      await trail.close();
    }
  };
  const verified = async ({ audit }: Trail, ...args: readonly string[]) => {
    const { status, out, err } = await audit("--verify", ...args, "--json");
    expect(err).toBe("");
    const report: AuditReport = JSON.parse(out);
    expect(status).toBe(report.ok ? 0 : 6);
    return report;
  };

  it("is whole when nobody touched it, and says what is not sealed yet", () =>
    laid(async (trail) => {
      const report = await verified(trail);
      expect(report).toMatchObject({ ok: true, sealed: 12, unsealed: 1 });
      const { project } = trail;
      expect(report.chains).toMatchObject([
        { log: "calls", project, sealed: 6, unsealed: 1, imported: 0, head: { toSeq: 6 }, broken: [] },
        { log: "changes", project, sealed: 6, unsealed: 0, imported: 0, head: { toSeq: 6 }, broken: [] },
      ]);
      const { out, err } = await trail.audit("--verify");
      expect(out).toContain("12 lines as they were sealed.");
      expect(out).toContain(String(report.chains[0]?.head?.hash));
      expect(err).toContain("1 line not sealed yet");
    }));

  it.each(DEEDS)("tells when somebody %s", (_, sql, log, why) =>
    laid(async (trail) => {
      await trail.tamper(sql);
      const report = await verified(trail);
      const broken = report.chains.flatMap((chain) =>
        chain.broken.map((span) => ({ log: chain.log, ...span })),
      );
      expect(broken).toContainEqual(expect.objectContaining({ log, why: expect.stringMatching(why) }));
      expect(broken.every((span) => span.log === log)).toBe(true);
      expect((await trail.audit("--verify")).out).toContain("Not everything is as it was sealed");
    }),
  );

  it.each(CUTS)("tells by an earlier export when somebody cut off %s", (_, sql, log) =>
    laid(async (trail) => {
      expect(await trail.audit("--export", "kept.jsonl")).toMatchObject({ status: 0 });
      expect(await verified(trail, "--against", "kept.jsonl")).toMatchObject({ ok: true });
      await trail.tamper(sql);
      expect(await verified(trail)).toMatchObject({ ok: true });
      const report = await verified(trail, "--against", "kept.jsonl");
      const broken = report.chains.filter((chain) => chain.broken.length > 0);
      expect(broken.map((chain) => chain.log)).toEqual([log]);
      expect(broken[0]?.broken[0]?.why).toMatch(/was exported is not there/);
    }),
  );

  it("is written as JSON Lines, sealed before, without what was asked or answered", () =>
    laid(async (trail) => {
      const { status, out } = await trail.audit("--export", "audit.jsonl", "--json");
      expect(status).toBe(0);
      expect(JSON.parse(out)).toMatchObject({ calls: 7, changes: 6, seals: 7, unsealed: 0 });
      const lines = trail.readBytes("audit.jsonl").toString().trimEnd().split("\n");
      const records = lines.map((line) => JSON.parse(line));
      expect(records[0]).toEqual({ record: "audit", version: 1 });
      expect(records[1]).toEqual({ record: "call", seq: 1, ...callOf(trail.project, 1) });
      expect(records.filter(({ record }) => record === "seal")).toHaveLength(7);
      expect(records.at(-1)).toMatchObject({ record: "end", calls: 7, changes: 6, seals: 7 });
      expect(await verified(trail)).toMatchObject({ ok: true, unsealed: 0 });
    }));

  it.each(FORGERIES)("tells when somebody %s", (_, sql, why) =>
    laid(async (trail) => {
      const forged = LINE.replaceAll("PROJECT", trail.project);
      await trail.tamper(`${forged}; ${sql.replaceAll("PROJECT", trail.project)}`);
      const report = await verified(trail);
      expect(report.chains.flatMap(({ broken }) => broken.map((span) => span.why))).toContainEqual(
        expect.stringMatching(why),
      );
    }),
  );

  it("says of which imported lines nothing is proved", () =>
    laid(async (trail) => {
      const wide = SEAL.replace("FROM, TO", "99990, 100010");
      await trail.tamper(`${LINE}; ${wide}`.replaceAll("PROJECT", trail.project));
      expect(await verified(trail)).toMatchObject({ ok: true, sealed: 12, importedUnproved: 1 });
      const { err } = await trail.audit("--verify");
      expect(err).toContain("1 imported line: the seals that came with them do not stand here as a whole");
      expect(err).toContain("Whether the rows are what the logs say, `aiknowsys doctor` tells.");
    }));

  it.each(NO_EXPORTS)("refuses to compare with a file that %s", (_, alter, message) =>
    laid(async (trail) => {
      for (const name of ["kept.jsonl", "kept.jsonl.gz"]) {
        expect(await trail.audit("--export", name)).toMatchObject({ status: 0 });
        expect((await trail.audit("--verify", "--against", name)).out).toContain(
          "7 seals of the export stand.",
        );
        const bytes = trail.readBytes(name);
        trail.writeBytes(name, name.endsWith(".gz") ? gzipSync(alter(gunzipSync(bytes))) : alter(bytes));
        const said = await trail.audit("--verify", "--against", name);
        expect(said).toMatchObject({ status: 2, err: expect.stringMatching(message) });
      }
    }),
  );

  it("refuses to compare with a packed file that was cut off", () =>
    laid(async (trail) => {
      expect(await trail.audit("--export", "kept.jsonl.gz")).toMatchObject({ status: 0 });
      const bytes = trail.readBytes("kept.jsonl.gz");
      for (const length of [0, 20, bytes.length >> 1, bytes.length - 40]) {
        trail.writeBytes("kept.jsonl.gz", bytes.subarray(0, length));
        expect(await trail.audit("--verify", "--against", "kept.jsonl.gz")).toMatchObject({ status: 2 });
      }
    }));

  it.each([
    [[], 2, /either verifies or exports/],
    [["--verify", "--export", "x"], 2, /either verifies or exports/],
    [["--export", "x", "--against", "y"], 2, /either verifies or exports/],
    [["--verify", "--against", "nowhere.jsonl"], 3, /nowhere.jsonl/],
  ])("refuses %j", (args, status, message) =>
    laid(async ({ audit }) => {
      const said = await audit(...args);
      expect(said).toMatchObject({ status, err: expect.stringMatching(message) });
    }),
  );
}

describe("the audit trail on SQLite", () => {
  describeTrail(async () => {
    const { type, env, folderOf } = makeCommandLine();
    const file = join(folderOf("store"), "knowledge.db");
    const storage = await SqliteStorage.open({ file, thread: "inline" });
    const project = await layTrail(storage);
    await storage.close();
    return {
      project,
      audit: (...args) => type(["audit", ...args], { env: { ...env, SQLITE_PATH: file } }),
      tamper: async (sql) => {
        const { openConnection } = await import("../../lib/storage/sqlite/connection.ts");
        const connection = openConnection({ file });
        connection.db.exec(sql.replace("LINE_PLACE", "position,").replace("LINE_VALUE", "1000,"));
        connection.close();
      },
      readBytes: (name) => readFileSync(join(folderOf("project"), name)),
      writeBytes: (name, bytes) => writeFileSync(join(folderOf("project"), name), bytes),
      close: async () => undefined,
    };
  });
});

describeWithServer("the audit trail on PostgreSQL", () => {
  let template: TestDatabase | undefined;
  let project: ProjectId | undefined;
  beforeAll(async () => {
    template = await newDatabase();
    const storage = await PostgresStorage.open({ url: template.url, migrate: true });
    project = await layTrail(storage);
    await storage.close();
  });
  afterAll(() => template?.drop());

  describeTrail(async () => {
    if (template === undefined || project === undefined) throw new Error("There is no trail.");
    const { url, drop } = await newDatabase({ template: template.name });
    const { type, env, folderOf } = makeCommandLine();
    const there = { ...env, STORAGE_TYPE: "postgres", POSTGRES_URL: url };
    return {
      project,
      audit: (...args) => type(["audit", ...args], { env: there }),
      tamper: async (sql) => {
        const client = await adminClient(url);
        const drawn = sql.replace("LINE_PLACE", "").replace("LINE_VALUE", "");
        await client.query(`SET search_path = aiknowsys; ${drawn}`);
        await client.end();
      },
      readBytes: (name) => readFileSync(join(folderOf("project"), name)),
      writeBytes: (name, bytes) => writeFileSync(join(folderOf("project"), name), bytes),
      close: drop,
    };
  });
});
