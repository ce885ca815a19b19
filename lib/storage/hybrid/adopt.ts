import { KnowledgeError } from "../../domain/error.ts";
import type { Timestamp } from "../../domain/timestamp.ts";
import type { CopyingStorage, StorageAdapter } from "../adapter.ts";
import { onlyInCopy } from "./same-store.ts";

export interface Adoption {
  readonly location: string;
  readonly holder: string;
  readonly now: () => Timestamp;
}

/** How long others leave a store alone that is being compared. */
const LOCK_MS = 10 * 60_000;

/**
 * Makes a SQLite store the copy of another one, unless it is that already.
 * @throws KnowledgeError `conflict` when it holds something that the other one lacks; it is then left as it was.
 */
export async function adopt(store: StorageAdapter, copy: CopyingStorage, how: Adoption): Promise<void> {
  const state = await copy.copy.state();
  if (state !== undefined && (state.isApart !== true || state.asOf !== undefined)) return;
  // First, so that nobody writes into it any more while it is compared.
  await copy.copy.begin(how.location);
  if (!(await copy.copy.lock(how.holder, how.now(), LOCK_MS))) return;
  try {
    const lacking = await compared(store, copy);
    if (lacking === undefined) {
      await copy.copy.take({ problem: "", isApart: false });
      return;
    }
    await copy.copy.release();
    throw holdsMore(lacking);
  } finally {
    await copy.copy.unlock(how.holder);
  }
}

/** @throws KnowledgeError `unsupported`: a copy lies in one place, where teams would not be kept apart (RULES 19). */
export async function requireOneTenant(store: StorageAdapter, at: Timestamp): Promise<void> {
  let tenants: number;
  try {
    tenants = (await store.tenancy.tenants(at)).length;
  } catch (error) {
    // A login that may not look at tenants sees its own rows only, and copies no others.
    if (error instanceof KnowledgeError && error.code === "forbidden") return;
    throw error;
  }
  if (tenants <= 1) return;
  throw new KnowledgeError(
    "unsupported",
    `A hybrid store holds one tenant only; PostgreSQL holds ${tenants}.`,
    {
      field: "storage",
      hint: "Set STORAGE_TYPE to postgres.",
    },
  );
}

async function compared(store: StorageAdapter, copy: CopyingStorage): Promise<string | undefined> {
  if ((await copy.projects.list()).length === 0) return undefined;
  const theirs = { storage: store, id: await store.transfer.open() };
  const ours = { storage: copy, id: await copy.transfer.open() };
  try {
    return await onlyInCopy(theirs, ours);
  } finally {
    await store.transfer.close(theirs.id);
    await copy.transfer.close(ours.id);
  }
}

function holdsMore(lacking: string): KnowledgeError {
  return new KnowledgeError(
    "conflict",
    `The SQLite store holds what PostgreSQL lacks (${lacking}): it cannot become its copy.`,
    {
      field: "storage",
      hint: "Run `aiknowsys migrate-to-postgres` first, or name another file with SQLITE_PATH.",
    },
  );
}
