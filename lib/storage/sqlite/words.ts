import { requireTerm } from "../neutral/query-terms.ts";
import type { Database } from "./driver.ts";

/** Passages that hold a term, ascending by id, and how often each holds it. */
export interface TermReading {
  readonly ids: Uint32Array;
  readonly counts: Uint16Array;
}

/** A reading of one project. */
export interface ProjectReading extends TermReading {
  readonly projectNo: number;
}

/** Which passages of a common term to read; all without any. */
export type ReadingPart =
  /** Those with the highest ids, so many. */
  | { readonly newest: number }
  /** Those that hold at least one of these rarer terms too. Costs by the rarer terms, not by the common one. */
  | { readonly among: readonly string[] };

export interface WordIndex {
  put(id: number, projectNo: number, terms: string): void;
  remove(id: number): void;
  /** The passages of a project that hold the term. */
  read(projectNo: number, term: string, part?: ReadingPart): TermReading;
  /** Empties the index and fills it from `chunks`. */
  rebuild(): void;
}

/** The index tells counts up to this apart; from here on the passage's own terms are counted. */
const MAX_LEVEL = 8;

/** Of readings the passages with the highest ids, `limit` of them in all. */
export function newestOf<Reading extends TermReading>(
  readings: readonly Reading[],
  limit: number,
): readonly Reading[] {
  const ids = readings.flatMap((reading) => Array.from(reading.ids));
  if (ids.length <= limit) return readings;
  const oldest = ids.sort((a, b) => b - a)[limit - 1] ?? 0;
  return readings.map((reading) => {
    const from = reading.ids.findIndex((id) => id >= oldest);
    const start = from < 0 ? reading.ids.length : from;
    return { ...reading, ids: reading.ids.subarray(start), counts: reading.counts.subarray(start) };
  });
}

/** The FTS5 table `words`; docs/adr/0005 says why it looks as it does. */
export function openWordIndex(db: Database): WordIndex {
  return {
    put: (id, projectNo, terms) => insertWords(db, id, indexText(projectNo, terms)),
    remove: (id) => void db.prepare("DELETE FROM words WHERE rowid = ?").run(id),
    read(projectNo, term, part) {
      const levels = levelReader(db, { projectNo, term, part });
      const ids = Uint32Array.from(levels(1));
      const counts = new Uint16Array(ids.length).fill(1);
      raiseCounts(levels, { ids, counts });
      countLongOnes(db, term, { ids, counts });
      return { ids, counts };
    },
    rebuild() {
      db.exec("INSERT INTO words (words) VALUES ('delete-all')");
      const chunks = db.prepare(
        "SELECT id, project_no, terms FROM chunks WHERE id > ? ORDER BY id LIMIT 1000",
      );
      let last = 0;
      for (let rows = chunks.raw(last); rows.length > 0; rows = chunks.raw(last)) {
        for (const [id, projectNo, terms] of rows) {
          insertWords(db, Number(id), indexText(Number(projectNo), String(terms)));
        }
        last = Number(rows.at(-1)?.[0]);
      }
    },
  };
}

function insertWords(db: Database, id: number, text: string): void {
  db.prepare("INSERT INTO words (rowid, terms) VALUES (?, ?)").run(id, text);
}

/** `a b a` of project 12 as `p12_a p12_b p12_a=2`. */
function indexText(projectNo: number, terms: string): string {
  if (terms === "") return "";
  const counts = new Map<string, number>();
  let text = "";
  for (const term of terms.split(" ")) {
    const level = (counts.get(term) ?? 0) + 1;
    counts.set(term, level);
    if (level === 1) text += ` p${projectNo}_${term}`;
    else if (level <= MAX_LEVEL) text += ` p${projectNo}_${term}=${level}`;
  }
  return text;
}

function tokenOf(projectNo: number, term: string): string {
  requireTerm(term);
  return `p${projectNo}_${term}`;
}

/** Ids, ascending, of the passages that hold a term `level` times or more. */
type LevelReader = (level: number) => readonly number[];

interface Wanted {
  readonly projectNo: number;
  readonly term: string;
  readonly part: ReadingPart | undefined;
}

/** Reads ids as one JSON array: ten times faster than a row each. */
function levelReader(db: Database, { projectNo, term, part }: Wanted): LevelReader {
  const token = tokenOf(projectNo, term);
  const phraseOf = (level: number) => (level === 1 ? `"${token}"` : `"${token}=${level}"`);
  if (part === undefined) return (level) => readAll(db, phraseOf(level));
  if ("newest" in part) return (level) => readNewest(db, phraseOf(level), part.newest);
  const others = part.among.map((other) => `"${tokenOf(projectNo, other)}"`).join(" OR ");
  return (level) => readAll(db, `(${others}) AND ${phraseOf(level)}`);
}

function readAll(db: Database, match: string): readonly number[] {
  const row = db
    .prepare(
      `SELECT json_group_array(rowid) AS ids FROM (
         SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid
       )`,
    )
    .get(match);
  return idsOf(row?.ids);
}

function readNewest(db: Database, match: string, newest: number): readonly number[] {
  const row = db
    .prepare(
      `SELECT json_group_array(rowid) AS ids FROM (
         SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT ?
       )`,
    )
    .get(match, newest);
  return [...idsOf(row?.ids)].reverse();
}

function idsOf(json: unknown): readonly number[] {
  // SAFETY: an array of whole numbers by the statements above.
  return JSON.parse(String(json ?? "[]")) as number[];
}

/** Each further level lists a part of the passages of the one before, so the first empty one ends it. */
function raiseCounts(levels: LevelReader, { ids, counts }: TermReading): void {
  for (let level = 2; level <= MAX_LEVEL && ids.length > 0; level++) {
    const listed = levels(level);
    if (listed.length === 0) return;
    let at = 0;
    for (const id of listed) {
      while (at < ids.length && (ids[at] ?? 0) < id) at++;
      if (ids[at] === id) counts[at] = level;
    }
  }
}

function countLongOnes(db: Database, term: string, { ids, counts }: TermReading): void {
  const select = db.prepare("SELECT terms FROM chunks WHERE id = ?");
  for (let i = counts.indexOf(MAX_LEVEL); i >= 0; i = counts.indexOf(MAX_LEVEL, i + 1)) {
    const terms = String(select.get(ids[i] ?? 0)?.terms ?? "");
    counts[i] = Math.max(MAX_LEVEL, terms.split(" ").filter((other) => other === term).length);
  }
}
