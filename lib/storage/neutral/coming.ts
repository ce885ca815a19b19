import type { Kind } from "../../domain/ids.ts";
import type { TransferOptions } from "../contract/transfer.ts";

/** What of a transfer is to come, as a dry run needs to know it of what is not there. */

type Options = Pick<TransferOptions, "dryRun" | "coming">;

export interface OwnerName {
  readonly project: string;
  readonly kind: Kind;
  readonly id: string;
}

export function ownerKey({ project, kind, id }: OwnerName): string {
  return `${project} ${kind} ${id}`;
}

export function passageKey(passage: OwnerName & { readonly ordinal: number }): string {
  return `${ownerKey(passage)} ${passage.ordinal}`;
}

export function isProjectComing({ dryRun, coming }: Options, project: string): boolean {
  return dryRun === true && coming?.projects.has(project) !== false;
}

/** The row as what comes with it wants it. */
export function comingOwner(
  { dryRun, coming }: Options,
  name: OwnerName,
  contentHash: string,
): { readonly revision: number; readonly contentHash: string } | undefined {
  if (dryRun !== true || coming?.leftBehind.has(ownerKey(name)) === true) return undefined;
  return { revision: Number.MAX_SAFE_INTEGER, contentHash };
}
