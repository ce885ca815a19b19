import { DEFAULT_TENANT, type Kind, type ProjectId } from "../../domain/ids.ts";
import type { TransferOptions } from "../contract/transfer.ts";
import { comingOwner, isProjectComing } from "../neutral/coming.ts";
import { SHAPES } from "../neutral/shapes.ts";
import type { StandingOwner } from "../neutral/transfer-decisions.ts";
import type { TransferTally } from "../neutral/transfer-notes.ts";
import type { Database } from "./driver.ts";
import type { PassageStore } from "./passages.ts";
import { SCOPE } from "./rows.ts";
import type { StandingSpace } from "./spaces.ts";

/** Records on their way into the store, in one transaction. */
export interface TransferBatch {
  readonly db: Database;
  readonly passages: PassageStore;
  readonly options: TransferOptions;
  readonly tally: TransferTally;
  /** What was looked up for earlier records of the batch. */
  readonly found: Map<string, unknown>;
  /** Where vectors came. */
  readonly coded: Map<string, CodedPlace>;
}

/** A project's vectors in one space. */
export interface CodedPlace {
  readonly project: ProjectId;
  readonly space: StandingSpace;
}

/** Whether the project is there; in a dry run it may come with this transfer. */
export function hasProject({ db, found, options }: TransferBatch, project: ProjectId): boolean {
  return (
    isProjectComing(options, project) ||
    once(found, `project ${project}`, () => {
      const sql = `SELECT 1 FROM projects WHERE tenant_id = '${DEFAULT_TENANT}' AND id = ?`;
      return db.prepare(sql).get(project) !== undefined;
    })
  );
}

/** The row that something belongs to; in a dry run it may come with this transfer, as what comes with it wants it. */
export function ownerOf(
  { db, options }: TransferBatch,
  name: { readonly kind: Kind; readonly project: ProjectId; readonly id: string },
  ownerHash = "",
): StandingOwner | undefined {
  const sql = `SELECT revision, content_hash FROM ${SHAPES[name.kind].table} WHERE ${SCOPE} AND id = ?`;
  const row = db.prepare(sql).raw(name.project, name.id)[0];
  if (row !== undefined) return { revision: Number(row[0]), contentHash: String(row[1]) };
  return comingOwner(options, name, ownerHash);
}

/** Looks something up at its first use in a batch. */
export function once<Value>(found: Map<string, unknown>, name: string, look: () => Value): Value {
  if (!found.has(name)) found.set(name, look());
  // SAFETY: what stands under a name was put there by the same look-up.
  return found.get(name) as Value;
}
