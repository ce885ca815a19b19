import { projectIdFrom, type RowId, sha256 } from "../../lib/domain/ids.ts";
import type { Project } from "../../lib/domain/project.ts";
import type { SpaceIdentity } from "../../lib/storage/contract/passages.ts";
import type { ProjectDraft } from "../../lib/storage/contract/rows.ts";
import type { Write } from "../../lib/storage/contract/writes.ts";
import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import { adminClient, newDatabase, type TestDatabase } from "./postgres.ts";
import {
  after,
  chunkDraft,
  context,
  eventDraft,
  nextRowId,
  patternDraft,
  planDraft,
  projectDraft,
  sessionDraft,
  write,
} from "./store.ts";

/** The tenants of these tests: ids by name, as their owner would write them. */
export const TENANTS = {
  harbour: "5d7b1c1e-0000-4000-8000-00000000000a",
  quarry: "5d7b1c1e-0000-4000-8000-00000000000b",
  default: "00000000-0000-4000-8000-000000000001",
} as const;
export type TenantName = keyof typeof TENANTS;

/** What was written, and what is said to have come by an import, at the same time with all owners. */
export const BATCHES = {
  written: "019c3f2a-6c1e-7a40-9d0b-00000000000a",
  imported: "019c3f2a-6c1e-7a40-9d0b-00000000000b",
} as const;

/** The vectors of one owner are of a space of his own, beside one that all have. */
export const COMMON_SPACE: SpaceIdentity = {
  model: "all",
  revision: "1",
  dimensions: 3,
  pooling: "mean",
  normalised: true,
};

/** A project and what is to be written into it: the same in every database that it is planted in. */
export interface Owner {
  readonly tenant: TenantName;
  /** A word that nothing of anybody else's holds; every text and name of this owner's does. */
  readonly word: string;
  readonly project: ProjectDraft;
  readonly space: SpaceIdentity;
  readonly embedded: number;
  readonly writes: readonly Write[];
  /** Ids by kind: two plans, sessions and patterns, three events. */
  readonly ids: Readonly<Record<Write["draft"]["kind"], readonly RowId[]>>;
}

/** What is known of an owner's rows once they stand in a database. */
export interface Planted extends Owner {
  readonly registered: Project;
  /** Refs, and slugs where there are any, by kind. */
  readonly names: Readonly<Record<Write["draft"]["kind"], readonly string[]>>;
  readonly chunks: readonly number[];
  /** Where the second page of each list begins. */
  readonly cursors: Readonly<Record<"plans" | "sessions" | "patterns" | "events", string | undefined>>;
}

/** @param embedded of how many passages there is a vector in each space, at the most */
export function ownerOf(tenant: TenantName, word: string, embedded = 100): Owner {
  const id = projectIdFrom(Date.parse(after(0)), Buffer.from(sha256(word), "hex").subarray(0, 16));
  const project = projectDraft({ id, name: `The ${word}`, keys: [`git/${word}`], roots: [`/home/${word}`] });
  const chunks = (text: string, more: Parameters<typeof chunkDraft>[1] = {}) => [
    chunkDraft(`${text} crane pier ${word}`, { heading: `About ${word}`, ...more }),
  ];
  const named = { title: `Title ${word}`, topics: [word, "tide"], author: word, content: `# ${word}\n` };
  const plans = ["first", "second"].map((nth) =>
    planDraft(id, { ...named, title: `${nth} ${word}`, links: [{ rel: "blocks", target: `first-${word}` }] }),
  );
  const sessions = ["first", "second"].map((nth) =>
    sessionDraft(id, { ...named, title: `${nth} day ${word}`, plan: `first-${word}` }),
  );
  const patterns = ["first", "second"].map((nth) =>
    patternDraft(id, {
      title: `${nth} lesson ${word}`,
      category: word,
      triggers: [word],
      content: `# ${word}\n`,
    }),
  );
  const events = [1, 2, 3].map((nth) =>
    eventDraft(id, {
      summary: `Note ${nth} ${word}`,
      data: { decision: word },
      tags: [word],
      plan: `first-${word}`,
      session: `first-day-${word}`,
      occurredAt: after(nth),
    }),
  );
  // The same text for all owners.
  const tide = chunkDraft("crane pier tide", { ordinal: 1, date: after(2), eventType: "decision_made" });
  const eventChunks = { date: after(1), eventType: "decision_made" as const };
  return {
    tenant,
    word,
    project,
    embedded,
    space: { ...COMMON_SPACE, model: `model of ${word}` },
    writes: [
      ...plans.map((draft) => write(draft, { chunks: chunks("plan") })),
      ...sessions.map((draft) => write(draft, { chunks: chunks("session") })),
      ...patterns.map((draft) => write(draft, { chunks: chunks("pattern") })),
      ...events.map((draft) => write(draft, { chunks: [...chunks("event", eventChunks), tide] })),
    ],
    ids: {
      plan: plans.map(({ row }) => row.id),
      session: sessions.map(({ row }) => row.id),
      pattern: patterns.map(({ row }) => row.id),
      event: events.map(({ row }) => row.id),
    },
  };
}

/** Writes everything of an owner's as the owner would: rows, history, files, vectors, seals. */
async function plant(storage: PostgresStorage, owner: Owner): Promise<Planted> {
  const own = storage.granted({ tenant: TENANTS[owner.tenant], projects: "all" });
  const { project, word, space } = owner;
  const registered = await own.projects.register(project);
  const results = await own.transaction(
    context(project.id, { actor: word, batch: BATCHES.written }),
    owner.writes,
  );
  const chunks: number[] = [];
  for (const { draft } of owner.writes)
    chunks.push(...(await own.chunks.ofRow(project.id, draft.kind, draft.row.id)).map(({ id }) => id));
  await plantFiles(own, owner);
  for (const each of [COMMON_SPACE, space]) {
    const owed = await own.chunks.owed([project.id], each, owner.embedded);
    const embedding = Float32Array.of(1, 0, 0);
    await own.chunks.putVectors(
      each,
      owed.map(({ id, textHash }) => ({ chunk: id, textHash, embedding })),
    );
  }
  await own.changes.seal(project.id, after(10));
  const page = { limit: 1 };
  const filter = { projects: [project.id] };
  const namesOf = (kind: Write["draft"]["kind"]) =>
    results.flatMap((row) =>
      row.kind === kind ? [row.ref, ...(row.slug === undefined ? [] : [row.slug])] : [],
    );
  return {
    ...owner,
    registered,
    names: {
      plan: namesOf("plan"),
      session: namesOf("session"),
      pattern: namesOf("pattern"),
      event: namesOf("event"),
    },
    chunks,
    cursors: {
      plans: (await own.plans.query(filter, page)).nextCursor,
      sessions: (await own.sessions.query(filter, page)).nextCursor,
      patterns: (await own.patterns.query(filter, page)).nextCursor,
      events: (await own.events.query(filter, page)).nextCursor,
    },
  };
}

async function plantFiles(own: PostgresStorage, { project, word, ids }: Owner): Promise<void> {
  const [id = nextRowId()] = ids.plan;
  const root = `/home/${word}`;
  const file = { root, path: `${word}.md`, kind: "plan", id, size: 7, modifiedMs: 1, redact: true } as const;
  await own.sources.record(project.id, [{ ...file, fileHash: sha256(word) }]);
  await own.sources.recordFolders(project.id, root, [{ path: word, modifiedMs: 1 }]);
  await own.sources.recordRun(project.id, { root, globs: `{"plans":["${word}/*"]}`, at: after(5) });
}

/** A database in which these owners have planted their rows; copies of it are made from its name. */
export async function plantedDatabase(
  owners: readonly Owner[],
): Promise<{ readonly database: TestDatabase; readonly planted: readonly Planted[] }> {
  const database = await newDatabase();
  const storage = await PostgresStorage.open({ url: database.url, migrate: true });
  await addTenants(database.url);
  const planted: Planted[] = [];
  for (const owner of owners) planted.push(await plant(storage, owner));
  await storage.close();
  await addImports(database.url);
  return { database, planted };
}

async function addImports(url: string): Promise<void> {
  const client = await adminClient(url);
  await client.query(
    `INSERT INTO aiknowsys.imported_rows
       (tenant_id, project_id, batch, kind, row_id, revision_before, revision, at, actor)
     SELECT tenant_id, project_id, $1, 'plan', id, 0, 1, created_at, author FROM aiknowsys.plans`,
    [BATCHES.imported],
  );
  await client.end();
}

async function addTenants(url: string): Promise<void> {
  const client = await adminClient(url);
  for (const [name, id] of Object.entries(TENANTS)) {
    const sql =
      "INSERT INTO aiknowsys.tenants (id, name, created_at) VALUES ($1, $2, now()) ON CONFLICT DO NOTHING";
    await client.query(sql, [id, name]);
  }
  await client.end();
}

/** Every row of every table that belongs to a project, as the superuser reads it. */
export async function rowsOfProject(
  url: string,
  project: string,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const client = await adminClient(url);
  const { rows: tables } = await client.query<{ table: string; column: string }>(`
    SELECT c.relname AS table, CASE c.relname WHEN 'projects' THEN 'id' ELSE 'project_id' END AS column FROM pg_class c
    WHERE c.relnamespace = 'aiknowsys'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND (c.relname = 'projects' OR EXISTS (SELECT 1 FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attname = 'project_id')) ORDER BY 1`);
  const found: Record<string, readonly string[]> = {};
  for (const { table, column } of tables) {
    const { rows } = await client.query<{ row: string }>(
      `SELECT to_jsonb(t)::text AS row FROM aiknowsys.${table} t WHERE t.tenant_id IS NOT NULL AND t.${column} = $1 ORDER BY 1`,
      [project],
    );
    found[table] = rows.map(({ row }) => row);
  }
  await client.end();
  return found;
}
