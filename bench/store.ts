import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { compose, type Opened } from "../lib/compose.ts";
import { environment, loadConfig } from "../lib/config.ts";
import { projectIdFrom } from "../lib/domain/ids.ts";
import type { Project } from "../lib/domain/project.ts";
import { timestampOf } from "../lib/domain/timestamp.ts";
import type { Deps } from "../lib/knowledge/deps.ts";
import { type EventInput, recordEvents } from "../lib/knowledge/record-event.ts";
import type { ChunkVector } from "../lib/storage/contract/passages.ts";
import { readModelVocabulary } from "./model-vocabulary.ts";
import { realWords, seededRandom, textMaker } from "./vocabulary.ts";

/** A store filled with generated events, and what is needed to ask it. */
export interface BenchStore {
  readonly opened: Opened;
  readonly project: Project;
  readonly events: number;
  /** A question of so many words, drawn like the texts. */
  readonly question: (words: number) => string;
  readonly newEvent: () => EventInput;
  /** All vectors in the order of their passages' ids. */
  readonly vectors: { readonly ids: readonly number[]; readonly rows: Float32Array };
}

const BATCH = 100;
/** Real embeddings that all vectors are recombined from. */
export const SEEDS = 1_500;
const TYPES = ["decision_made", "bug_encountered", "task_completed", "learning_captured", "note"] as const;
const SUBJECT = {
  decision_made: "decision",
  bug_encountered: "symptom",
  task_completed: "task",
  learning_captured: "learning",
  note: "text",
} as const;

/**
 * A new store with `events` generated events: texts of 60 words from the model's own vocabulary with Zipf
 * frequencies, identifiers and dates; vectors recombined from real embeddings of such texts, with noise.
 */
export async function fillStore(
  folder: string,
  events: number,
  say: (text: string) => void,
): Promise<BenchStore> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const env = {
    ...environment(),
    AIKNOWSYS_HOME: folder,
    STORAGE_TYPE: "sqlite",
    AIKNOWSYS_LOG_LEVEL: "warn",
  };
  const opened = await compose(loadConfig({ flags: { db: join(folder, "bench.db") }, env, cwd: folder }), {
    thread: "inline",
    modelIdleMs: 600_000,
  });
  const { deps } = opened;
  const random = seededRandom(7);
  const text = textMaker(realWords(readModelVocabulary()), random);
  const project = await deps.storage.projects.register({
    id: projectIdFrom(1, randomBytes(16)),
    name: "bench",
    keys: ["path:/bench"],
    roots: [],
    createdAt: timestampOf(1),
  });
  const newEvent = (): EventInput => eventOf(text, random);
  for (let done = 0; done < events; done += BATCH) {
    await recordEvents(deps, project, Array.from({ length: BATCH }, newEvent));
    if (done % 20_000 === 0) say(`${done} of ${events} events`);
  }
  const vectors = await putVectors(deps, project, { random, text, say });
  return { opened, project, events, question: (words) => text(words), newEvent, vectors };
}

interface Making {
  readonly random: () => number;
  readonly text: (words: number) => string;
  readonly say: (text: string) => void;
}

/** An event of a random type with a summary of ten words and fifty more in its data. */
export function eventOf(text: (words: number) => string, random: () => number): EventInput {
  const type = TYPES[Math.floor(random() * TYPES.length)] ?? "note";
  const at = new Date(Date.UTC(2024, 0, 1) + Math.floor(random() * 8e10)).toISOString();
  return {
    type,
    summary: text(10),
    data: { [SUBJECT[type]]: text(50) },
    tags: [text(1)],
    occurredAt: at,
    redact: false,
  };
}

async function putVectors(
  deps: Deps,
  project: Project,
  { random, text, say }: Making,
): Promise<BenchStore["vectors"]> {
  const { embedder, storage } = deps;
  if (embedder === undefined) return { ids: [], rows: new Float32Array() };
  const { dimensions } = embedder.space;
  // Short texts: long ones of random words all mean the same, and their neighbours would be a matter of noise.
  const seeds = await embedder.embed(Array.from({ length: SEEDS }, () => text(4)));
  const ids: number[] = [];
  const all: Float32Array[] = [];
  for (;;) {
    const owed = await storage.chunks.owed([project.id], embedder.space, 1_000);
    if (owed.length === 0) break;
    const vectors = owed.map(
      ({ id, textHash }): ChunkVector => ({
        chunk: id,
        textHash,
        embedding: recombine(seeds, dimensions, random),
      }),
    );
    await storage.chunks.putVectors(embedder.space, vectors);
    for (const { chunk, embedding } of vectors) {
      ids.push(chunk);
      all.push(embedding);
    }
    if (ids.length % 20_000 === 0) say(`${ids.length} vectors`);
  }
  const rows = new Float32Array(all.length * dimensions);
  for (const [index, vector] of all.entries()) rows.set(vector, index * dimensions);
  return { ids, rows };
}

/** Two real embeddings weighed against each other, plus noise a third as long: of length 1. */
export function recombine(
  seeds: readonly Float32Array[],
  dimensions: number,
  random: () => number,
): Float32Array {
  const a = seeds[Math.floor(random() * seeds.length)] ?? new Float32Array(dimensions);
  const b = seeds[Math.floor(random() * seeds.length)] ?? a;
  const weight = 0.5 + random() / 2;
  const scale = (0.35 / Math.sqrt(dimensions)) * Math.sqrt(12);
  const vector = Float32Array.from(
    a,
    (value, index) => weight * value + (1 - weight) * (b[index] ?? 0) + scale * (random() - 0.5),
  );
  const norm = Math.hypot(...vector);
  return vector.map((value) => value / norm);
}
