import type { Database } from "./driver.ts";
import type { ProjectNumbers } from "./project-numbers.ts";
import type { Immediate } from "./sync.ts";
import type { TermFrequencies } from "./term-frequencies.ts";
import type { WordIndex } from "./words.ts";

/** The parts that passages and their index are written by. */
export interface PassageParts {
  readonly db: Database;
  readonly immediate: Immediate;
  readonly numbers: ProjectNumbers;
  readonly words: WordIndex;
  readonly frequencies: TermFrequencies;
}
