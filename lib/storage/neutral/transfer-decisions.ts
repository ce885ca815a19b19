import { canonicalJson } from "../../domain/canonical-json.ts";
import type { FolderRecord, RecordOf, RowRecord } from "../../domain/transfer-record.ts";
import type { ConflictPolicy, TransferOptions } from "../contract/transfer.ts";
import { passageKey } from "./coming.ts";
import { NO_SPACE } from "./missing-parts.ts";
import { unfitting } from "./vector-bytes.ts";

/** What an engine does with one record; `none` says why nothing is written. */
export type Decision =
  | { readonly act: "insert" | "replace" }
  | { readonly act: "none"; readonly as: "unchanged" }
  | { readonly act: "none"; readonly as: "skipped" | "failed"; readonly reason: string };

/** A row as far as its history and passages need it. */
export interface StandingOwner {
  readonly revision: number;
  readonly contentHash: string;
}

const INSERT: Decision = { act: "insert" };
const REPLACE: Decision = { act: "replace" };
const UNCHANGED: Decision = { act: "none", as: "unchanged" };
const failed = (reason: string): Decision => ({ act: "none", as: "failed", reason });
const skipped = (reason: string): Decision => ({ act: "none", as: "skipped", reason });

/** Rows of truth. Ref and slug are given by each store, so they make no difference. */
export function decideRow(
  record: RowRecord,
  standing: RowRecord | undefined,
  policy: ConflictPolicy,
): Decision {
  if (standing === undefined) return INSERT;
  if (textOf(nameless(record)) === textOf(nameless(standing))) return UNCHANGED;
  const differs = `stands with other content (revision ${standing.revision} there, ${record.revision} here)`;
  return settle(policy, differs, isNewer(record, standing));
}

/** A project gains keys and roots; only its name and birth can differ. @param record without keys of other projects */
export function decideProject(
  record: RecordOf<"project">,
  standing: RecordOf<"project"> | undefined,
  policy: ConflictPolicy,
): Decision {
  if (standing === undefined) return INSERT;
  const gains =
    record.keys.some((key) => !standing.keys.includes(key)) ||
    record.roots.some((root) => !standing.roots.includes(root));
  const isSame = record.name === standing.name && record.createdAt === standing.createdAt;
  if (isSame) return gains ? INSERT : UNCHANGED;
  const settled = settle(policy, `stands as ${standing.name} of ${standing.createdAt}`, false);
  return settled.act === "none" && settled.as === "skipped" && gains ? INSERT : settled;
}

/** What belongs to a row but is derived from it: the newer of two cannot be told. */
export function decidePassage(
  record: RecordOf<"passage">,
  standing: RecordOf<"passage"> | undefined,
  { owner, policy }: { readonly owner: StandingOwner | undefined; readonly policy: ConflictPolicy },
): Decision {
  if (owner === undefined) return failed("belongs to a row that is not there");
  if (owner.contentHash !== record.ownerHash) return skipped("belongs to another version of its row");
  if (standing === undefined) return INSERT;
  if (textOf(record) === textOf(standing)) return UNCHANGED;
  return settle(policy, "stands with another text or other terms", true);
}

/** What a vector finds in a store. */
export interface VectorPlace {
  readonly space: { readonly dimensions: number } | undefined;
  /** The passage at its place. */
  readonly passage: { readonly textHash: string } | undefined;
  /** The vector that the passage has in the space, in base64. */
  readonly standing: string | undefined;
}

export function decideVector(
  record: RecordOf<"vector">,
  { space, passage, standing }: VectorPlace,
  { onConflict, dryRun = false, coming }: Pick<TransferOptions, "onConflict" | "dryRun" | "coming">,
): Decision {
  const dimensions = space?.dimensions ?? coming?.spaces.get(record.space);
  if (dimensions === undefined) return dryRun && coming === undefined ? INSERT : failed(NO_SPACE);
  const wrong = unfitting(Buffer.from(record.embedding, "base64"), dimensions);
  if (wrong !== undefined) return failed(wrong);
  const isComing = dryRun && coming?.leftBehind.has(passageKey(record)) !== true;
  if (passage === undefined) return isComing ? INSERT : failed("belongs to a passage that is not there");
  if (passage.textHash !== record.textHash) return skipped("belongs to another text of its passage");
  if (standing === undefined) return INSERT;
  if (standing === record.embedding) return UNCHANGED;
  return settle(onConflict, "stands with other numbers", false);
}

/** History is added to, never rewritten; what a store holds of a row ends with the row's own revision. */
export function decideHistory<Entry extends RecordOf<"revision" | "change">>(
  record: Entry,
  standing: Entry | undefined,
  owner: StandingOwner | undefined,
): Decision {
  if (owner === undefined) return failed("belongs to a row that is not there");
  if (standing !== undefined) {
    if (textOf({ ...record, seq: undefined }) === textOf({ ...standing, seq: undefined })) return UNCHANGED;
    return failed("stands with other content, and history is not rewritten");
  }
  if (record.revision > owner.revision) return skipped("belongs to a later version of its row");
  return INSERT;
}

/** A change's line may stand while its number is still to come. @param isFree whether no other change has its number */
export function decideChange(
  record: RecordOf<"change">,
  standing: RecordOf<"change"> | undefined,
  { owner, isFree }: { readonly owner: StandingOwner | undefined; readonly isFree: boolean },
): Decision | { readonly act: "number"; readonly seq: number } {
  const decision = decideHistory(record, standing, owner);
  const isSame = decision.act === "none" && decision.as === "unchanged";
  if (!isSame || standing?.seq !== undefined || record.seq === undefined || !isFree) return decision;
  return { act: "number", seq: record.seq };
}

export function decideSeal(record: RecordOf<"seal">, standing: RecordOf<"seal"> | undefined): Decision {
  if (standing === undefined) return INSERT;
  return textOf(record) === textOf(standing)
    ? UNCHANGED
    : failed("stands with another hash, and history is not rewritten");
}

/** What a store saw of a folder itself counts more than what another store saw. */
export function decideFolder<Seen extends FolderRecord>(record: Seen, standing: Seen | undefined): Decision {
  if (standing === undefined) return INSERT;
  return textOf(record) === textOf(standing) ? UNCHANGED : skipped("was looked at by this store itself");
}

function settle(policy: ConflictPolicy, differs: string, isNewerOne: boolean): Decision {
  switch (policy) {
    case "refuse":
      return failed(differs);
    case "keep":
      return skipped(`${differs}, which is kept`);
    case "replace":
      return REPLACE;
    case "newer":
      return isNewerOne ? REPLACE : skipped(`${differs}, which is no older`);
    default:
      return policy satisfies never;
  }
}

/** Changed last: by the time of the last change, then by revision. Events change little: by revision first. */
function isNewer(record: RowRecord, standing: RowRecord): boolean {
  const [ours, theirs] = [ageOf(record), ageOf(standing)];
  return ours > theirs || (ours === theirs && record.revision > standing.revision);
}

function ageOf(record: RowRecord): string {
  const { deletedAt = "" } = record;
  if (record.record !== "event") return [record.updatedAt, deletedAt].sort().at(-1) ?? "";
  return String(record.revision).padStart(10, "0");
}

function nameless<Row extends RowRecord>(row: Row): object {
  return { ...row, ref: undefined, slug: undefined };
}

function textOf(value: object): string {
  return canonicalJson(value);
}
