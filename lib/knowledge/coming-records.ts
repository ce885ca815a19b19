import { KINDS } from "../domain/ids.ts";
import type { TransferRecord } from "../domain/transfer-record.ts";
import type { Coming } from "../storage/contract/transfer.ts";
import { ownerKey, passageKey } from "../storage/neutral/coming.ts";

/**
 * What a dry run has met, so that it judges what depends on it as the real run will, which finds it in the store or not.
 * What is left behind is remembered, not what comes: of that there may be millions.
 */
export class ComingRecords implements Coming {
  readonly projects = new Set<string>();
  readonly spaces = new Map<string, number>();
  readonly leftBehind = new Set<string>();

  /** Records that are about to be written. */
  bring(records: readonly TransferRecord[]): void {
    for (const record of records) {
      if (record.record === "project") this.projects.add(record.id);
      else if (record.record === "space") this.spaces.set(record.id, record.dimensions);
    }
  }

  /** One that is not written, as far as it can be read. Where it stands already, the store finds it all the same. */
  leave(record: Partial<Readonly<Record<string, unknown>>>): void {
    const { record: kind, project, id, kind: of, ordinal } = record;
    const row = KINDS.find((one) => one === (kind === "passage" ? of : kind));
    if (row === undefined) return;
    const owner = { project: String(project), kind: row, id: String(id) };
    this.leftBehind.add(
      kind === "passage" ? passageKey({ ...owner, ordinal: Number(ordinal) }) : ownerKey(owner),
    );
  }
}
