import { KINDS } from "../../domain/ids.ts";
import type { Finding, StoreFigures } from "../contract/upkeep.ts";
import type { Database } from "./driver.ts";
import type { PassageParts } from "./passage-parts.ts";
import { selectSpaces } from "./spaces.ts";
import { recount } from "./term-frequencies.ts";

/** What the store's figures say of passages. */
export type PassageFigures = Pick<StoreFigures, "chunks" | "vectors" | "spaces">;

const ADVICE = "Run `aiknowsys doctor --fix`: it is rebuilt from what is stored.";
/** Tables of truth by kind; all have tenant_id, project_id, id and deleted_at. */
const TABLES = { plan: "plans", session: "sessions", pattern: "patterns", event: "events" } as const;

export function passageFigures({ db }: PassageParts): PassageFigures {
  const spaces = selectSpaces(db).map(({ id, ...space }) => ({
    ...space,
    vectors: countRows(db, `vectors WHERE space_id = ${id}`),
  }));
  return {
    chunks: countRows(db, "chunks"),
    vectors: spaces.reduce((sum, space) => sum + space.vectors, 0),
    spaces,
  };
}

/** Compares everything derived with what it derives from; [] when all agrees. */
export function checkPassages(parts: PassageParts): readonly Finding[] {
  const { db } = parts;
  return [
    ...checkWords(db),
    ...checkFrequencies(db),
    ...found(countOrphans(db), "passages belong to a row that is gone"),
    ...found(
      countStrayVectors(db),
      "vectors belong to no passage, or to one that says something else by now",
    ),
    ...found(countDamagedVectors(db), "vectors have the wrong length"),
    ...found(countWrongDebts(db), "passages are wrongly noted as having, or lacking, a vector"),
  ];
}

/** Mends what {@link checkPassages} finds; one sentence for each thing done. */
export function repairPassages(parts: PassageParts): readonly string[] {
  const { db, immediate } = parts;
  if (checkPassages(parts).length === 0) return [];
  return immediate(() => {
    const orphans = deleteOrphans(db);
    const vectors = deleteBadVectors(db);
    rebuildDerived(parts);
    return [
      ...(orphans > 0 ? [`Removed ${orphans} passages of rows that are gone.`] : []),
      ...(vectors > 0 ? [`Removed ${vectors} vectors that fit no passage; they will be made again.`] : []),
      "Rebuilt the word index, the term frequencies and the vectors' codes.",
    ];
  });
}

/** Drops everything derived from `chunks` and `vectors` and builds it anew. */
export function rebuildDerived({ db, immediate, words, frequencies }: PassageParts): void {
  immediate(() => {
    words.rebuild();
    frequencies.rebuild();
    // Codes are made again from the vectors, when they are searched and by the janitor.
    db.exec(`DELETE FROM vector_segments; DELETE FROM owed_vectors;
      INSERT INTO owed_vectors (space_id, project_no, chunk_id) ${TRUE_DEBTS}`);
  });
}

/** Pairs of space and passage that lack a vector. */
const TRUE_DEBTS = `SELECT s.id, c.project_no, c.id FROM spaces s CROSS JOIN chunks c WHERE NOT EXISTS (
  SELECT 1 FROM vectors v WHERE v.tenant_id = c.tenant_id AND v.project_id = c.project_id
  AND v.chunk_id = c.id AND v.space_id = s.id)`;

const STRAY_VECTORS = `vectors WHERE NOT EXISTS (
  SELECT 1 FROM chunks c WHERE c.id = vectors.chunk_id AND c.project_id = vectors.project_id
  AND c.text_hash = vectors.text_hash)`;

const DAMAGED_VECTORS = `vectors WHERE length(embedding) <> 4 * (
  SELECT dimensions FROM spaces s WHERE s.id = vectors.space_id)`;

function checkWords(db: Database): readonly Finding[] {
  const missing = countRows(db, "chunks WHERE id NOT IN (SELECT id FROM words_docsize)");
  const surplus = countRows(db, "words_docsize WHERE id NOT IN (SELECT id FROM chunks)");
  return [
    ...found(missing, "passages are missing from the word index"),
    ...found(surplus, "entries of the word index belong to no passage"),
    ...(isSound(db) ? [] : [error("The word index is damaged.")]),
  ];
}

/** SQLite asks FTS5 to check its own structures. */
function isSound(db: Database): boolean {
  return db.pragma("integrity_check(words)") === "ok";
}

function checkFrequencies(db: Database): readonly Finding[] {
  const stored = db.prepare("SELECT term, count FROM term_frequencies WHERE project_no = ? AND count <> 0");
  const truth = recount(db);
  const numbers = db
    .prepare("SELECT number FROM project_numbers")
    .raw()
    .map(([number]) => Number(number));
  const wrong = numbers.filter((number) => {
    const counted = truth.get(number) ?? new Map<string, number>();
    const rows = stored.raw(number);
    // Passages of no length leave a `#length` of 0, which is not stored.
    const due = [...counted.values()].filter((n) => n !== 0).length;
    return rows.length !== due || rows.some(([term, n]) => counted.get(String(term)) !== n);
  });
  return found(wrong.length, "projects have wrong term frequencies");
}

function countOrphans(db: Database): number {
  return KINDS.reduce((sum, kind) => sum + countRows(db, orphansOf(kind)), 0);
}

function deleteOrphans(db: Database): number {
  return KINDS.reduce((sum, kind) => sum + db.prepare(`DELETE FROM ${orphansOf(kind)}`).run().changes, 0);
}

function orphansOf(kind: (typeof KINDS)[number]): string {
  return `chunks WHERE kind = '${kind}' AND NOT EXISTS (
    SELECT 1 FROM ${TABLES[kind]} r WHERE r.tenant_id = chunks.tenant_id AND r.project_id = chunks.project_id
    AND r.id = chunks.owner_id AND r.deleted_at IS NULL)`;
}

function countStrayVectors(db: Database): number {
  return countRows(db, STRAY_VECTORS);
}

function countDamagedVectors(db: Database): number {
  return countRows(db, DAMAGED_VECTORS);
}

function deleteBadVectors(db: Database): number {
  return [STRAY_VECTORS, DAMAGED_VECTORS].reduce(
    (sum, rows) => sum + db.prepare(`DELETE FROM ${rows}`).run().changes,
    0,
  );
}

function countWrongDebts(db: Database): number {
  const noted = "SELECT space_id, project_no, chunk_id FROM owed_vectors";
  return countRows(db, `(${TRUE_DEBTS} EXCEPT ${noted})`) + countRows(db, `(${noted} EXCEPT ${TRUE_DEBTS})`);
}

function countRows(db: Database, rows: string): number {
  return Number(db.prepare(`SELECT count(*) AS n FROM ${rows}`).get()?.n ?? 0);
}

function found(count: number, what: string): readonly Finding[] {
  return count === 0 ? [] : [error(`${count} ${what}.`)];
}

function error(what: string): Finding {
  return { severity: "error", what, advice: ADVICE };
}
