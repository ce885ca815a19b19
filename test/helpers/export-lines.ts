import { RECORD_KINDS, spaceKey, type TransferRecord } from "../../lib/domain/transfer-record.ts";
import { truthful } from "./transfer.ts";

/** A line of a hand-made export. */
export type Line = Readonly<Record<string, unknown>>;

export const PROJECT = "00000000-0000-7000-8000-000000000001";
export const uuid = (nth: number) => `aaaaaaaa-0000-7000-8000-${String(nth).padStart(12, "0")}`;
const MOMENT = "2026-01-01T00:00:00.000Z";
const SPACE = { model: "m", revision: "1", dimensions: 2, pooling: "mean", normalised: true };
/** Stands for any hash; {@link asExport} puts the true ones in. */
export const HASH = "c".repeat(64);

export const project = (id: string = PROJECT): Line => ({
  ...{ record: "project", id, ref: "prj_aaaaaaaa", name: "pier", keys: [], roots: [], createdAt: MOMENT },
});
export const event = (nth: number, more: Line = {}): Line => ({
  ...{ record: "event", project: PROJECT, id: uuid(nth), ref: `evt_${String(nth).padStart(8, "0")}` },
  ...{ type: "note", summary: "s", data: { text: "t" }, tags: [], files: [], revision: 1, contentHash: HASH },
  ...{ occurredAt: MOMENT, recordedAt: MOMENT, ...more },
});
export const plan = (nth: number, slug: string, more: Line = {}): Line => ({
  ...{ record: "plan", project: PROJECT, id: uuid(nth), ref: `pln_${String(nth).padStart(8, "0")}`, slug },
  ...{ title: slug, status: "ACTIVE", topics: [], links: [], source: "store", content: "", revision: 1 },
  ...{ createdAt: MOMENT, updatedAt: MOMENT, contentHash: HASH, ...more },
});
export const of = (nth: number): Line => ({ project: PROJECT, kind: "event", id: uuid(nth) });
export const passage = (nth: number, terms = "tide", ordinal = 0): Line => ({
  ...{ record: "passage", ...of(nth), ordinal, ownerHash: HASH, heading: "", text: "tide", terms },
  ...{ length: terms.split(" ").length, textHash: HASH, date: MOMENT, eventType: "note", hidden: false },
});
export const vector = (nth: number, ...numbers: readonly number[]): Line => ({
  ...{ record: "vector", ...of(nth), ordinal: 0, space: spaceKey(SPACE), textHash: HASH },
  embedding: Buffer.from(Float32Array.from(numbers).buffer).toString("base64"),
});
export const space: Line = { record: "space", id: spaceKey(SPACE), ...SPACE };

/** An export of these lines, in the order of the kinds; where a hash of content is left to be {@link HASH}, the true one. */
export function asExport(lines: readonly Line[]): string {
  // SAFETY: hand-made lines; whatever of them is no record, stays as it is.
  const told = truthful(lines as unknown as readonly TransferRecord[]);
  const own = lines.map((line, i) => ({ ...line, ...trueHashes(line, { ...told[i] }) }));
  const place = ({ record }: Line) => RECORD_KINDS.map(String).indexOf(String(record));
  const text = own.toSorted((a, b) => place(a) - place(b)).map((line) => JSON.stringify(line));
  return `${['{"record":"header","product":"aiknowsys","format":1}', ...text, '{"record":"end"}'].join("\n")}\n`;
}

function trueHashes(line: Line, told: Line): Line {
  const names = ["contentHash", "ownerHash"].filter((name) => line[name] === HASH);
  return Object.fromEntries(names.map((name) => [name, told[name]]));
}
