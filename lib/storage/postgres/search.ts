import type { Search } from "../contract/passages.ts";
import type { VectorIndexMode } from "../contract/vector-index.ts";
import type { Database } from "./driver.ts";
import { searchByVector } from "./semantic-search.ts";
import { searchByWords } from "./word-search.ts";

/** The facet `search` of the storage contract. */
export function openSearch(database: Database, vectorIndex: VectorIndexMode): Search {
  return {
    byWords: (request) => searchByWords(database, request),
    byVector: (request) => searchByVector(database, vectorIndex, request),
  };
}
