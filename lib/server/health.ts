import { asKnowledgeError } from "../domain/error.ts";
import type { PoolFigures } from "../storage/adapter.ts";
import type { ServingStore, StoreState } from "./serving-store.ts";

/** Whether this process can serve now, and why not. */
export interface Readiness {
  readonly ready: boolean;
  readonly draining: boolean;
  readonly store:
    | (StoreState & { readonly reachable: true })
    | { readonly reachable: false; readonly problem: string };
  readonly pool?: PoolFigures | undefined;
}

/** For how long one look at the store answers for those that ask meanwhile: probes must not become load. */
const FRESH_MS = 1_000;
/** A store that says nothing for so long is not reachable. */
const PATIENCE_MS = 3_000;

export function openHealth(
  store: ServingStore,
  clock: () => number,
): { look(isDraining: boolean): Promise<Readiness> } {
  let last: { readonly atMs: number; readonly found: Promise<Readiness["store"]> } | undefined;
  return {
    look: async (draining) => {
      const nowMs = clock();
      if (last === undefined || nowMs - last.atMs >= FRESH_MS) last = { atMs: nowMs, found: lookAt(store) };
      const found = await last.found;
      const pool = store.pool();
      return {
        ready: !draining && found.reachable && found.isCurrent,
        draining,
        store: found,
        ...(pool !== undefined && { pool }),
      };
    },
  };
}

async function lookAt(store: ServingStore): Promise<Readiness["store"]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error("The store does not answer.")), PATIENCE_MS);
  });
  try {
    return { reachable: true, ...(await Promise.race([store.state(), late])) };
  } catch (error) {
    return { reachable: false, problem: asKnowledgeError(error).message };
  } finally {
    clearTimeout(timer);
  }
}
