import type { ProjectId } from "../../domain/ids.ts";
import type { CopyingStorage, StorageAdapter } from "../adapter.ts";
import type { CopyState } from "../contract/copy.ts";
import type { CopyFigures, Finding, StoreFigures, Upkeep } from "../contract/upkeep.ts";
import type { Follower } from "./follower.ts";
import type { Primary } from "./primary.ts";
import type { Route } from "./route.ts";
import type { Schedule } from "./schedule.ts";

export interface UpkeepParts {
  readonly primary: Primary;
  readonly copy: CopyingStorage;
  readonly follower: Follower;
  readonly schedule: Schedule;
  readonly route: Route;
}

/** Both stores' upkeep, and how far the copy is. */
export function openUpkeep(parts: UpkeepParts): Upkeep {
  const { copy, route } = parts;
  return {
    figures: () =>
      route.read(async (storage, isCopy) => {
        const figures = await storage.upkeep.figures();
        const of = isCopy ? await awayFigures(copy) : await behindFigures(copy, storage, figures);
        const advice = [...(figures.advice ?? []), ...adviceOf(of)];
        return { ...figures, engine: "hybrid", copy: of, advice };
      }),
    check: () => route.read((storage, isCopy) => (isCopy ? checkAlone(copy) : checkBoth(copy, storage))),
    repair: () => repair(parts),
    janitor: (at) => route.toPrimary((storage) => storage.upkeep.janitor(at)),
    migrate: (options) => route.toPrimary((storage) => storage.upkeep.migrate(options)),
  };
}

/** What is derived in PostgreSQL; and the copy is compared as a whole and brought level. */
async function repair({ copy, route, follower, schedule }: UpkeepParts): Promise<readonly string[]> {
  const done = await route.toPrimary((storage) => storage.upkeep.repair());
  const before = await copy.copy.state();
  follower.noteAll();
  const followed = await schedule.follow();
  const wasWhole = before?.asOf !== undefined && before.problem === undefined;
  return followed && !wasWhole ? [...done, "Filled the copy from PostgreSQL."] : done;
}

async function checkBoth(copy: CopyingStorage, storage: StorageAdapter): Promise<readonly Finding[]> {
  return [
    ...(await storage.upkeep.check()),
    ...(await copy.upkeep.check()),
    ...findingsOf(await copy.copy.state()),
  ];
}

async function checkAlone(copy: CopyingStorage): Promise<readonly Finding[]> {
  return [
    {
      severity: "error",
      what: "PostgreSQL is away: only the copy was checked.",
      advice: "Check that PostgreSQL runs and that POSTGRES_URL is right.",
    },
    ...(await copy.upkeep.check()),
    ...findingsOf(await copy.copy.state()),
  ];
}

function findingsOf(state: CopyState | undefined): readonly Finding[] {
  if (state?.problem === undefined) return [];
  const advice = "docs/migration.md tells what to do when a copy does not follow.";
  return [{ severity: "error", what: `The copy does not follow: ${state.problem}`, advice }];
}

async function awayFigures(copy: CopyingStorage): Promise<CopyFigures> {
  const { location } = await copy.upkeep.figures();
  const state = await copy.copy.state();
  return {
    ...{ location, isReadFrom: true, asOf: state?.asOf, problem: state?.problem },
    ...{ changesBehind: state?.owed.changes ?? 0, behindSince: state?.owed.since },
  };
}

async function behindFigures(
  copy: CopyingStorage,
  storage: StorageAdapter,
  { unsealedChanges }: StoreFigures,
): Promise<CopyFigures> {
  const { location } = await copy.upkeep.figures();
  const state = await copy.copy.state();
  let changesBehind = unsealedChanges;
  for (const { id } of await storage.projects.list()) {
    changesBehind += await countSince(storage, id, state?.cursors[id] ?? 0);
  }
  const behindSince = state?.owed.since ?? state?.asOf;
  return {
    ...{ location, isReadFrom: false, asOf: state?.asOf, problem: state?.problem, changesBehind },
    ...(changesBehind > 0 && { behindSince }),
  };
}

const PAGE = 1_000;

/** Sealed changes after a cursor. */
async function countSince(storage: StorageAdapter, project: ProjectId, cursor: number): Promise<number> {
  const [first] = await storage.changes.since(project, cursor, 1);
  if (first === undefined) return 0;
  let count = 0;
  for (let at = cursor; ; ) {
    const lines = await storage.changes.since(project, at, PAGE);
    count += lines.length;
    const last = lines.at(-1)?.seq;
    if (lines.length < PAGE || last === undefined) return count;
    at = last;
  }
}

function adviceOf({ isReadFrom, asOf, changesBehind, behindSince, problem }: CopyFigures): readonly string[] {
  const advice: string[] = [];
  if (isReadFrom) {
    advice.push(
      `PostgreSQL is away: answers come from the copy as it was at ${asOf}, and nothing can be written.`,
    );
  }
  if (problem !== undefined) advice.push(`The copy does not follow: ${problem}`);
  else if (changesBehind > 0) {
    advice.push(
      `The copy is ${changesBehind} changes behind PostgreSQL since ${behindSince ?? "its start"}.`,
    );
  }
  return advice;
}
