import { eventOf } from "../store.ts";
import { seededRandom, textMaker } from "../vocabulary.ts";

/** One call of a tool. */
export interface ToolCall {
  readonly name: "semantic_search" | "record_event";
  readonly arguments: Readonly<Record<string, unknown>>;
}

export interface TrafficOptions {
  readonly words: readonly string[];
  /** Refs of the projects; the first is asked most. */
  readonly projects: readonly string[];
  readonly seed: number;
}

/** Different questions that are asked. */
const QUESTIONS = 2_000;
/** Share of calls that write. */
const WRITES = 0.2;

/**
 * Endless calls: four hybrid searches to one recorded event. Some questions come often and most seldom, by Zipf's
 * law (the question of rank r is asked 1/r as often as the first), and so do projects.
 */
export function openTraffic({ words, projects, seed }: TrafficOptions): { next(): ToolCall } {
  const random = seededRandom(seed);
  // The same questions whatever is drawn of them.
  const text = textMaker(words, seededRandom(11));
  const questions = Array.from({ length: QUESTIONS }, (_, i) => text(2 + (i % 5)));
  const rankOfQuestion = zipfRanks(questions.length, random);
  const rankOfProject = zipfRanks(projects.length, random);
  const newText = textMaker(words, random);
  return {
    next: () => {
      const project = projects[rankOfProject()];
      if (random() >= WRITES)
        return { name: "semantic_search", arguments: { query: questions[rankOfQuestion()], project } };
      const { type, summary, data, tags } = eventOf(newText, random);
      return { name: "record_event", arguments: { type, summary, data, tags, project } };
    },
  };
}

/** Draws ranks from 0 with a frequency of 1/(rank + 1). */
function zipfRanks(size: number, random: () => number): () => number {
  const shares: number[] = [];
  let sum = 0;
  for (let rank = 1; rank <= size; rank++) {
    sum += 1 / rank;
    shares.push(sum);
  }
  return () => {
    const at = random() * sum;
    return shares.findIndex((share) => share >= at);
  };
}
