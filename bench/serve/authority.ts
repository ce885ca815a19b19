import type { Deps } from "../../lib/knowledge/deps.ts";
import { recordEvent } from "../../lib/knowledge/record-event.ts";
import { searchKnowledge } from "../../lib/knowledge/search.ts";
import { openAuthenticator } from "../../lib/server/authenticator.ts";
import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import { parseAddress } from "../../lib/storage/postgres/address.ts";
import type { Connections, Lent } from "../../lib/storage/postgres/driver.ts";
import { openPool } from "../../lib/storage/postgres/pool.ts";
import { type Measurement, percentiles } from "../measure.ts";
import type { BenchDatabase } from "../postgres/database.ts";
import type { BenchTenant } from "../postgres/tenants.ts";

const ROUNDS = 150;

/**
 * What it costs to know who calls and to let the database hold it to its rights: each call done in turn by the token
 * under row-level security, and bare, as a login that may pass it by. In this process, without HTTP.
 */
export async function measureAuthority(
  database: BenchDatabase,
  { tenant, token, deps }: { readonly tenant: BenchTenant; readonly token: string; readonly deps: Deps },
): Promise<readonly Measurement[]> {
  const { connections, asLogin } = openSwitch(
    openPool({ address: parseAddress(database.url, undefined), max: 4 }),
  );
  const storage = await PostgresStorage.over(connections, {});
  const authenticator = await openAuthenticator({
    ...{ storage, kinds: ["token"], credentials: {}, clock: Date.now, log: deps.log },
  });
  const [first] = tenant.projects;
  if (first === undefined) return [];
  const { project } = first;
  const uses = {
    search: (own: Deps) => {
      const query = questions[at % questions.length] ?? "";
      const scope = { project: undefined, projects: [project] };
      return searchKnowledge(own, scope, { query, limit: 10, waitMs: Number.POSITIVE_INFINITY });
    },
    "record-event": (own: Deps) => recordEvent(own, project, database.newEvent()),
  };
  const questions = Array.from({ length: 50 }, (_, i) => database.question(2 + (i % 5)));
  await Promise.all(questions.map((question) => deps.embedder?.embed([question], { purpose: "query" })));
  let at = 0;
  const known = async (use: (own: Deps) => Promise<unknown>) => {
    const caller = await authenticator.authenticate(`Bearer ${token}`);
    await use({ ...deps, storage: storage.granted(caller), actor: caller.name });
  };
  const bare = (use: (own: Deps) => Promise<unknown>) =>
    asLogin(() => use({ ...deps, storage: storage.granted({ tenant: tenant.id, projects: "all" }) }));
  try {
    const lines: Measurement[] = [];
    for (const [name, use] of Object.entries(uses)) {
      const [knownMs, bareMs]: [number[], number[]] = [[], []];
      for (let round = -10; round < ROUNDS; round++) {
        at = round + 10;
        const took = { known: await ms(() => known(use)), bare: await ms(() => bare(use)) };
        if (round < 0) continue;
        knownMs.push(took.known);
        bareMs.push(took.bare);
      }
      const [with_, without] = [percentiles(knownMs), percentiles(bareMs)];
      lines.push({
        operation: `authority ${name}`,
        engine: "postgres",
        events: database.events,
        ...with_,
        floorMs: without.p50Ms,
        ratio: with_.p50Ms / without.p50Ms,
        note: "token + row-level security; floor: the bare store call as a login past both",
      });
    }
    return lines;
  } finally {
    await authenticator.close();
    await storage.close();
  }
}

async function ms(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** The same connections; within `asLogin` no role is entered, so that a superuser's statements pass every policy by. */
function openSwitch(connections: Connections) {
  let isBare = false;
  const sql = (text: string): string => (isBare ? text.replace(/SET LOCAL ROLE \w+;/, "") : text);
  const lend = async (): Promise<Lent> => {
    const lent = await connections.lend();
    return { ...lent, script: (text) => lent.script(sql(text)), answers: (text) => lent.answers(sql(text)) };
  };
  return {
    connections: { ...connections, lend },
    asLogin: async (work: () => Promise<unknown>): Promise<void> => {
      isBare = true;
      try {
        await work();
      } finally {
        isBare = false;
      }
    },
  };
}
