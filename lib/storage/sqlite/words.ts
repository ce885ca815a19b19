import { KnowledgeError } from "../../domain/error.ts";
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

export interface WordIndex {
  put(id: number, projectNo: number, terms: string): void;
  remove(id: number): void;
  /** All passages of a project with the term, or only the `newest` with the highest ids. */
  read(projectNo: number, term: string, newest?: number): TermReading;
  /** Empties the index and fills it from `chunks`. */
  rebuild(): void;
}

/** The index tells counts up to this apart; from here on the passage's own terms are counted. */
const MAX_LEVEL = 8;
const TERM = /^[a-z0-9_]+$/;

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
    read(projectNo, term, newest) {
      const token = tokenOf(projectNo, term);
      const ids = Uint32Array.from(readLevel(db, token, 1, newest));
      const counts = new Uint16Array(ids.length).fill(1);
      raiseCounts(db, { token, ids, counts, newest });
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

/** @throws KnowledgeError `invalid_input` for what the analyser cannot have made: MATCH never sees other text. */
function tokenOf(projectNo: number, term: string): string {
  if (!TERM.test(term)) {
    throw new KnowledgeError("invalid_input", "A search term holds characters other than a-z, 0-9 and _.", {
      field: "terms",
      hint: "Pass the terms that the analyser gives.",
    });
  }
  return `p${projectNo}_${term}`;
}

/** Ids ascending. Read as one JSON array: ten times faster than a row each. */
function readLevel(
  db: Database,
  token: string,
  level: number,
  newest: number | undefined,
): readonly number[] {
  const match = level === 1 ? `"${token}"` : `"${token}=${level}"`;
  const row =
    newest === undefined
      ? db
          .prepare(
            `SELECT json_group_array(rowid) AS ids FROM (
               SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid
             )`,
          )
          .get(match)
      : db
          .prepare(
            `SELECT json_group_array(rowid) AS ids FROM (
               SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT ?
             )`,
          )
          .get(match, newest);
  // SAFETY: an array of whole numbers by the statement.
  const ids = JSON.parse(String(row?.ids ?? "[]")) as number[];
  return newest === undefined ? ids : ids.reverse();
}

interface Reading extends TermReading {
  readonly token: string;
  readonly newest: number | undefined;
}

/** Each further level lists a part of the passages of the one before, so the first empty one ends it. */
function raiseCounts(db: Database, { token, ids, counts, newest }: Reading): void {
  for (let level = 2; level <= MAX_LEVEL && ids.length > 0; level++) {
    const listed = readLevel(db, token, level, newest);
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
