import type { ProjectId } from "../domain/ids.ts";
import type { Deps, Logger } from "../knowledge/deps.ts";
import type { Embedded } from "../knowledge/embed-owed.ts";
import type { Caller } from "./caller.ts";

/** Waits this long after a call, so that questions come before what nobody waits for. */
const PAUSE_MS = 1_500;
/** Passages of one turn: one transaction, and half a second for the local model, which all other teams wait. */
const TURN = 16;
/** After a failure a team's passages are left alone for a while. */
const REST_MS = 15_000;

/**
 * Gives passages of the teams that are served their vectors: a few of each team in turn, so that nobody waits for the
 * thousands that another one has imported; nor does a project for another one of its team.
 */
export interface OwedVectors {
  /** Something of this caller's team may be owed, above all of the project that the call was about. */
  wake(caller: Pick<Caller, "tenant">, project?: ProjectId): void;
  /** Passages that were owed when each team was last looked at, and for how long some have been. */
  figures(): { readonly owed: number; readonly lagSeconds: number };
  stop(): Promise<void>;
}

/** Passages of one project, or the oldest of the whole team. */
type Share = ProjectId | "all";

interface Team {
  owed: number;
  /** When the first of what is owed was noticed. */
  sinceMs: number;
  /** Whether something came since it was last looked at. */
  isWoken: boolean;
  /** In the order of their turns. */
  readonly shares: Set<Share>;
  /** After a failure: when it is tried again. */
  restsUntilMs: number;
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
  let dueMs = Number.POSITIVE_INFINITY;
  let turning: Promise<void> | undefined;
  const schedule = (ms: number): void => {
    // One turn at a time: two would give the same passages their vectors. Its end schedules the next.
    if (turning !== undefined || stopping.signal.aborted || teams.size === 0 || clock() + ms >= dueMs) return;
    clearTimeout(timer);
    dueMs = clock() + ms;
    timer = setTimeout(() => {
      dueMs = Number.POSITIVE_INFINITY;
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
    for (const [tenant, team] of [...teams]) {
      const rest = team.restsUntilMs - clock();
      if (stopping.signal.aborted) return pause;
      pause = Math.min(pause, rest > 0 ? rest : await serve(tenant, team));
    }
    return pause;
  };
  const serve = async (tenant: string, team: Team): Promise<number> => {
    team.isWoken = false;
    const [share = "all"] = team.shares;
    try {
      const { embedOwed } = await import("../knowledge/embed-owed.ts");
      const projects = share === "all" ? [] : [share];
      const signal = stopping.signal;
      const done = await embedOwed(depsFor(tenant), { projects, limit: TURN, signal });
      if (isMoreOwed(team, share, done)) return 0;
      if (team.isWoken) team.sinceMs = clock();
      else teams.delete(tenant);
      return PAUSE_MS;
    } catch (error) {
      if (!stopping.signal.aborted)
        log.warn("Owed vectors could not be caught up.", { cause: String(error) });
      team.restsUntilMs = clock() + REST_MS;
      return REST_MS;
    }
  };
  return {
    wake: ({ tenant }, project) => {
      const team = teams.get(tenant) ?? newTeam(clock());
      teams.set(tenant, team);
      team.isWoken = true;
      if (project !== undefined) team.shares.add(project);
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

/** Notes what came of a share's turn, and tells whether the team has another one at once. */
function isMoreOwed(team: Team, share: Share, { embedded, owed }: Embedded): boolean {
  // To the end of the line: the team's other projects come first.
  team.shares.delete(share);
  if (owed > 0 || share === "all") team.shares.add(share);
  team.owed = share === "all" ? owed : Math.max(0, team.owed - embedded);
  return owed > 0 || share !== "all";
}

function newTeam(sinceMs: number): Team {
  return { owed: 0, sinceMs, isWoken: true, shares: new Set(["all"]), restsUntilMs: 0 };
}
