import type pg from "pg";
import { toSql } from "pgvector/pg";
import type { SpaceIdentity } from "../../lib/storage/contract/passages.ts";
import { giveSpace } from "../../lib/storage/postgres/spaces.ts";
import { clientFor } from "./owner.ts";
import type { BenchTenant } from "./tenants.ts";

const NOISES = 2_000;
const WEIGHTS = 64;

/** Puts real embeddings, noise and weights where the server can recombine them. */
export async function loadSeeds(
  owner: pg.Client,
  seeds: readonly Float32Array[],
  random: () => number,
): Promise<void> {
  const dimensions = seeds[0]?.length ?? 0;
  // Of two added noises each is weaker by √2: their sum is as strong as one of 0.35.
  const scale = ((0.35 / Math.sqrt(dimensions)) * Math.sqrt(12)) / Math.sqrt(2);
  const noises = Array.from({ length: NOISES }, () =>
    Float32Array.from({ length: dimensions }, () => scale * (random() - 0.5)),
  );
  const weights = Array.from({ length: WEIGHTS }, (_, i) =>
    new Float32Array(dimensions).fill(0.5 + i / WEIGHTS / 2),
  );
  const opposite = weights.map((weight) => weight.map((value) => 1 - value));
  for (const [name, list] of Object.entries({ seeds, noises, weights, opposite })) {
    await owner.query(`CREATE TEMP TABLE bench_${name} (n int PRIMARY KEY, e vector NOT NULL)`);
    await owner.query(
      `INSERT INTO bench_${name} SELECT n - 1, e FROM unnest($1::vector[]) WITH ORDINALITY AS s (e, n)`,
      [list.map((vector) => toSql(Array.from(vector)))],
    );
    await owner.query(`ANALYZE bench_${name}`);
  }
}

/**
 * Gives every passage of a tenant a vector: two real embeddings weighed against each other, plus noise, of
 * length 1, chosen by a hash of the passage's number. Returns the space's number.
 */
export async function loadVectors(
  owner: pg.Client,
  tenant: BenchTenant,
  { space, seeds }: { readonly space: SpaceIdentity; readonly seeds: number },
): Promise<number> {
  const client = clientFor(owner, tenant.id);
  const number = await giveSpace(client, space);
  const pick = (salt: number, of: number) => `(abs(hashint8extended(c.id, ${salt}) % ${of}))`;
  for (const { project } of tenant.projects) {
    const count = await client.run(
      `INSERT INTO vectors (tenant_id, project_id, chunk_id, space_id, text_hash, embedding)
       SELECT c.tenant_id, c.project_id, c.id, ?::bigint, c.text_hash,
         l2_normalize(a.e * w.e + b.e * o.e + x.e + y.e)
       FROM chunks c
       JOIN bench_seeds a ON a.n = ${pick(1, seeds)} JOIN bench_seeds b ON b.n = ${pick(2, seeds)}
       JOIN bench_weights w ON w.n = ${pick(3, WEIGHTS)} JOIN bench_opposite o ON o.n = w.n
       JOIN bench_noises x ON x.n = ${pick(4, NOISES)} JOIN bench_noises y ON y.n = ${pick(5, NOISES)}
       WHERE c.tenant_id = ? AND c.project_id = ?`,
      number,
      tenant.id,
      project.id,
    );
    await client.run(
      "INSERT INTO term_frequencies (tenant_id, project_id, term, count) VALUES (?, ?, ?, ?)",
      tenant.id,
      project.id,
      `#vectors ${number}`,
      count,
    );
  }
  return number;
}
