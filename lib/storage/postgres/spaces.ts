import type { SpaceIdentity } from "../contract/passages.ts";
import type { Client } from "./driver.ts";

export interface StandingSpace extends SpaceIdentity {
  readonly id: number;
}

/** The space's number, or `undefined` while it has no vectors. */
export async function findSpace(client: Client, space: SpaceIdentity): Promise<number | undefined> {
  const [row] = await client.rows(
    `SELECT id FROM spaces WHERE tenant_id = ? AND model = ? AND revision = ? AND dimensions = ?
     AND pooling = ? AND normalised = ?`,
    ...keyOf(client, space),
  );
  return row === undefined ? undefined : Number(row[0]);
}

/** The space's number, given now if it has none. */
export async function giveSpace(client: Client, space: SpaceIdentity): Promise<number> {
  const known = await findSpace(client, space);
  if (known !== undefined) return known;
  await client.run(
    `INSERT INTO spaces (tenant_id, model, revision, dimensions, pooling, normalised)
     VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    ...keyOf(client, space),
  );
  // Another transaction may have given it: its row shows once it is committed, which the INSERT waited for.
  return Number(await findSpace(client, space));
}

/** All spaces, oldest first. */
export async function selectSpaces(client: Client): Promise<readonly StandingSpace[]> {
  const rows = await client.rows(
    "SELECT id, model, revision, dimensions, pooling, normalised FROM spaces WHERE tenant_id = ? ORDER BY id",
    client.tenant,
  );
  return rows.map(([id, model, revision, dimensions, pooling, normalised]) => ({
    id: Number(id),
    model: String(model),
    revision: String(revision),
    dimensions: Number(dimensions),
    pooling: String(pooling),
    normalised: normalised === true,
  }));
}

function keyOf(
  { tenant }: Client,
  { model, revision, dimensions, pooling, normalised }: SpaceIdentity,
): readonly [string, string, string, number, string, boolean] {
  return [tenant, model, revision, dimensions, pooling, normalised];
}
