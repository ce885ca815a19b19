import { canonicalJson, isSameJson } from "../domain/canonical-json.ts";
import { compareRecords, isSameThing } from "../domain/record-order.ts";
import type { ReportItem } from "../domain/report.ts";
import {
  nameOfRecord,
  RECORD_KINDS,
  type RecordKind,
  type TransferRecord,
} from "../domain/transfer-record.ts";
import { openCursor, type RecordCursor } from "./record-cursor.ts";
import { LineCount } from "./record-lines.ts";

/** Records in the order of `Transfer.read`, in batches: a store or an export. */
export type RecordSource = AsyncIterable<readonly TransferRecord[]>;

/** What of one kind is the same here and there. */
export interface KindComparison {
  readonly here: number;
  readonly there: number;
  readonly equal: number;
  readonly differing: number;
  readonly onlyHere: number;
  readonly onlyThere: number;
  /** SHA-256 over the kind's records in their order: the same on both sides when all are equal. */
  readonly hashHere?: string;
  readonly hashThere?: string;
}

export interface Difference {
  readonly kind: RecordKind;
  readonly item: string;
  readonly what: "differs" | "only_here" | "only_there";
  /** Members that differ. */
  readonly members?: readonly string[];
}

/** INTERFACE: the report of `verify`. */
export interface VerifyReport {
  readonly equal: boolean;
  readonly perKind: Readonly<Partial<Record<RecordKind, KindComparison>>>;
  readonly differences: readonly Difference[];
  /** Differences beyond the first thousand. */
  readonly unlisted?: number;
  /** What of either side cannot be read: the first thousand. */
  readonly faults?: readonly ReportItem[];
}

/** Differences that are listed; the memory must not grow with the stores. */
const LISTED = 1_000;

export interface VerifyOptions {
  /** What is only there makes no difference. */
  readonly mayHoldMore?: boolean | undefined;
  readonly onProgress?: ((done: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Compares everything of two stores, record by record, as both come in the same order. Neither is written to. */
export async function verifyStores(
  here: RecordSource,
  there: RecordSource,
  { mayHoldMore = false, onProgress, signal }: VerifyOptions = {},
): Promise<VerifyReport> {
  const [ours, theirs] = [openCursor(here), openCursor(there)];
  const comparison = new Comparison(mayHoldMore);
  try {
    await Promise.all([ours.next(), theirs.next()]);
    while ((ours.record !== undefined || theirs.record !== undefined) && signal?.aborted !== true) {
      await comparison.step(ours, theirs);
      onProgress?.(comparison.done);
    }
    return comparison.report();
  } finally {
    await Promise.all([ours.close(), theirs.close()]);
  }
}

type Mutable = { -readonly [Member in keyof KindComparison]: KindComparison[Member] };

class Comparison {
  done = 0;
  readonly #kinds = new Map<RecordKind, Mutable>();
  readonly #differences: Difference[] = [];
  #unlisted = 0;
  readonly #mayHoldMore: boolean;
  readonly #here = new LineCount();
  /** The same as here, while no difference was met. */
  #there: LineCount | undefined;

  constructor(mayHoldMore: boolean) {
    this.#mayHoldMore = mayHoldMore;
  }

  /** Takes the next record of either side, or of both where they have the same place. */
  async step(ours: RecordCursor, theirs: RecordCursor): Promise<void> {
    const order = compareRecords(ours.record, theirs.record);
    const [mine, other] = [order <= 0 ? ours.record : undefined, order >= 0 ? theirs.record : undefined];
    if (mine && other && isSameJson(mine, other)) this.#same(mine);
    else this.#unlike(mine, other);
    this.done += 1;
    if (mine) await ours.next();
    if (other) await theirs.next();
  }

  report(): VerifyReport {
    const here = this.#here.trailer().hashes;
    const hashes = { here, there: this.#there?.trailer().hashes ?? here };
    const perKind = RECORD_KINDS.flatMap((kind) => {
      const counts = this.#kinds.get(kind);
      const [hashHere, hashThere] = [hashes.here[kind], hashes.there[kind]];
      const hashed = { ...(hashHere && { hashHere }), ...(hashThere && { hashThere }) };
      return counts === undefined ? [] : [[kind, { ...counts, ...hashed }] as const];
    });
    return {
      equal: this.#differences.length === 0,
      perKind: Object.fromEntries(perKind),
      differences: this.#differences,
      ...(this.#unlisted > 0 && { unlisted: this.#unlisted }),
    };
  }

  #same(record: TransferRecord): void {
    const line = canonicalJson(record);
    this.#here.add(record.record, line);
    this.#there?.add(record.record, line);
    const kind = this.#kind(record.record);
    kind.here += 1;
    kind.there += 1;
    kind.equal += 1;
  }

  #unlike(mine: TransferRecord | undefined, other: TransferRecord | undefined): void {
    this.#there ??= this.#here.copy();
    if (mine) this.#here.add(mine.record, canonicalJson(mine));
    if (other) this.#there.add(other.record, canonicalJson(other));
    if (mine) this.#kind(mine.record).here += 1;
    if (other) this.#kind(other.record).there += 1;
    if (mine && other && isSameThing(mine, other)) {
      if (canonicalJson(mine) === canonicalJson(other)) this.#kind(mine.record).equal += 1;
      else this.#differ(mine, other);
      return;
    }
    if (mine) this.#alone(mine, "only_here");
    if (other) this.#alone(other, "only_there");
  }

  #differ(mine: TransferRecord, other: TransferRecord): void {
    this.#kind(mine.record).differing += 1;
    const [left, right] = [new Map(Object.entries(mine)), new Map(Object.entries(other))];
    const names = [...new Set([...left.keys(), ...right.keys()])].sort();
    const members = names.filter((name) => canonicalJson(left.get(name)) !== canonicalJson(right.get(name)));
    this.#list({ kind: mine.record, item: nameOfRecord(mine), what: "differs", members });
  }

  #alone(record: TransferRecord, what: "only_here" | "only_there"): void {
    this.#kind(record.record)[what === "only_here" ? "onlyHere" : "onlyThere"] += 1;
    if (what === "only_there" && this.#mayHoldMore) return;
    this.#list({ kind: record.record, item: nameOfRecord(record), what });
  }

  #list(difference: Difference): void {
    if (this.#differences.length < LISTED) this.#differences.push(difference);
    else this.#unlisted += 1;
  }

  #kind(kind: RecordKind): Mutable {
    const fresh = { here: 0, there: 0, equal: 0, differing: 0, onlyHere: 0, onlyThere: 0 };
    const known = this.#kinds.get(kind) ?? fresh;
    this.#kinds.set(kind, known);
    return known;
  }
}
