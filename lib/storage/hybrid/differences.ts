import { canonicalJson } from "../../domain/canonical-json.ts";
import { compareRecords, isSameThing, keyOfRecord } from "../../domain/record-order.ts";
import { RECORD_KINDS, type RecordKind, type TransferRecord } from "../../domain/transfer-record.ts";
import type { StorageAdapter } from "../adapter.ts";
import type { SnapshotId } from "../contract/transfer.ts";
import { refuseUnread } from "../neutral/readable-records.ts";

/** What makes the copy equal. */
export interface Differences {
  readonly remove: readonly TransferRecord[];
  readonly put: readonly TransferRecord[];
  /** What stands under the keys of some of `put`, with another content. */
  readonly changed?: readonly TransferRecord[];
}

/** A store as it is at one moment. */
export interface View {
  readonly storage: StorageAdapter;
  readonly id: SnapshotId;
}

const BATCH = 1_000;

/** Between two lists of records of whatever order. */
export function differencesBetween(
  theirs: readonly TransferRecord[],
  ours: readonly TransferRecord[],
): Differences {
  const standing = new Map(ours.map((record) => [nameOf(record), record]));
  const put = theirs.filter((record) => {
    const name = nameOf(record);
    const same = isEqual(record, standing.get(name));
    standing.delete(name);
    return !same;
  });
  return { remove: [...standing.values()], put };
}

/** Between two stores, kind by kind, in batches of bounded size. */
export async function* differencesOfStores(
  theirs: View,
  ours: View,
  kinds: readonly RecordKind[],
): AsyncGenerator<Differences, void> {
  for (const kind of RECORD_KINDS) {
    if (!kinds.includes(kind)) continue;
    yield* differencesOfKind(openReader(theirs, kind), openReader(ours, kind));
  }
}

/** All records of a kind, one after the other. */
interface Reader {
  next(): Promise<TransferRecord | undefined>;
}

async function* differencesOfKind(theirs: Reader, ours: Reader): AsyncGenerator<Differences, void> {
  const found = new Found();
  let [their, our] = await Promise.all([theirs.next(), ours.next()]);
  while (their !== undefined || our !== undefined) {
    const order = compareRecords(their, our);
    found.compare(order <= 0 ? their : undefined, order >= 0 ? our : undefined);
    if (order <= 0) their = await theirs.next();
    if (order >= 0) our = await ours.next();
    if (found.size >= BATCH) yield found.take();
  }
  yield found.take();
  yield found.unsealed();
}

/** What has been found and not been handed on. */
class Found {
  #remove: TransferRecord[] = [];
  #put: TransferRecord[] = [];
  #changed: TransferRecord[] = [];
  /** Lines without a number have no order that both sides know: they are compared at the end. */
  readonly #unsealed: { readonly theirs: TransferRecord[]; readonly ours: TransferRecord[] } = {
    ...{ theirs: [], ours: [] },
  };

  get size(): number {
    return this.#put.length + this.#remove.length;
  }

  /** Takes what stands at one place on either side, or on both. */
  compare(their: TransferRecord | undefined, our: TransferRecord | undefined): void {
    if (their !== undefined && our !== undefined && isSameThing(their, our)) {
      if (isEqual(their, our)) return;
      this.#put.push(their);
      this.#changed.push(our);
      return;
    }
    if (their !== undefined) (isUnsealed(their) ? this.#unsealed.theirs : this.#put).push(their);
    if (our !== undefined) (isUnsealed(our) ? this.#unsealed.ours : this.#remove).push(our);
  }

  take(): Differences {
    const taken = { remove: this.#remove, put: this.#put, changed: this.#changed };
    [this.#remove, this.#put, this.#changed] = [[], [], []];
    return taken;
  }

  unsealed(): Differences {
    return differencesBetween(this.#unsealed.theirs, this.#unsealed.ours);
  }
}

function openReader({ storage, id }: View, kind: RecordKind): Reader {
  let batch: readonly TransferRecord[] = [];
  let at = 0;
  let after: string | undefined;
  let isLast = false;
  return {
    next: async () => {
      while (at >= batch.length && !isLast) {
        const read = await storage.transfer.read(id, kind, { after, limit: BATCH });
        // What cannot be read is no reason to take it out of the other store.
        for (const row of read.unread ?? []) refuseUnread(row);
        [batch, at, after, isLast] = [read.records, 0, read.next, read.next === undefined];
      }
      at += 1;
      return batch[at - 1];
    },
  };
}

function isUnsealed(record: TransferRecord): boolean {
  return record.record === "change" && record.seq === undefined;
}

function nameOf(record: TransferRecord): string {
  return JSON.stringify([record.record, ...keyOfRecord(record)]);
}

function isEqual(a: TransferRecord | undefined, b: TransferRecord | undefined): boolean {
  return a !== undefined && b !== undefined && canonicalJson(a) === canonicalJson(b);
}
