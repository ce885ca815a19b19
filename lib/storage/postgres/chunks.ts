import type { ProjectId } from "../../domain/ids.ts";
import type { Chunk, Chunks, ChunkVector, SpaceIdentity } from "../contract/passages.ts";
import { requireFitting, uniqueTexts } from "../neutral/fitting-vector.ts";
import { selectChunksByIds, selectChunksOfOwner } from "./chunk-rows.ts";
import type { Client, Database } from "./driver.ts";
import { rebuildWords } from "./passage-check.ts";
import { findSpace, giveSpace } from "./spaces.ts";
import { countByProject, FrequencyNotes } from "./term-frequencies.ts";
import { type StoredVector, shareVectors, storeVectors } from "./vectors.ts";

/** The facet `chunks` of the storage contract. */
export function openChunks(database: Database): Chunks {
  return {
    byIds: (ids) => database.read((client) => selectChunksByIds(client, ids)),
    ofRow: (project, kind, id) =>
      database.read((client) => selectChunksOfOwner(client, { project, kind, id })),
    owed: (projects, space, limit) => owedChunks(database, projects, { space, limit }),
    putVectors: async (space, vectors) => {
      for (const vector of vectors) requireFitting(space, vector);
      if (vectors.length === 0) return 0;
      return database.write((client) => putVectors(client, space, vectors));
    },
    coverage: (projects, space) =>
      database.read(async (client) => coverageOf(client, projects, await findSpace(client, space))),
    rebuildIndex: () => rebuildWords(database),
  };
}

/** Passages of the projects (all when empty) and how many of them have a vector; `space` as its number. */
async function coverageOf(
  client: Client,
  projects: readonly ProjectId[],
  space: number | undefined,
): Promise<{ readonly chunks: number; readonly embedded: number }> {
  const counts = await countByProject(client, projects, space);
  return {
    chunks: counts.reduce((sum, { chunks }) => sum + chunks, 0),
    embedded: counts.reduce((sum, { embedded }) => sum + embedded, 0),
  };
}

interface Wanted {
  readonly space: SpaceIdentity;
  readonly limit: number;
}

async function owedChunks(
  database: Database,
  projects: readonly ProjectId[],
  { space, limit }: Wanted,
): Promise<readonly Chunk[]> {
  for (;;) {
    const { spaceNo, owed } = await database.read(async (client) => {
      const number = await findSpace(client, space);
      return { spaceNo: number, owed: await oldestOwed(client, projects, { space: number, limit }) };
    });
    const shared = spaceNo === undefined || owed.length === 0 ? 0 : await share(database, spaceNo, owed);
    if (shared === 0) return uniqueTexts(await database.read((client) => selectChunksByIds(client, owed)));
  }
}

/** Gives passages the vectors of equal texts; how many it gave. */
function share(database: Database, space: number, owed: readonly number[]): Promise<number> {
  return database.write(async (client) => {
    const stored = await shareVectors(client, space, owed);
    await noteVectors(client, space, stored);
    return stored.length;
  });
}

async function oldestOwed(
  client: Client,
  projects: readonly ProjectId[],
  { space, limit }: { readonly space: number | undefined; readonly limit: number },
): Promise<readonly number[]> {
  const counts = await countByProject(client, projects, space);
  const found: number[] = [];
  for (const { project, chunks, embedded } of counts) {
    const lacking = chunks - embedded;
    if (lacking > 0) found.push(...(await owedOf(client, project, { space, limit, lacking })));
  }
  return found.sort((a, b) => a - b).slice(0, limit);
}

/** Fewer are all found, from the newest on, where nearly all of them are. */
const FEW_OWED = 2_000;

/**
 * Passages of a project that have no vector; with `limit` and more, the oldest. Each passage is looked up by itself, so
 * that the search ends with the last that lacks one: comparing all with all would take a quarter of a second at 100,000.
 */
async function owedOf(
  client: Client,
  project: ProjectId,
  {
    space,
    limit,
    lacking,
  }: { readonly space: number | undefined; readonly limit: number; readonly lacking: number },
): Promise<readonly number[]> {
  const order = lacking <= FEW_OWED ? "DESC" : "ASC";
  const rows = await client.rows(
    `SELECT c.id FROM chunks c WHERE c.tenant_id = ? AND c.project_id = ? AND NOT EXISTS (
       SELECT 1 FROM vectors v WHERE v.tenant_id = ? AND v.project_id = ? AND v.chunk_id = c.id AND v.space_id = ?
       OFFSET 0
     ) ORDER BY c.id ${order} LIMIT ?`,
    ...[client.tenant, project, client.tenant, project, space ?? 0],
    order === "DESC" ? lacking : limit,
  );
  return rows.map(([id]) => Number(id));
}

async function putVectors(
  client: Client,
  space: SpaceIdentity,
  vectors: readonly ChunkVector[],
): Promise<number> {
  const spaceNo = await giveSpace(client, space);
  // Of two vectors for one passage the first is stored.
  const first = [...new Map([...vectors].reverse().map((vector) => [vector.chunk, vector])).values()];
  const stored = await storeVectors(client, spaceNo, first);
  await noteVectors(client, spaceNo, stored);
  return stored.length;
}

async function noteVectors(client: Client, space: number, stored: readonly StoredVector[]): Promise<void> {
  const counts = new Map<ProjectId, number>();
  for (const { project } of stored) counts.set(project, (counts.get(project) ?? 0) + 1);
  for (const [project, count] of counts) {
    const notes = new FrequencyNotes();
    notes.vectors(space, count);
    await notes.write(client, project);
  }
}
