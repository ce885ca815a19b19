import type { ProjectId } from "../../domain/ids.ts";
import { nameOfRecord, type RecordKind } from "../../domain/transfer-record.ts";
import type { CopyingStorage, StorageAdapter } from "../adapter.ts";
import type { CopyState } from "../contract/copy.ts";
import { differencesOfStores, type View } from "./differences.ts";

export interface Followed {
  readonly state: CopyState;
  /** Newest sequence number of each project in the store that counts. */
  readonly newest: ReadonlyMap<ProjectId, number>;
}

/**
 * Why a store is not the one that the copy followed so far, or has lost what the copy still holds: another database, or
 * one that was put back to an earlier day. Following it would erase the only copy of acknowledged writes.
 */
export async function whyApart(
  store: StorageAdapter,
  copy: CopyingStorage,
  { state, newest }: Followed,
): Promise<string | undefined> {
  const cursors = Object.entries(state.cursors).filter(([, seq]) => seq > 0);
  let known = 0;
  for (const [name, seq] of cursors) {
    // SAFETY: the cursors are named by ids of projects.
    const project = name as ProjectId;
    const last = newest.get(project);
    if (last === undefined) continue;
    known += 1;
    if (last < seq) return `PostgreSQL ends at change ${last} of a project of which the copy holds ${seq}.`;
    const [theirs] = await store.changes.since(project, seq - 1, 1);
    const [ours] = await copy.changes.since(project, seq - 1, 1);
    if (theirs?.contentHash !== ours?.contentHash || theirs?.id !== ours?.id) {
      return `PostgreSQL has another change ${seq} of a project than the copy.`;
    }
  }
  const isOther = cursors.length > 0 && known === 0;
  return isOther ? "PostgreSQL holds none of the projects that the copy holds." : undefined;
}

/** What nobody could write again. */
const TRUTH: readonly RecordKind[] = ["project", "plan", "session", "pattern", "event", "revision"];

/** A record that a file holds and the other store lacks, if there is one: following would erase it. */
export async function onlyInCopy(theirs: View, ours: View): Promise<string | undefined> {
  for await (const { remove, changed = [] } of differencesOfStores(theirs, ours, TRUTH)) {
    // A row that was changed in the other store since has its older revisions there.
    const lacking = remove[0] ?? changed.find(({ record }) => record === "revision");
    if (lacking !== undefined) return nameOfRecord(lacking);
  }
  return undefined;
}
