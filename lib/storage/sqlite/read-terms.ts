import type { CandidatePlan } from "../../ranking/candidates.ts";
import { countTerms } from "../../ranking/score-candidates.ts";
import type { WeighedTerm } from "../neutral/query-terms.ts";
import type { Database } from "./driver.ts";
import type { PassageParts } from "./passage-parts.ts";
import type { QueryStatistics } from "./term-frequencies.ts";
import { newestOf, type ProjectReading, type TermReading } from "./words.ts";

/** A term and the candidates that hold it, by project. */
export interface ReadTerm extends WeighedTerm {
  readonly readings: readonly ProjectReading[];
}

export interface PlannedReading {
  readonly plan: CandidatePlan;
  /** Every term of the plan. */
  readonly terms: readonly WeighedTerm[];
  readonly statistics: QueryStatistics;
}

/** What asking the index for a term among candidates costs, in rows that could be read instead: measured. */
const ROWS_PER_TERM = 10;
const ROWS_PER_PASSAGE = 1 / 150;

/**
 * The terms of a plan with the candidates that hold them, ascending by frequency. Terms that the plan leaves
 * unread are read among the candidates only: their scores are exact, and the cost is bounded by the candidates.
 */
export function readTerms(
  parts: PassageParts,
  { plan, terms, statistics }: PlannedReading,
): readonly ReadTerm[] {
  const byName = new Map(terms.map((term) => [term.term, term]));
  const read: ReadTerm[] = [];
  for (const { term, limit } of plan.read) {
    const weighed = byName.get(term);
    if (weighed === undefined) continue;
    read.push(
      limit === undefined
        ? readWhole(parts, weighed, statistics)
        : readNewest(parts, { weighed, limit, read, statistics }),
    );
  }
  const unread = plan.unread.flatMap((term) => byName.get(term) ?? []);
  return [...read, ...readAmong(parts, { read, unread, statistics, isBounded: plan.bounded })];
}

function readWhole({ words }: PassageParts, weighed: WeighedTerm, statistics: QueryStatistics): ReadTerm {
  const homes = statistics.homes.get(weighed.term)?.keys() ?? [];
  const readings = Array.from(homes, (projectNo) => ({ projectNo, ...words.read(projectNo, weighed.term) }));
  return { ...weighed, readings };
}

interface LimitedTerm {
  readonly weighed: WeighedTerm;
  readonly limit: number;
  /** Rarer terms. */
  readonly read: readonly ReadTerm[];
  readonly statistics: QueryStatistics;
}

/** The newest passages with the term, and the older ones that rarer terms have made candidates. */
function readNewest(parts: PassageParts, { weighed, limit, read, statistics }: LimitedTerm): ReadTerm {
  const homes = statistics.homes.get(weighed.term)?.keys() ?? [];
  const newest = Array.from(homes, (projectNo) => ({
    projectNo,
    ...parts.words.read(projectNo, weighed.term, { newest: limit }),
  }));
  const [among] = readAmong(parts, { read, unread: [weighed], statistics, isBounded: false });
  const readings = newestOf(newest, limit).map((reading) => {
    const older = among?.readings.find(({ projectNo }) => projectNo === reading.projectNo);
    return older === undefined ? reading : { ...reading, ...merged(older, reading) };
  });
  return { ...weighed, readings };
}

interface CommonTerms {
  readonly read: readonly ReadTerm[];
  readonly unread: readonly WeighedTerm[];
  readonly statistics: QueryStatistics;
  readonly isBounded: boolean;
}

function readAmong(parts: PassageParts, common: CommonTerms): readonly ReadTerm[] {
  const { read, unread } = common;
  const readings = new Map<string, ProjectReading[]>(unread.map(({ term }) => [term, []]));
  const projectNos = new Set(read.flatMap((term) => term.readings.map(({ projectNo }) => projectNo)));
  for (const projectNo of projectNos) {
    for (const [term, reading] of readInProject(parts, projectNo, common)) {
      readings.get(term)?.push({ projectNo, ...reading });
    }
  }
  return unread.map((term) => ({ ...term, readings: readings.get(term.term) ?? [] }));
}

function readInProject(
  { db, words }: PassageParts,
  projectNo: number,
  { read, unread, statistics, isBounded }: CommonTerms,
): readonly (readonly [string, TermReading])[] {
  const here = ({ readings }: ReadTerm) => readings.filter((reading) => reading.projectNo === projectNo);
  const counts = unread.map(({ term }) => [term, statistics.homes.get(term)?.get(projectNo) ?? 0] as const);
  const names = counts.filter(([, df]) => df > 0).map(([term]) => term);
  const lists = read.flatMap(here).map(({ ids }) => ids);
  const rows = lists.reduce((sum, { length }) => sum + length, 0);
  const isFew = rows < counts.reduce((sum, [, df]) => sum + ROWS_PER_TERM + df * ROWS_PER_PASSAGE, 0);
  const candidates = isFew || isBounded ? new Set(lists.flatMap((ids) => Array.from(ids))) : undefined;
  if (isFew && candidates !== undefined) return countInRows(db, names, candidates);
  const among = read.filter((term) => here(term).length > 0).map(({ term }) => term);
  return names.map((name) => [name, onlyThese(words.read(projectNo, name, { among }), candidates)] as const);
}

/** What the older reading has from before the newer one begins, and the newer one. */
function merged(older: TermReading, newer: TermReading): TermReading {
  const from = newer.ids[0] ?? Number.POSITIVE_INFINITY;
  const end = older.ids.findIndex((id) => id >= from);
  const length = end < 0 ? older.ids.length : end;
  const ids = new Uint32Array(length + newer.ids.length);
  const counts = new Uint16Array(ids.length);
  ids.set(older.ids.subarray(0, length));
  ids.set(newer.ids, length);
  counts.set(older.counts.subarray(0, length));
  counts.set(newer.counts, length);
  return { ids, counts };
}

function countInRows(
  db: Database,
  names: readonly string[],
  candidates: ReadonlySet<number>,
): readonly (readonly [string, TermReading])[] {
  const rows = db
    .prepare("SELECT c.id, c.terms FROM json_each(?) j CROSS JOIN chunks c ON c.id = j.value")
    .raw(JSON.stringify(Array.from(candidates).sort((a, b) => a - b)))
    .map(([id, terms]) => ({ id: Number(id), counts: countTerms(String(terms), names) }));
  return names.map((name, i) => {
    const holding = rows.filter(({ counts }) => (counts[i] ?? 0) > 0);
    const ids = Uint32Array.from(holding, ({ id }) => id);
    return [name, { ids, counts: Uint16Array.from(holding, ({ counts }) => counts[i] ?? 0) }] as const;
  });
}

/** A term that was read in part leads the index to older passages too, which are no candidates. */
function onlyThese(reading: TermReading, candidates: ReadonlySet<number> | undefined): TermReading {
  if (candidates === undefined) return reading;
  const kept = Array.from(reading.ids.keys()).filter((i) => candidates.has(reading.ids[i] ?? 0));
  return {
    ids: Uint32Array.from(kept, (i) => reading.ids[i] ?? 0),
    counts: Uint16Array.from(kept, (i) => reading.counts[i] ?? 0),
  };
}
