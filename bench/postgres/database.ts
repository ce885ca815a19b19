import { randomBytes } from "node:crypto";
import pg from "pg";
import type { Opened } from "../../lib/compose.ts";
import type { Embedder } from "../../lib/embedding/embedder.ts";
import type { Deps } from "../../lib/knowledge/deps.ts";
import type { EventInput } from "../../lib/knowledge/record-event.ts";
import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import { parseAddress } from "../../lib/storage/postgres/address.ts";
import { openPool } from "../../lib/storage/postgres/pool.ts";
import { readModelVocabulary } from "../model-vocabulary.ts";
import { eventOf, SEEDS } from "../store.ts";
import { realWords, seededRandom, textMaker } from "../vocabulary.ts";
import { loadProject } from "./load.ts";
import { loadSeeds, loadVectors } from "./load-vectors.ts";
import { connectOwner } from "./owner.ts";
import { listening, type StatementLog } from "./statements.ts";
import { type BenchTenant, registerTenants, type TenantPlan } from "./tenants.ts";

/** As many as write at once. */
export const WRITERS = 20;

/** A database filled with generated events of several tenants, and what is needed to ask it. */
export interface BenchDatabase {
  readonly url: string;
  readonly events: number;
  readonly embedder: Embedder;
  readonly tenants: readonly BenchTenant[];
  /** The product over this database, as one tenant uses it. */
  readonly depsOf: (tenant: BenchTenant, storage?: PostgresStorage) => Deps;
  readonly storage: PostgresStorage;
  /** What the storage sends. */
  readonly log: StatementLog;
  /** A question of so many words, drawn like the texts. */
  readonly question: (words: number) => string;
  readonly newEvent: () => EventInput;
  /** Closes everything and deletes the database. */
  readonly drop: () => Promise<void>;
}

export interface Filling {
  /** A login that may create databases. */
  readonly server: string;
  readonly plan: TenantPlan;
  readonly opened: Opened;
  readonly say: (text: string) => void;
}

/** A new database on the server, with the product's schema, events, vectors and the indexes that are due. */
export async function fillDatabase({ server, plan, opened, say }: Filling): Promise<BenchDatabase> {
  const { deps } = opened;
  const { embedder } = deps;
  if (embedder === undefined) throw new Error("The bench needs an embedder.");
  const { url, drop } = await newDatabase(server);
  const { connections, log } = listening(openPool({ address: parseAddress(url, undefined), max: WRITERS }));
  const storage = await PostgresStorage.over(connections, { migrate: true });
  const owner = await connectOwner(url);
  const random = seededRandom(7);
  const text = textMaker(realWords(readModelVocabulary()), random);
  const newEvent = () => eventOf(text, random);
  const tenants = await registerTenants(owner, storage, plan);
  const events = Object.values(plan)
    .flat()
    .reduce((sum, count) => sum + count, 0);
  await loadEvents(owner, deps, { tenants, newEvent, say });
  const seeds = await embedder.embed(Array.from({ length: SEEDS }, () => text(4)));
  await loadSeeds(owner, seeds, random);
  for (const tenant of tenants) await loadVectors(owner, tenant, { space: embedder.space, seeds: SEEDS });
  say("Gathering statistics and building the indexes that are due.");
  await owner.query("VACUUM ANALYZE");
  const built = performance.now();
  await storage.upkeep.migrate({});
  say(`Indexes: ${((performance.now() - built) / 1000).toFixed(1)} s.`);
  await owner.query("CHECKPOINT");
  await owner.end();
  return {
    url,
    events,
    embedder,
    tenants,
    storage,
    log,
    depsOf: ({ id }, other = storage) => ({
      ...deps,
      storage: other.granted({ tenant: id, projects: "all" }),
    }),
    question: (words) => text(words),
    newEvent,
    drop: async () => {
      await storage.close();
      await drop();
    },
  };
}

async function loadEvents(
  owner: pg.Client,
  deps: Deps,
  {
    tenants,
    newEvent,
    say,
  }: {
    readonly tenants: readonly BenchTenant[];
    readonly newEvent: () => EventInput;
    readonly say: (text: string) => void;
  },
): Promise<void> {
  // An index is made much faster at once than row by row.
  await owner.query("DROP INDEX chunks_words");
  let done = 0;
  for (const tenant of tenants) {
    for (const of of tenant.projects) {
      await loadProject(owner, deps, { tenant, of }, newEvent);
      const before = Math.floor(done / 50_000);
      done += of.events;
      if (Math.floor(done / 50_000) > before) say(`${done} events`);
    }
  }
  await owner.query("SET maintenance_work_mem = '512MB'");
  await owner.query("CREATE INDEX chunks_words ON chunks USING gin (words) WITH (fastupdate = off)");
}

/** A copy of a database that nobody is connected to. */
export function copyDatabase(server: string, url: string) {
  return newDatabase(server, `TEMPLATE "${new URL(url).pathname.slice(1)}"`);
}

export async function newDatabase(server: string, like = "TEMPLATE template0 ENCODING 'UTF8'") {
  const name = `aiknowsys_bench_${randomBytes(4).toString("hex")}`;
  await administer(server, `CREATE DATABASE ${name} ${like}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administer(server, `DROP DATABASE ${name} WITH (FORCE)`) };
}

async function administer(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
