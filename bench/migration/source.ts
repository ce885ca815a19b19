import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { compose } from "../../lib/compose.ts";
import { environment, loadConfig } from "../../lib/config.ts";
import { projectIdFrom, sha256 } from "../../lib/domain/ids.ts";
import type { Project } from "../../lib/domain/project.ts";
import { timestampOf } from "../../lib/domain/timestamp.ts";
import type { Deps } from "../../lib/knowledge/deps.ts";
import { learnPattern } from "../../lib/knowledge/learn.ts";
import { recordEvents } from "../../lib/knowledge/record-event.ts";
import { createPlan, updatePlan } from "../../lib/knowledge/write-plan.ts";
import { createSession } from "../../lib/knowledge/write-session.ts";
import { loadMigrations } from "../../lib/storage/migrate.ts";
import { readModelVocabulary } from "../model-vocabulary.ts";
import { eventOf, recombine } from "../store.ts";
import { realWords, seededRandom, textMaker } from "../vocabulary.ts";

/** Shares of all events that the projects of the store have. */
const SHARES = [0.5, 0.2, 0.1, 0.1, 0.05, 0.05];
/** Real embeddings that all vectors are recombined from. */
const SEEDS = 300;
const BATCH = 100;
const VECTORS = 1_000;

interface Filling {
  readonly deps: Deps;
  readonly random: () => number;
  readonly text: (words: number) => string;
  readonly say: (text: string) => void;
}

/**
 * A SQLite store of so many events in six projects, with their revisions, changes, seals, passages and vectors, and
 * to each thousand a plan that was changed, a session and a pattern of 600 words. Made once and kept under `home`.
 */
export async function sourceStore(
  home: string,
  events: number,
  say: (text: string) => void,
): Promise<string> {
  const schema = sha256(
    loadMigrations("sqlite")
      .map(({ checksum }) => checksum)
      .join(),
  ).slice(0, 8);
  const folder = join(home, `source-${events}-${schema}`);
  const file = join(folder, "knowledge.db");
  if (existsSync(file)) return file;
  const making = `${folder}.new`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { recursive: true });
  await fill(join(making, "knowledge.db"), events, say);
  renameSync(making, folder);
  return file;
}

async function fill(file: string, events: number, say: (text: string) => void): Promise<void> {
  const env = { ...environment(), AIKNOWSYS_HOME: join(file, ".."), STORAGE_TYPE: "sqlite" };
  const config = loadConfig({ flags: { db: file }, env, cwd: join(file, "..") });
  const { deps, close } = await compose(config, { thread: "inline", modelIdleMs: 600_000 });
  const random = seededRandom(7);
  const filling = { deps, random, text: textMaker(realWords(readModelVocabulary()), random), say };
  try {
    for (const [i, share] of SHARES.entries())
      await fillProject(filling, `bench-${i + 1}`, Math.round(events * share));
    await embedAll(filling);
  } finally {
    await close();
  }
}

async function fillProject(filling: Filling, name: string, events: number): Promise<void> {
  const { deps, random, text, say } = filling;
  const project = await deps.storage.projects.register({
    ...{ id: projectIdFrom(1, randomBytes(16)), name, keys: [`path:/${name}`], roots: [] },
    createdAt: timestampOf(1),
  });
  for (let done = 0; done < events; done += BATCH) {
    const size = Math.min(BATCH, events - done);
    await recordEvents(
      deps,
      project,
      Array.from({ length: size }, () => eventOf(text, random)),
    );
    if (done % 1_000 === 0) await writeDocuments(filling, project);
    if (done % 50_000 === 0) say(`${name}: ${done} of ${events} events`);
  }
  await deps.storage.changes.seal(project.id, timestampOf(deps.clock()));
}

async function writeDocuments({ deps, text }: Filling, project: Project): Promise<void> {
  const content = () => `# ${text(5)}\n\n${text(300)}\n\n## ${text(3)}\n\n${text(300)}\n`;
  const plan = await createPlan(deps, project, { title: text(5), content: content(), redact: false });
  await updatePlan(deps, { project, projects: [project] }, { id: plan.id, status: "ACTIVE" });
  await createSession(deps, project, { title: text(5), content: content(), redact: false });
  await learnPattern(deps, project, { title: text(5), content: content(), redact: false });
}

async function embedAll({ deps, random, text, say }: Filling): Promise<void> {
  const { embedder, storage } = deps;
  if (embedder === undefined) return;
  const { space } = embedder;
  const seeds = await embedder.embed(Array.from({ length: SEEDS }, () => text(4)));
  for (let done = 0; ; ) {
    const owed = await storage.chunks.owed([], space, VECTORS);
    if (owed.length === 0) return;
    const vectors = owed.map(({ id, textHash }) => ({
      ...{ chunk: id, textHash, embedding: recombine(seeds, space.dimensions, random) },
    }));
    await storage.chunks.putVectors(space, vectors);
    done += owed.length;
    if (done % 50_000 < VECTORS) say(`${done} vectors`);
  }
}
