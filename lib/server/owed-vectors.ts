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
  /** Whether something came since it was last looked at. */
  isWoken: boolean;
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
  let turning: Promise<void> | undefined;
  const schedule = (ms: number): void => {
    // One turn at a time: two would give the same passages their vectors. Its end schedules the next.
    if (timer !== undefined || turning !== undefined || stopping.signal.aborted || teams.size === 0) return;
    timer = setTimeout(() => {
      timer = undefined;
      turning = turn().then((pauseMs) => {
        turning = undefined;
        schedule(pauseMs);
      });
    }, ms);
    timer.unref();
  };
  /** Resolves with the pause before the next. */
  const turn = async (): Promise<number> => {
    let pause = REST_MS;
    for (const [tenant, team] of [...teams])
      if (!stopping.signal.aborted) pause = Math.min(pause, await serve(tenant, team));
    return pause;
  };
  const serve = async (tenant: string, team: Team): Promise<number> => {
    team.isWoken = false;
    try {
      const { embedOwed } = await import("../knowledge/embed-owed.ts");
      const { owed } = await embedOwed(depsFor(tenant), { limit: TURN, signal: stopping.signal });
      team.owed = owed;
      if (owed > 0) return 0;
      if (team.isWoken) team.sinceMs = clock();
      else teams.delete(tenant);
      return PAUSE_MS;
    } catch (error) {
      if (!stopping.signal.aborted)
        log.warn("Owed vectors could not be caught up.", { cause: String(error) });
      return REST_MS;
    }
  };
  return {
    wake: ({ tenant }) => {
      const team = teams.get(tenant);
      if (team === undefined) teams.set(tenant, { owed: 0, sinceMs: clock(), isWoken: true });
      else team.isWoken = true;
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
