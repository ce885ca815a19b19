import { MAX_CANDIDATES, planCandidates } from "../../ranking/candidates.ts";
import { scoreCandidates } from "../../ranking/score-candidates.ts";
import type { WordHits, WordSearch } from "../contract/passages.ts";
import { openFactChoice } from "./fact-choice.ts";
import { hitsOf } from "./hits.ts";
import { markFilterOf } from "./passage-marks.ts";
import type { PassageParts } from "./passage-parts.ts";
import type { QueryStatistics, WeighedTerm } from "./term-frequencies.ts";
import { addUnread } from "./unread-terms.ts";
import { newestOf, type ProjectReading } from "./words.ts";

interface ReadTerm extends WeighedTerm {
  readonly readings: readonly ProjectReading[];
}

/** Of a longer query the rarest terms count. */
const MAX_TERMS = 64;

/** Opens the search by words. What it keeps in memory is loaded by the searches themselves. */
export function openWordSearch(parts: PassageParts): (request: WordSearch) => WordHits {
  const chooseFacts = openFactChoice(parts.db);
  return (request) => {
    const { statistics, known } = lookUp(parts, request);
    const terms = new Map(rarest(known).map((term) => [term.term, term]));
    const plan = planCandidates([...terms.values()]);
    const reads = plan.read.flatMap(({ term, limit }) => {
      const weighed = terms.get(term);
      return weighed === undefined ? [] : [readTerm(parts, { weighed, statistics, limit })];
    });
    const facts = chooseFacts(
      reads.flatMap(({ readings }) => readings),
      statistics.chunks,
    );
    const unread = plan.unread.flatMap((term) => terms.get(term) ?? []);
    const measures = {
      n: statistics.chunks,
      averageLength: statistics.length / Math.max(1, statistics.chunks),
    };
    const accept = facts.accepting(markFilterOf(request.filter));
    const scored = scoreCandidates({
      ...measures,
      postings: reads.map(({ term, weight, df, readings }) => ({
        term,
        weight,
        df,
        docs: joined(readings.map(({ projectNo, ids }) => facts.slotsOf(projectNo, ids))),
        tfs: joined(readings.map(({ counts }) => counts)),
      })),
      lengthOf: (slot) => facts.lengthOf(slot),
      accept,
      limit: unread.length > 0 ? MAX_CANDIDATES * 2 : request.limit,
    });
    const candidates = scored.map(({ doc, score }) => ({
      chunk: facts.idOf(doc),
      length: facts.lengthOf(doc),
      score,
    }));
    const complete = addUnread(parts.db, candidates, {
      ...measures,
      read: reads,
      unread,
      limit: request.limit,
    });
    return {
      hits: hitsOf(parts.db, complete, request.limit),
      known: known.map(({ term }) => term),
      degraded: plan.bounded ? "bounded" : null,
    };
  };
}

/** The query's different terms that occur at all, in their order. */
function lookUp(
  { numbers, frequencies }: PassageParts,
  request: WordSearch,
): { readonly statistics: QueryStatistics; readonly known: readonly WeighedTerm[] } {
  const projects = request.projects.length === 0 ? [] : numbers.list(request.projects);
  const wanted = [...new Map(request.terms.map((term) => [term.term, term])).values()];
  const statistics = frequencies.statistics(
    projects.map(({ number }) => number),
    wanted.map(({ term }) => term),
  );
  const known = wanted.flatMap(({ term, weight }) => {
    const df = statistics.frequencies.get(term);
    return df === undefined ? [] : [{ term, weight, df }];
  });
  return { statistics, known };
}

function rarest(terms: readonly WeighedTerm[]): readonly WeighedTerm[] {
  return terms.length <= MAX_TERMS ? terms : [...terms].sort((a, b) => a.df - b.df).slice(0, MAX_TERMS);
}

interface Reading {
  readonly weighed: WeighedTerm;
  readonly statistics: QueryStatistics;
  readonly limit: number | undefined;
}

function readTerm({ words }: PassageParts, { weighed, statistics, limit }: Reading): ReadTerm {
  const homes = statistics.homes.get(weighed.term) ?? [];
  const readings = homes.map((projectNo) => ({
    projectNo,
    ...words.read(projectNo, weighed.term, limit),
  }));
  return { ...weighed, readings: limit === undefined ? readings : newestOf(readings, limit) };
}

function joined(lists: readonly (Uint32Array | Uint16Array)[]): Uint32Array | Uint16Array {
  const [only] = lists;
  if (only !== undefined && lists.length === 1) return only;
  const all = new Uint32Array(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all;
}
