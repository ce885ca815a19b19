import type { Database } from "./driver.ts";
import { FactTable } from "./passage-facts.ts";
import type { ProjectReading } from "./words.ts";

/** A whole project is read for one search only when the candidates are more than one in this many. */
const WORTH_LOADING = 8;

/**
 * Decides where the facts of candidates come from: the first search of a project looks up just those it
 * needs, so that a process that searches once reads little; from the second on the project stays in memory.
 */
export function openFactChoice(
  db: Database,
): (readings: readonly ProjectReading[], chunks: number) => FactTable {
  const searched = new Set<number>();
  let kept = new FactTable();
  return (readings, chunks) => {
    const numbers = [...new Set(readings.map(({ projectNo }) => projectNo))];
    const candidates = readings.reduce((sum, { ids }) => sum + ids.length, 0);
    const isWorthLoading =
      candidates * WORTH_LOADING > chunks || numbers.every((projectNo) => searched.has(projectNo));
    for (const projectNo of numbers) searched.add(projectNo);
    if (!isWorthLoading) return factsOfOnly(db, readings);
    if (isWorn(kept, numbers, chunks)) kept = new FactTable();
    for (const projectNo of numbers) kept.load(db, projectNo);
    return kept;
  };
}

function factsOfOnly(db: Database, readings: readonly ProjectReading[]): FactTable {
  const wanted = new Map<number, Set<number>>();
  for (const { projectNo, ids } of readings) {
    const all = wanted.get(projectNo) ?? new Set<number>();
    for (const id of ids) all.add(id);
    wanted.set(projectNo, all);
  }
  const table = new FactTable();
  for (const [projectNo, ids] of wanted) {
    table.loadOnly(
      db,
      projectNo,
      Array.from(ids).sort((a, b) => a - b),
    );
  }
  return table;
}

/** True when much of what is kept was deleted meanwhile. */
function isWorn(table: FactTable, numbers: readonly number[], chunks: number): boolean {
  const kept = numbers.reduce((sum, projectNo) => sum + table.countOf(projectNo), 0);
  return kept > 1.25 * chunks + 10_000;
}
