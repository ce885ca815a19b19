import { KINDS } from "../../domain/ids.ts";
import type { SharedStorage } from "../adapter.ts";
import { SHAPES } from "../neutral/shapes.ts";
import type { Connections } from "./driver.ts";
import { translated } from "./errors.ts";
import { SCHEMA } from "./roles.ts";
import { readSchema, type SchemaState } from "./schema.ts";

type Answer<Name extends "pool" | "schemaNow" | "rowEstimates"> = ReturnType<SharedStorage[Name]>;

export function poolFigures(connections: Connections): Answer<"pool"> {
  const { total, idle, waiting } = connections.figures();
  return { inUse: total - idle, idle, waiting, most: connections.most };
}

/** @param onSeen told of it, so that writing is refused as soon as a newer program has changed the schema so */
export async function lookAtSchema(
  connections: Connections,
  onSeen: (state: SchemaState) => void,
): Promise<SchemaState> {
  const state = await readSchema(connections);
  onSeen(state);
  return state;
}

export async function schemaNow(...seen: Parameters<typeof lookAtSchema>): Answer<"schemaNow"> {
  const { version, pending, access } = await lookAtSchema(...seen);
  return { version, isCurrent: pending.length === 0 && access === "write" };
}

/** A table that was never analysed says -1: nothing is known of it, and it is small. */
const ESTIMATES = `SELECT coalesce(parent.relname, c.relname), sum(greatest(c.reltuples, 0))::bigint
  FROM pg_catalog.pg_class c
  LEFT JOIN pg_catalog.pg_inherits i ON i.inhrelid = c.oid
  LEFT JOIN pg_catalog.pg_class parent ON parent.oid = i.inhparent
  WHERE c.relnamespace = '${SCHEMA}'::regnamespace AND c.relkind = 'r'
  GROUP BY 1`;

/** From the catalogue, which holds no tenant's data: so no role is entered. */
export async function rowEstimates(connections: Connections): Answer<"rowEstimates"> {
  const lent = await connections.lend().catch((error: unknown) => {
    throw translated(error, connections.location);
  });
  let isBroken = true;
  try {
    const { rows } = await lent.query(ESTIMATES, []);
    isBroken = false;
    const estimates = new Map(rows.map(([table, count]) => [String(table), Number(count)]));
    const [plan = 0, session = 0, pattern = 0, event = 0] = KINDS.map(
      (kind) => estimates.get(SHAPES[kind].table) ?? 0,
    );
    return { plan, session, pattern, event };
  } catch (error) {
    throw translated(error, connections.location);
  } finally {
    lent.release(isBroken);
  }
}
