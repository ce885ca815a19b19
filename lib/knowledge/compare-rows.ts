import { canonicalJson } from "../domain/canonical-json.ts";
import { grouped } from "../domain/grouped.ts";
import { KINDS, type Kind, type ProjectId, type RowId } from "../domain/ids.ts";
import type { RowRecord, TransferRecord } from "../domain/transfer-record.ts";
import { type RowStore, rowsByIds } from "./read-back.ts";

/** What of some rows, chosen at random, is the same in two stores. */
export interface RowComparison {
  readonly rows: number;
  /** Members that were compared, of all rows. */
  readonly fields: number;
  readonly differences: readonly { readonly item: string; readonly field: string }[];
}

interface Named {
  readonly kind: Kind;
  readonly project: ProjectId;
  readonly id: RowId;
}

/** Some of the rows that pass, each as likely as any other (reservoir sampling, Vitter's algorithm R). */
export class RowSample {
  readonly #names: Named[] = [];
  readonly #size: number;
  readonly #random: (bytes: number) => Uint8Array;
  #passed = 0;

  constructor(size: number, random: (bytes: number) => Uint8Array) {
    this.#size = size;
    this.#random = random;
  }

  add(records: readonly TransferRecord[]): void {
    for (const record of records) {
      if (!isRow(record)) continue;
      const { record: kind, project, id } = record;
      this.#passed += 1;
      const place = this.#passed <= this.#size ? this.#passed - 1 : this.#below(this.#passed);
      if (place < this.#size) this.#names[place] = { kind, project, id };
    }
  }

  get names(): readonly Named[] {
    return this.#names;
  }

  #below(limit: number): number {
    return Buffer.from(this.#random(6)).readUIntBE(0, 6) % limit;
  }
}

/**
 * Reads rows from two stores, each as everybody reads them and not as transfers do, and compares them member by
 * member. Ref and slug are each store's own; so is what a link leads to.
 */
export async function compareRows(
  source: RowStore,
  target: RowStore,
  names: readonly Named[],
): Promise<RowComparison> {
  const differences: { item: string; field: string }[] = [];
  let fields = 0;
  for (const of of grouped(names, ({ kind, project }) => `${kind} ${project}`).values()) {
    const [here, there] = await Promise.all([readMembers(source, of), readMembers(target, of)]);
    for (const { kind, id } of of) {
      const [mine, other] = [here.get(id) ?? new Map(), there.get(id) ?? new Map()];
      for (const field of new Set([...mine.keys(), ...other.keys()])) {
        fields += 1;
        if (mine.get(field) !== other.get(field)) differences.push({ item: `${kind} ${id}`, field });
      }
    }
  }
  return { rows: names.length, fields, differences };
}

type Members = ReadonlyMap<string, string>;

/** Rows of one project and kind by their ids, each member as JSON. */
async function readMembers(
  storage: RowStore,
  names: readonly Named[],
): Promise<ReadonlyMap<string, Members>> {
  const [first] = names;
  if (first === undefined) return new Map();
  const { project, kind } = first;
  const ids = names.map(({ id }) => id);
  const found = await rowsByIds({ storage }, project, kind, ids);
  return new Map(found.map(({ row }) => [row.id, membersOf(row)]));
}

function membersOf(row: object): Members {
  const members = Object.entries(row).filter(([key, value]) => !OWN.has(key) && value !== undefined);
  return new Map(
    members.map(([key, value]) => [key, canonicalJson(key === "links" ? asWritten(value) : value)]),
  );
}

/** What each store gives itself. */
const OWN: ReadonlySet<string> = new Set(["ref", "slug"]);

/** Links without what they lead to. */
function asWritten(links: unknown): unknown {
  return Array.isArray(links) ? links.map(({ rel, target }) => ({ rel, target })) : links;
}

function isRow(record: TransferRecord): record is RowRecord {
  return KINDS.some((kind) => kind === record.record);
}
