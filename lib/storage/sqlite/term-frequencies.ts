import { DEFAULT_TENANT, type ProjectId } from "../../domain/ids.ts";
import type { Database } from "./driver.ts";

/** Reserved names beside the terms, which are all of `[a-z0-9_]`. */
const CHUNKS = "#chunks";
const LENGTH = "#length";

/** Frequencies of a query's terms over the projects searched. */
export interface QueryStatistics {
  /** Passages in the projects. */
  readonly chunks: number;
  /** Sum of their lengths in terms. */
  readonly length: number;
  /** In how many passages each term stands; terms that stand in none are absent. */
  readonly frequencies: ReadonlyMap<string, number>;
  /** The same by term, then by number of each project in which the term stands. */
  readonly homes: ReadonlyMap<string, ReadonlyMap<number, number>>;
}

/** Document frequencies by project number. */
export interface TermFrequencies {
  /** Notes that a passage came (+1) or went (−1); nothing is written before `flush`. */
  note(projectNo: number, passage: CountedPassage, sign: 1 | -1): void;
  /** Writes what was noted: once a term for the whole transaction, not for each passage. */
  flush(): void;
  discard(): void;
  statistics(projectNos: readonly number[], terms: readonly string[]): QueryStatistics;
  /** Passages of one project. */
  chunksOf(project: ProjectId): number;
  /** Drops counts of zero, which deletions leave behind. */
  fold(): void;
  /** Counts everything anew from `chunks`. */
  rebuild(): void;
}

export interface CountedPassage {
  /** Space-separated. */
  readonly terms: string;
  readonly length: number;
}

type Counts = Map<string, number>;

/** The table `term_frequencies` (RULES 23) and what the open transaction will add to it. */
export function openTermFrequencies(db: Database): TermFrequencies {
  const pending = new Map<number, Counts>();
  return {
    note: (projectNo, passage, sign) => count(countsOf(pending, projectNo), passage, sign),
    flush() {
      for (const [projectNo, counts] of pending) writeCounts(db, projectNo, counts);
      pending.clear();
    },
    discard: () => pending.clear(),
    statistics: (projectNos, terms) => readStatistics(db, projectNos, terms),
    chunksOf: (project) => countChunks(db, project),
    fold: () => void db.prepare("DELETE FROM term_frequencies WHERE count = 0").run(),
    rebuild() {
      pending.clear();
      db.exec("DELETE FROM term_frequencies");
      for (const [projectNo, counts] of recount(db)) writeCounts(db, projectNo, counts);
    },
  };
}

/** Every project's counts by its number, taken from `chunks` itself. */
export function recount(db: Database): ReadonlyMap<number, ReadonlyMap<string, number>> {
  const all = new Map<number, Counts>();
  const chunks = db.prepare("SELECT project_no, terms, length FROM chunks ORDER BY id");
  for (const [projectNo, terms, length] of chunks.iterate()) {
    count(countsOf(all, Number(projectNo)), { terms: String(terms), length: Number(length) }, 1);
  }
  return all;
}

function countsOf(all: Map<number, Counts>, projectNo: number): Counts {
  const counts = all.get(projectNo) ?? new Map<string, number>();
  all.set(projectNo, counts);
  return counts;
}

function count(counts: Counts, { terms, length }: CountedPassage, sign: 1 | -1): void {
  const add = (name: string, n: number) => counts.set(name, (counts.get(name) ?? 0) + n);
  add(CHUNKS, sign);
  add(LENGTH, sign * length);
  if (terms === "") return;
  for (const term of new Set(terms.split(" "))) add(term, sign);
}

/** One statement for all terms of a project, in the order of the key so that neighbours share a page. */
function writeCounts(db: Database, projectNo: number, counts: ReadonlyMap<string, number>): void {
  // Written by hand, since an object of thousands of members takes three times as long; terms need no escapes.
  const members = Array.from(counts.keys())
    .sort()
    .flatMap((term) => (counts.get(term) === 0 ? [] : `"${term}":${counts.get(term)}`));
  db.prepare(
    `INSERT INTO term_frequencies (project_no, term, count) SELECT ?, key, value FROM json_each(?) WHERE true
     ON CONFLICT (project_no, term) DO UPDATE SET count = count + excluded.count`,
  ).run(projectNo, `{${members.join()}}`);
}

function readStatistics(
  db: Database,
  projectNos: readonly number[],
  terms: readonly string[],
): QueryStatistics {
  const totals = new Map<string, number>();
  const homes = new Map<string, Map<number, number>>();
  for (const projectNo of projectNos) {
    for (const [term, n] of readCounts(db, projectNo, [CHUNKS, LENGTH, ...terms])) {
      totals.set(term, (totals.get(term) ?? 0) + n);
      const home = homes.get(term);
      if (home === undefined) homes.set(term, new Map([[projectNo, n]]));
      else home.set(projectNo, n);
    }
  }
  const chunks = totals.get(CHUNKS) ?? 0;
  const length = totals.get(LENGTH) ?? 0;
  totals.delete(CHUNKS);
  totals.delete(LENGTH);
  return { chunks, length, frequencies: totals, homes };
}

function countChunks(db: Database, project: ProjectId): number {
  const row = db
    .prepare(
      `SELECT t.count FROM project_numbers n
       JOIN term_frequencies t ON t.project_no = n.number AND t.term = '${CHUNKS}'
       WHERE n.tenant_id = ? AND n.project_id = ?`,
    )
    .get(DEFAULT_TENANT, project);
  return Number(row?.count ?? 0);
}

function readCounts(
  db: Database,
  projectNo: number,
  terms: readonly string[],
): readonly (readonly [string, number])[] {
  return db
    .prepare(
      `SELECT t.term, t.count FROM json_each(?) j
       CROSS JOIN term_frequencies t ON t.project_no = ? AND t.term = j.value WHERE t.count > 0`,
    )
    .raw(JSON.stringify(terms), projectNo)
    .map(([term, n]) => [String(term), Number(n)] as const);
}
