import type { Deps } from "../../lib/knowledge/deps.ts";
import { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import { readModelVocabulary } from "../model-vocabulary.ts";
import { loadProject } from "../postgres/load.ts";
import { loadSeeds, loadVectors } from "../postgres/load-vectors.ts";
import { connectOwner } from "../postgres/owner.ts";
import { registerTenants } from "../postgres/tenants.ts";
import { eventOf } from "../store.ts";
import { realWords, seededRandom, textMaker } from "../vocabulary.ts";

export const PROJECTS = 5;
const EVENTS_EACH = 5;
const TOKENS_EACH = 5;
const SEEDS = 50;

/** Adds tenants of five projects with five events each, and five tokens, beside those that are there. */
export async function addTenants(
  url: string,
  deps: Deps,
  { from, to, say }: { readonly from: number; readonly to: number; readonly say: (text: string) => void },
): Promise<void> {
  const { embedder } = deps;
  if (embedder === undefined) throw new Error("The bench needs an embedder.");
  const random = seededRandom(from);
  const text = textMaker(realWords(readModelVocabulary()), random);
  const storage = await PostgresStorage.open({ url });
  const owner = await connectOwner(url);
  try {
    await owner.query("SET synchronous_commit = off");
    await loadSeeds(owner, await embedder.embed(Array.from({ length: SEEDS }, () => text(4))), random);
    for (let n = from; n < to; n++) {
      const plan = { [`crowd-${n}`]: Array.from({ length: PROJECTS }, () => EVENTS_EACH) };
      for (const tenant of await registerTenants(owner, storage, plan)) {
        for (const of of tenant.projects)
          await loadProject(owner, deps, { tenant, of }, () => eventOf(text, random));
        await loadVectors(owner, tenant, { space: embedder.space, seeds: SEEDS });
        await owner.query(TOKENS, [tenant.id, TOKENS_EACH]);
      }
      if ((n + 1) % 100 === 0) say(`${n + 1} tenants`);
    }
    await owner.query("VACUUM ANALYZE");
  } finally {
    await owner.end();
    await storage.close();
  }
}

/** Hashes of nobody's texts. */
const TOKENS = `INSERT INTO tokens (tenant_id, id, name, hash, scope, created_at)
  SELECT $1, gen_random_uuid(), 'crowd', encode(sha256(gen_random_uuid()::text::bytea), 'hex'), 'read', now()
  FROM generate_series(1, $2::int)`;
