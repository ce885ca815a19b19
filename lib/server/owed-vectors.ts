import type { Deps, Logger } from "../knowledge/deps.ts";
import type { Caller } from "./caller.ts";

/** Waits this long after a call, so that questions come before what nobody waits for. */
const PAUSE_MS = 1_500;
/** Passages of one turn: one transaction. */
const TURN = 32;
/** After a failure the model or the store is left alone for a while. */
const REST_MS = 15_000;

/** Gives passages of the teams that are served their vectors, a few at a time. */
export interface OwedVectors {
  /** Something of this caller's team may be owed. */
  wake(caller: Pick<Caller, "tenant">): void;
  /** Passages that were owed when each team was last looked at, and for how long some have been. */
  figures(): { readonly owed: number; readonly lagSeconds: number };
  stop(): Promise<void>;
}

interface Team {
  owed: number;
  /** When the first of what is owed was noticed. */
  sinceMs: number;
}

/** @param depsFor the store for one team's passages, all projects: vectors are derived and show nothing to anybody */
export function openOwedVectors(options: {
  readonly depsFor: (tenant: string) => Deps;
  readonly log: Logger;
  readonly clock: () => number;
}): OwedVectors {
  const { depsFor, log, clock } = options;
  const stopping = new AbortController();
  const teams = new Map<string, Team>();
  let timer: NodeJS.Timeout | undefined;
  let turning: Promise<void> = Promise.resolve();
  const schedule = (ms: number): void => {
    if (timer !== undefined || stopping.signal.aborted || teams.size === 0) return;
    timer = setTimeout(() => {
      timer = undefined;
      turning = turn();
    }, ms);
    timer.unref();
  };
  const turn = async (): Promise<void> => {
    let next = PAUSE_MS;
    for (const [tenant, team] of [...teams]) {
      if (stopping.signal.aborted) return;
      try {
        const { embedOwed } = await import("../knowledge/embed-owed.ts");
        const { owed } = await embedOwed(depsFor(tenant), { limit: TURN, signal: stopping.signal });
        if (owed === 0) teams.delete(tenant);
        else {
          team.owed = owed;
          next = 0;
        }
      } catch (error) {
        next = REST_MS;
        if (!stopping.signal.aborted)
          log.warn("Owed vectors could not be caught up.", { cause: String(error) });
      }
    }
    schedule(next);
  };
  return {
    wake: ({ tenant }) => {
      if (!teams.has(tenant)) teams.set(tenant, { owed: 0, sinceMs: clock() });
      schedule(PAUSE_MS);
    },
    figures: () => {
      const waiting = [...teams.values()].filter(({ owed }) => owed > 0);
      const oldest = Math.min(...waiting.map(({ sinceMs }) => sinceMs));
      return {
        owed: waiting.reduce((sum, { owed }) => sum + owed, 0),
        lagSeconds: waiting.length === 0 ? 0 : (clock() - oldest) / 1_000,
      };
    },
    stop: async () => {
      clearTimeout(timer);
      stopping.abort();
      await turning;
    },
  };
}
