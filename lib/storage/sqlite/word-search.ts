import { planCandidates } from "../../ranking/candidates.ts";
import { type Posting, scoreCandidates } from "../../ranking/score-candidates.ts";
import type { WordHits, WordSearch } from "../contract/passages.ts";
import { differentTerms, knownTerms, rarest, type WeighedTerm } from "../neutral/query-terms.ts";
import { openFactChoice } from "./fact-choice.ts";
import { hitsOf } from "./hits.ts";
import type { FactTable } from "./passage-facts.ts";
import { markFilterOf } from "./passage-marks.ts";
import type { PassageParts } from "./passage-parts.ts";
import { type ReadTerm, readTerms } from "./read-terms.ts";
import type { QueryStatistics } from "./term-frequencies.ts";

/** Opens the search by words. What it keeps in memory is loaded by the searches themselves. */
export function openWordSearch(parts: PassageParts): (request: WordSearch) => WordHits {
  const chooseFacts = openFactChoice(parts.db);
  return (request) => {
    const { statistics, known } = lookUp(parts, request);
    const terms = rarest(known);
    const plan = planCandidates(terms);
    const read = readTerms(parts, { plan, terms, statistics });
    const facts = chooseFacts(
      read.flatMap(({ readings }) => readings),
      statistics.chunks,
    );
    const scored = scoreCandidates({
      postings: read.map((term) => postingOf(term, facts)),
      lengthOf: (slot) => facts.lengthOf(slot),
      accept: facts.accepting(markFilterOf(request.filter)),
      n: statistics.chunks,
      averageLength: statistics.chunks === 0 ? 0 : statistics.length / statistics.chunks,
      limit: request.limit,
    });
    const chunks = scored.map(({ doc, score }) => ({ chunk: facts.idOf(doc), score }));
    return {
      hits: hitsOf(parts.db, chunks, request.limit),
      known: known.map(({ term }) => term),
      degraded: plan.bounded ? "bounded" : null,
    };
  };
}

/** The query's different terms that occur at all, in their order. @throws KnowledgeError `invalid_input` */
function lookUp(
  { numbers, frequencies }: PassageParts,
  request: WordSearch,
): { readonly statistics: QueryStatistics; readonly known: readonly WeighedTerm[] } {
  const projects = request.projects.length === 0 ? [] : numbers.list(request.projects);
  const wanted = differentTerms(request.terms);
  const statistics = frequencies.statistics(
    projects.map(({ number }) => number),
    wanted.map(({ term }) => term),
  );
  return { statistics, known: knownTerms(wanted, statistics.frequencies) };
}

function postingOf({ term, weight, df, readings }: ReadTerm, facts: FactTable): Posting {
  return {
    term,
    weight,
    df,
    docs: joined(readings.map(({ projectNo, ids }) => facts.slotsOf(projectNo, ids))),
    tfs: joined(readings.map(({ counts }) => counts)),
  };
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
