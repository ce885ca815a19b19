import type { Kind, ProjectId, RowId } from "../../domain/ids.ts";
import type { Chunks, Search } from "../contract/passages.ts";
import type { Finding } from "../contract/upkeep.ts";
import type { ChunkDraft } from "../contract/writes.ts";
import { type ChunkOwner, isAsDrafted, type StandingChunk } from "../neutral/chunk-values.ts";
import { deleteChunk, insertChunk, selectStanding } from "./chunk-rows.ts";
import { openChunks } from "./chunks.ts";
import type { Database } from "./driver.ts";
import {
  checkPassages,
  type PassageFigures,
  passageFigures,
  rebuildDerived,
  repairPassages,
} from "./passage-check.ts";
import type { PassageParts } from "./passage-parts.ts";
import { openProjectNumbers } from "./project-numbers.ts";
import { openSearch } from "./search.ts";
import { sealAll, sealWhenDue } from "./segments.ts";
import type { Immediate, Sync } from "./sync.ts";
import { openTermFrequencies } from "./term-frequencies.ts";
import { insertVector, type KeptVector, selectVectorsOf } from "./vectors.ts";
import { openWordIndex } from "./words.ts";

/** Passages as a write transaction changes them: all members are called inside one, but for `discard`. */
export interface PassageStore {
  /** Gives a row these passages in place of all others. Equal ones stay; vectors of equal text are kept. */
  replace(project: ProjectId, kind: Kind, owner: RowId, chunks: readonly ChunkDraft[]): void;
  /** Gives a row further passages; none of it stands under their ordinals. */
  add(project: ProjectId, kind: Kind, owner: RowId, chunks: readonly ChunkDraft[]): void;
  remove(project: ProjectId, kind: Kind, owner: RowId): void;
  /** Takes a superseded or retracted row's passages out of ordinary search. */
  hide(project: ProjectId, kind: Kind, owner: RowId): void;
  /** Seals the codes of a project's vectors in a space where many have come since the last segment. */
  sealVectors(space: { readonly id: number; readonly dimensions: number }, project: ProjectId): void;
  /** Once, just before COMMIT: writes the term frequencies of the whole transaction. */
  flush(): void;
  /** After ROLLBACK. */
  discard(): void;
}

export interface Passages {
  readonly passages: PassageStore;
  readonly chunks: Sync<Chunks>;
  readonly search: Sync<Search>;
  /** Folds counters, seals codes, merges the word index. */
  janitor(): void;
  check(): readonly Finding[];
  /** Rebuilds what `check` finds wrong; one sentence for each thing done. */
  repair(): readonly string[];
  figures(): PassageFigures;
}

/** Everything about passages on one connection: writing, reading, searching, upkeep. */
export function openPassages(db: Database, immediate: Immediate): Passages {
  const parts: PassageParts = {
    db,
    immediate,
    numbers: openProjectNumbers(db),
    words: openWordIndex(db),
    frequencies: openTermFrequencies(db),
  };
  return {
    passages: openPassageStore(parts),
    chunks: openChunks(parts, () => rebuildDerived(parts)),
    search: openSearch(parts),
    janitor() {
      sealAll(parts);
      immediate(() => {
        parts.frequencies.fold();
        db.exec("INSERT INTO words (words, rank) VALUES ('merge', 500)");
      });
    },
    check: () => checkPassages(parts),
    repair: () => repairPassages(parts),
    figures: () => passageFigures(parts),
  };
}

function openPassageStore(parts: PassageParts): PassageStore {
  return {
    replace: (project, kind, id, chunks) => replaceChunks(parts, { project, kind, id }, chunks),
    add(project, kind, id, chunks) {
      const projectNo = parts.numbers.give(project);
      for (const draft of chunks)
        addChunk(parts, { owner: { project, kind, id }, projectNo, draft, kept: [] });
    },
    remove: (project, kind, id) => replaceChunks(parts, { project, kind, id }, []),
    hide(project, kind, id) {
      const owner = { project, kind, id };
      const standing = selectStanding(parts.db, owner);
      if (standing.some(({ hidden }) => !hidden)) {
        replaceChunks(
          parts,
          owner,
          standing.map((chunk) => ({ ...chunk, hidden: true })),
        );
      }
    },
    sealVectors: (space, project) => sealWhenDue(parts, space, [project]),
    flush: () => parts.frequencies.flush(),
    discard() {
      parts.frequencies.discard();
      parts.numbers.discard();
    },
  };
}

function replaceChunks(parts: PassageParts, owner: ChunkOwner, drafts: readonly ChunkDraft[]): void {
  const standing = selectStanding(parts.db, owner);
  const byOrdinal = new Map(drafts.map((draft) => [draft.ordinal, draft]));
  const gone = standing.filter((chunk) => !isAsDrafted(chunk, byOrdinal.get(chunk.ordinal)));
  const goneOrdinals = new Set(gone.map(({ ordinal }) => ordinal));
  const staying = new Set(
    standing.map(({ ordinal }) => ordinal).filter((ordinal) => !goneOrdinals.has(ordinal)),
  );
  const coming = drafts.filter(({ ordinal }) => !staying.has(ordinal));
  const kept = gone.length === 0 || coming.length === 0 ? [] : keptVectors(parts, owner, gone);
  if (gone.length === 0 && coming.length === 0) return;
  const projectNo = parts.numbers.give(owner.project);
  for (const chunk of gone) removeChunk(parts, projectNo, chunk);
  for (const draft of coming) addChunk(parts, { owner, projectNo, draft, kept });
}

function keptVectors(
  parts: PassageParts,
  owner: ChunkOwner,
  gone: readonly StandingChunk[],
): readonly KeptVector[] {
  return selectVectorsOf(
    parts.db,
    owner.project,
    gone.map(({ id }) => id),
  );
}

function removeChunk(
  { db, words, frequencies }: PassageParts,
  projectNo: number,
  chunk: StandingChunk,
): void {
  deleteChunk(db, chunk.id);
  words.remove(chunk.id);
  frequencies.note(projectNo, chunk, -1);
}

interface Coming {
  readonly owner: ChunkOwner;
  readonly projectNo: number;
  readonly draft: ChunkDraft;
  readonly kept: readonly KeptVector[];
}

function addChunk({ db, words, frequencies }: PassageParts, coming: Coming): void {
  const { owner, projectNo, draft, kept } = coming;
  const id = insertChunk(db, owner, projectNo, draft);
  words.put(id, projectNo, draft.terms);
  frequencies.note(projectNo, draft, 1);
  for (const vector of kept) {
    if (vector.textHash === draft.textHash) insertVector(db, owner.project, id, vector);
  }
}
