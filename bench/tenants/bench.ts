import type { Deps } from "../../lib/knowledge/deps.ts";
import { getProject } from "../../lib/knowledge/project.ts";
import { queryEvents } from "../../lib/knowledge/query.ts";
import { recordEvent } from "../../lib/knowledge/record-event.ts";
import { resumeWork } from "../../lib/knowledge/resume.ts";
import { searchKnowledge } from "../../lib/knowledge/search.ts";
import { createToken } from "../../lib/knowledge/tokens.ts";
import { openAuthenticator } from "../../lib/server/authenticator.ts";
import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import { type Measurement, percentiles } from "../measure.ts";
import { openProduct } from "../postgres/bench.ts";
import { type BenchDatabase, copyDatabase, fillDatabase } from "../postgres/database.ts";
import { benchServer } from "../postgres/server.ts";
import { addTenants, PROJECTS } from "./crowd.ts";

export interface TenantsBench {
  /** Folder for what the bench needs on disk. */
  readonly home: string;
  /** Events of the one tenant that is measured. */
  readonly eventCounts: readonly number[];
  /** A login that may create databases. */
  readonly connection: string | undefined;
  readonly isWanted: (operation: string) => boolean;
  readonly add: (line: Measurement) => void;
  readonly say: (text: string) => void;
}

/** What can be named to measure it alone. */
export const TENANT_OPERATIONS = [
  "authenticate",
  "find-project",
  "query-events",
  "search-text",
  "search-semantic",
  "search-hybrid",
  "resume",
  "record-event",
] as const;

/** Tenants of each database, the measured one among them. */
const CROWDS = [1, 100, 1_000];
const ROUNDS = 100;
const WARM_ROUNDS = 10;

/**
 * Whether a tenant's answers come later the more other tenants there are: the same tenant in three databases, alone,
 * among a hundred and among a thousand, asked in turn so that whatever else the machine does falls on all three.
 */
export async function benchTenants(bench: TenantsBench): Promise<void> {
  const server = benchServer(bench.connection);
  for (const events of bench.eventCounts) {
    const opened = await openProduct(bench.home);
    const plan = { measured: Array.from({ length: PROJECTS }, () => Math.round(events / PROJECTS)) };
    const database = await fillDatabase({ server, plan, opened, say: bench.say });
    const drops: (() => Promise<void>)[] = [database.drop];
    try {
      const token = await issueToken(database);
      await database.storage.close();
      const urls = [database.url];
      for (const [at, to] of CROWDS.entries()) {
        if (at === 0) continue;
        const copy = await copyDatabase(server, urls.at(-1) ?? "");
        drops.push(copy.drop);
        await addTenants(copy.url, opened.deps, { from: CROWDS[at - 1] ?? 0, to, say: bench.say });
        urls.push(copy.url);
      }
      await measure(bench, { database, urls, token, deps: opened.deps });
    } finally {
      for (const drop of drops.reverse()) await drop();
      await opened.close();
    }
  }
}

async function issueToken({ url }: BenchDatabase): Promise<string> {
  const storage = await PostgresStorage.open({ url, tenant: "measured" });
  try {
    const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));
    const issued = await createToken({ storage, clock: Date.now, random }, { name: "bench", scope: "write" });
    return issued.token;
  } finally {
    await storage.close();
  }
}

interface Measuring {
  readonly database: BenchDatabase;
  readonly urls: readonly string[];
  readonly token: string;
  readonly deps: Deps;
}

async function measure(
  { isWanted, add }: TenantsBench,
  { database, urls, token, deps }: Measuring,
): Promise<void> {
  const questions = Array.from({ length: ROUNDS }, (_, i) => database.question(2 + (i % 5)));
  for (const question of questions) await deps.embedder?.embed([question], { purpose: "query" });
  const storages = await Promise.all(urls.map((url) => PostgresStorage.open({ url })));
  try {
    const uses = await Promise.all(
      storages.map((storage) => usesOf(database, { storage, token, deps, questions })),
    );
    for (const name of TENANT_OPERATIONS.filter(isWanted)) {
      const tookMs: number[][] = uses.map(() => []);
      for (let round = -WARM_ROUNDS; round < ROUNDS; round++)
        for (const [at, use] of uses.entries()) {
          const started = performance.now();
          await use[name](Math.max(0, round));
          if (round >= 0) tookMs[at]?.push(performance.now() - started);
        }
      for (const line of linesOf(name, database.events, tookMs)) add(line);
    }
  } finally {
    for (const storage of storages) await storage.close();
  }
}

type Uses = Readonly<Record<(typeof TENANT_OPERATIONS)[number], (round: number) => Promise<unknown>>>;

async function usesOf(
  database: BenchDatabase,
  {
    storage,
    token,
    deps,
    questions,
  }: {
    readonly storage: PostgresStorage;
    readonly token: string;
    readonly deps: Deps;
    readonly questions: readonly string[];
  },
): Promise<Uses> {
  const [tenant] = database.tenants;
  const [first] = tenant?.projects ?? [];
  if (tenant === undefined || first === undefined) throw new Error("There is no tenant to measure.");
  const { project } = first;
  const own = { ...deps, storage: storage.granted({ tenant: tenant.id, projects: "all" }) };
  const scope = { project: undefined, projects: [project] };
  const authenticator = await openAuthenticator({
    ...{ storage, kinds: ["token"], credentials: {}, clock: Date.now, log: deps.log },
  });
  const search = (mode: "text" | "semantic" | "hybrid") => (round: number) =>
    searchKnowledge(own, scope, {
      ...{ query: questions[round] ?? "", mode, limit: 10, waitMs: Number.POSITIVE_INFINITY },
    });
  return {
    authenticate: () => authenticator.authenticate(`Bearer ${token}`),
    "find-project": () => getProject(own, project.ref),
    "query-events": () => queryEvents(own, scope, { type: "decision_made", limit: 20 }),
    "search-text": search("text"),
    "search-semantic": search("semantic"),
    "search-hybrid": search("hybrid"),
    resume: () => resumeWork(own, project),
    "record-event": () => recordEvent(own, project, database.newEvent()),
  };
}

/** One line a database; the ratio is that of its median to the lonely tenant's. */
function linesOf(
  name: string,
  events: number,
  tookMs: readonly (readonly number[])[],
): readonly Measurement[] {
  const alone = percentiles(tookMs[0] ?? []).p50Ms;
  return tookMs.map((durations, at) => {
    const spread = percentiles(durations);
    const tenants = CROWDS[at] ?? 0;
    const operation = `${name} of ${tenants}`;
    return { operation, engine: "postgres", events, ...spread, ratio: spread.p50Ms / alone };
  });
}
