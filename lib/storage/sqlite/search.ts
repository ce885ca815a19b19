import type { Search } from "../contract/passages.ts";
import { openCodeCache } from "./code-cache.ts";
import type { Database } from "./driver.ts";
import type { PassageParts } from "./passage-parts.ts";
import { searchByVector } from "./semantic-search.ts";
import type { Sync } from "./sync.ts";
import { openWordSearch } from "./word-search.ts";

/** The facet `search` of the storage contract; what it keeps in memory is loaded at the first search. */
export function openSearch(parts: PassageParts): Sync<Search> {
  const { db } = parts;
  const codes = openCodeCache(db);
  const byWords = openWordSearch(parts);
  return {
    byWords: (request) => atOneMoment(db, () => byWords(request)),
    byVector: (request) => atOneMoment(db, () => searchByVector(parts, codes, request)),
  };
}

/** Reads of one search see one state of the store, whatever other processes commit meanwhile. */
function atOneMoment<Result>(db: Database, read: () => Result): Result {
  if (db.inTransaction) return read();
  db.exec("BEGIN");
  try {
    return read();
  } finally {
    if (db.inTransaction) db.exec("COMMIT");
  }
}
