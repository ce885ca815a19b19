import { DEFAULT_TENANT, type ProjectId } from "../../domain/ids.ts";
import type { SearchTerm } from "../contract/passages.ts";
import type { Database } from "./driver.ts";

/** Reserved names beside the terms, which are all of `[a-z0-9_]`. */
const CHUNKS = "#chunks";
const LENGTH = "#length";

/** Document frequencies of a query's terms over the projects searched. */
export interface QueryStatistics {
  /** Passages in the projects. */
  readonly chunks: number;
  /** Sum of their lengths in terms. */
  readonly length: number;
  /** In how many passages each term stands; terms that stand in none are absent. */
  readonly frequencies: ReadonlyMap<string, number>;
  /** The projects in which each term stands. */
  readonly homes: ReadonlyMap<string, readonly ProjectId[]>;
}

/** A term of a query with its document frequency over the projects searched. */
export interface WeighedTerm extends SearchTerm {
  readonly df: number;
}

export interface TermFrequencies {
  /** Notes that a passage came (+1) or went (−1); nothing is written before `flush`. */
  note(project: ProjectId, passage: CountedPassage, sign: 1 | -1): void;
  /** Writes what was noted: one statement a term of the whole transaction, not of each passage. */
  flush(): void;
  discard(): void;
  statistics(projects: readonly ProjectId[], terms: readonly string[]): QueryStatistics;
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
  const pending = new Map<ProjectId, Counts>();
  const frequencies: TermFrequencies = {
    note: (project, passage, sign) => count(countsOf(pending, project), passage, sign),
    flush() {
      for (const [project, counts] of pending) writeCounts(db, project, counts);
      pending.clear();
    },
    discard: () => pending.clear(),
    statistics: (projects, terms) => readStatistics(db, projects, terms),
    chunksOf: (project) => new Map(readCounts(db, project, [CHUNKS])).get(CHUNKS) ?? 0,
    fold: () => void db.prepare("DELETE FROM term_frequencies WHERE count = 0").run(),
    rebuild() {
      pending.clear();
      db.exec("DELETE FROM term_frequencies");
      for (const [project, counts] of recount(db)) writeCounts(db, project, counts);
    },
  };
  return frequencies;
}

/** Every project's counts, taken from `chunks` itself. */
export function recount(db: Database): ReadonlyMap<ProjectId, ReadonlyMap<string, number>> {
  const all = new Map<ProjectId, Counts>();
  for (const [project, terms, length] of db
    .prepare("SELECT project_id, terms, length FROM chunks ORDER BY id")
    .iterate()) {
    // SAFETY: the column holds ids of projects, by its foreign key.
    const counts = countsOf(all, project as ProjectId);
    count(counts, { terms: String(terms), length: Number(length) }, 1);
  }
  return all;
}

function countsOf(all: Map<ProjectId, Counts>, project: ProjectId): Counts {
  const counts = all.get(project) ?? new Map<string, number>();
  all.set(project, counts);
  return counts;
}

function count(counts: Counts, { terms, length }: CountedPassage, sign: 1 | -1): void {
  const add = (name: string, n: number) => counts.set(name, (counts.get(name) ?? 0) + n);
  add(CHUNKS, sign);
  add(LENGTH, sign * length);
  if (terms === "") return;
  for (const term of new Set(terms.split(" "))) add(term, sign);
}

function writeCounts(db: Database, project: ProjectId, counts: ReadonlyMap<string, number>): void {
  const upsert = db.prepare(
    `INSERT INTO term_frequencies (tenant_id, project_id, term, delta_id, count) VALUES (?, ?, ?, 0, ?)
     ON CONFLICT (tenant_id, project_id, term, delta_id) DO UPDATE SET count = count + excluded.count`,
  );
  // In the order of the key, so that neighbours share a page.
  const terms = [...counts.keys()].sort();
  for (const term of terms) {
    const n = counts.get(term) ?? 0;
    if (n !== 0) upsert.run(DEFAULT_TENANT, project, term, n);
  }
}

function readStatistics(
  db: Database,
  projects: readonly ProjectId[],
  terms: readonly string[],
): QueryStatistics {
  const totals = new Map<string, number>();
  const homes = new Map<string, ProjectId[]>();
  for (const project of projects) {
    for (const [term, n] of readCounts(db, project, [CHUNKS, LENGTH, ...terms])) {
      totals.set(term, (totals.get(term) ?? 0) + n);
      const home = homes.get(term);
      if (home === undefined) homes.set(term, [project]);
      else home.push(project);
    }
  }
  const chunks = totals.get(CHUNKS) ?? 0;
  const length = totals.get(LENGTH) ?? 0;
  totals.delete(CHUNKS);
  totals.delete(LENGTH);
  return { chunks, length, frequencies: totals, homes };
}

function readCounts(
  db: Database,
  project: ProjectId,
  terms: readonly string[],
): readonly (readonly [string, number])[] {
  const rows = db
    .prepare(
      `SELECT term, sum(count) FROM term_frequencies
       WHERE tenant_id = ? AND project_id = ? AND term IN (SELECT value FROM json_each(?))
       GROUP BY term HAVING sum(count) > 0`,
    )
    .raw(DEFAULT_TENANT, project, JSON.stringify(terms));
  return rows.map(([term, n]) => [String(term), Number(n)] as const);
}
