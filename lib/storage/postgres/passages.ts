import { KnowledgeError } from "../../domain/error.ts";
import type { Kind, ProjectId, RowId } from "../../domain/ids.ts";
import type { ChunkDraft } from "../contract/writes.ts";
import { type ChunkOwner, isAsDrafted, type StandingChunk } from "../neutral/chunk-values.ts";
import { deleteChunks, insertChunks, selectStanding } from "./chunk-rows.ts";
import type { Client } from "./driver.ts";
import { SCOPE } from "./rows.ts";
import { FrequencyNotes } from "./term-frequencies.ts";
import { insertVectors, type KeptVector, selectVectorsOf } from "./vectors.ts";

/** Passages of one project as a write transaction changes them. */
export interface PassageWriter {
  /** Passages of a row that has none yet. */
  add(kind: Kind, owner: RowId, chunks: readonly ChunkDraft[]): Promise<void>;
  /** Gives a row these passages in place of all others. Equal ones stay; vectors of equal text are kept. */
  replace(kind: Kind, owner: RowId, chunks: readonly ChunkDraft[]): Promise<void>;
  /** Takes a superseded or retracted row's passages out of ordinary search. */
  hide(kind: Kind, owner: RowId): Promise<void>;
  /** Once, just before COMMIT: writes the term frequencies of the whole transaction. */
  flush(): Promise<void>;
}

interface Parts {
  readonly client: Client;
  readonly notes: FrequencyNotes;
  readonly numberOf: () => Promise<number>;
}

export function openPassageWriter(client: Client, project: ProjectId): PassageWriter {
  let number: Promise<number> | undefined;
  const notes = new FrequencyNotes();
  const numberOf = () => {
    number ??= readNumber(client, project);
    return number;
  };
  const parts = { client, notes, numberOf };
  return {
    add: (kind, id, chunks) => addChunks(parts, { project, kind, id }, { drafts: chunks, kept: [] }),
    replace: (kind, id, chunks) => replaceChunks(parts, { project, kind, id }, chunks),
    hide: async (kind, id) => {
      const owner = { project, kind, id };
      const standing = await selectStanding(client, owner);
      if (!standing.some(({ hidden }) => !hidden)) return;
      const hidden = standing.map((chunk) => ({ ...chunk, hidden: true }));
      await replaceChunks(parts, owner, hidden);
    },
    flush: () => notes.write(client, project),
  };
}

/** The number that stands for a project in its lexemes. */
export async function readNumber(client: Client, project: ProjectId): Promise<number> {
  const sql = `SELECT number FROM project_numbers WHERE ${SCOPE}`;
  const [row] = await client.rows(sql, client.tenant, project);
  if (row !== undefined) return Number(row[0]);
  throw new KnowledgeError("internal", `The project ${project} has no number for its word index.`);
}

async function replaceChunks(parts: Parts, owner: ChunkOwner, drafts: readonly ChunkDraft[]): Promise<void> {
  const { client } = parts;
  const standing = await selectStanding(client, owner);
  const byOrdinal = new Map(drafts.map((draft) => [draft.ordinal, draft]));
  const gone = standing.filter((chunk) => !isAsDrafted(chunk, byOrdinal.get(chunk.ordinal)));
  const goneOrdinals = new Set(gone.map(({ ordinal }) => ordinal));
  const staying = new Set(
    standing.map(({ ordinal }) => ordinal).filter((ordinal) => !goneOrdinals.has(ordinal)),
  );
  const coming = drafts.filter(({ ordinal }) => !staying.has(ordinal));
  const kept = await removeChunks(parts, owner.project, gone);
  await addChunks(parts, owner, { drafts: coming, kept });
}

/** Returns their vectors. */
async function removeChunks(
  { client, notes }: Parts,
  project: ProjectId,
  gone: readonly StandingChunk[],
): Promise<readonly KeptVector[]> {
  if (gone.length === 0) return [];
  const ids = gone.map(({ id }) => id);
  const vectors = await selectVectorsOf(client, project, ids);
  for (const { space } of vectors) notes.vectors(space, -1);
  for (const chunk of gone) notes.passage(chunk, -1);
  await deleteChunks(client, project, ids);
  return vectors;
}

interface Coming {
  readonly drafts: readonly ChunkDraft[];
  /** Vectors for passages of equal text. */
  readonly kept: readonly KeptVector[];
}

async function addChunks(
  { client, notes, numberOf }: Parts,
  owner: ChunkOwner,
  { drafts, kept }: Coming,
): Promise<void> {
  if (drafts.length === 0) return;
  const ids = await insertChunks(
    client,
    { ...owner, number: await numberOf() },
    drafts.map((draft) => ({ owner: owner.id, draft })),
  );
  for (const draft of drafts) notes.passage(draft, 1);
  const vectors = drafts.flatMap(({ textHash }, i) => vectorsFor(kept, textHash, ids[i] ?? 0));
  if (vectors.length === 0) return;
  await insertVectors(client, owner.project, vectors);
  for (const { space } of vectors) notes.vectors(space, 1);
}

/** One for each space. */
function vectorsFor(
  kept: readonly KeptVector[],
  textHash: string,
  chunk: number,
): readonly (KeptVector & { readonly chunk: number })[] {
  const fitting = kept.filter((vector) => vector.textHash === textHash);
  return [...new Map(fitting.map((vector) => [vector.space, { ...vector, chunk }])).values()];
}
