import { DEFAULT_TENANT } from "../../domain/ids.ts";
import type { SpaceIdentity } from "../contract/passages.ts";
import type { Database } from "./driver.ts";

export interface StandingSpace extends SpaceIdentity {
  readonly id: number;
}

/** The space's number, or `undefined` while it has no vectors. */
export function findSpace(db: Database, space: SpaceIdentity): number | undefined {
  const row = db
    .prepare(
      `SELECT id FROM spaces WHERE tenant_id = ? AND model = ? AND revision = ? AND dimensions = ?
       AND pooling = ? AND normalised = ?`,
    )
    .get(...keyOf(space));
  return row === undefined ? undefined : Number(row.id);
}

/** The space's number, given now if it has none; every passage is then owed a vector. */
export function giveSpace(db: Database, space: SpaceIdentity): number {
  return (
    findSpace(db, space) ??
    db
      .prepare(
        `INSERT INTO spaces (tenant_id, model, revision, dimensions, pooling, normalised)
         VALUES (?, ?, ?, ?, ?, ?)`,
      )
      .run(...keyOf(space)).lastInsertRowid
  );
}

/** All spaces, oldest first. */
export function selectSpaces(db: Database): readonly StandingSpace[] {
  return db
    .prepare(
      "SELECT id, model, revision, dimensions, pooling, normalised FROM spaces WHERE tenant_id = ? ORDER BY id",
    )
    .raw(DEFAULT_TENANT)
    .map(([id, model, revision, dimensions, pooling, normalised]) => ({
      id: Number(id),
      model: String(model),
      revision: String(revision),
      dimensions: Number(dimensions),
      pooling: String(pooling),
      normalised: normalised === 1,
    }));
}

function keyOf(space: SpaceIdentity): readonly [string, string, string, number, string, number] {
  const { model, revision, dimensions, pooling, normalised } = space;
  return [DEFAULT_TENANT, model, revision, dimensions, pooling, normalised ? 1 : 0];
}
