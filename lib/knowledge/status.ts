import type { ProjectCounts } from "../domain/project.ts";
import type { StoreFigures } from "../storage/contract/upkeep.ts";
import type { Deps, Scope } from "./deps.ts";
import { filesBehind } from "./freshness.ts";

/** INTERFACE: the report of `status`. */
export interface Status {
  readonly ok: boolean;
  readonly storage: StoreFigures;
  readonly project?: {
    readonly ref: string;
    readonly name: string;
    readonly keys: readonly string[];
    readonly roots: readonly string[];
    readonly counts: ProjectCounts;
    readonly lastWriteAt?: string | undefined;
  };
  readonly embedding: {
    readonly provider: string;
    readonly model?: string | undefined;
    readonly dimensions?: number | undefined;
    readonly state: string;
    /** Why the model cannot answer. */
    readonly problem?: string | undefined;
    readonly chunks: number;
    readonly embedded: number;
    readonly owed: number;
    /** Share of passages with a vector, 0 to 1. */
    readonly coverage: number;
    /** What is sent away, with a provider that is not local (RULES 35). */
    readonly leavesMachine?: string | undefined;
  };
  /** Files that changed or came on disk since the folder was indexed. */
  readonly index: { readonly behind: number; readonly lastRunAt?: string | undefined };
  /** What the owner of the store should know, one sentence each. */
  readonly advice: readonly string[];
}

/** Counts, sizes, coverage and lag; reads only. */
export async function getStatus(deps: Deps, scope: Scope): Promise<Status> {
  const figures = await deps.storage.upkeep.figures();
  const embedding = await embeddingStatus(deps, scope);
  const index = await indexStatus(deps, scope);
  const project = await projectStatus(deps, scope);
  return {
    ok: true,
    storage: figures,
    ...(project !== undefined && { project }),
    embedding,
    index,
    advice: adviceOf(figures, embedding, index, scope),
  };
}

async function projectStatus(deps: Deps, scope: Scope): Promise<Status["project"]> {
  if (scope.project === undefined) return undefined;
  const { id, ref, name, keys, roots } = scope.project;
  const [counts, lastWriteAt] = await Promise.all([
    deps.storage.projects.counts(id),
    deps.storage.projects.lastWriteAt(id),
  ]);
  return { ref, name, keys, roots, counts, ...(lastWriteAt !== undefined && { lastWriteAt }) };
}

async function embeddingStatus(deps: Deps, scope: Scope): Promise<Status["embedding"]> {
  const { embedder } = deps;
  if (embedder === undefined)
    return { provider: "none", state: "off", chunks: 0, embedded: 0, owed: 0, coverage: 0 };
  const projects = scope.projects.map(({ id }) => id);
  const { chunks, embedded } = await deps.storage.chunks.coverage(projects, embedder.space);
  const { problem, state, space } = embedder;
  const provider = deps.embeddingProvider;
  return {
    provider,
    model: space.model,
    dimensions: space.dimensions,
    state,
    ...(problem !== undefined && { problem }),
    chunks,
    embedded,
    owed: chunks - embedded,
    coverage: chunks === 0 ? 1 : embedded / chunks,
    ...(provider !== "local" && {
      leavesMachine: `The text of every passage and query is sent to the embedding provider ${provider}.`,
    }),
  };
}

async function indexStatus(deps: Deps, scope: Scope): Promise<Status["index"]> {
  if (scope.project === undefined) return { behind: 0 };
  const [behind, runs] = await Promise.all([
    filesBehind(deps, scope.project),
    deps.storage.sources.runs(scope.project.id),
  ]);
  const [latest] = runs;
  return {
    behind: behind.known.length + behind.fresh.files.length,
    ...(latest !== undefined && { lastRunAt: latest.at }),
  };
}

function adviceOf(
  figures: StoreFigures,
  embedding: Status["embedding"],
  index: Status["index"],
  scope: Scope,
): readonly string[] {
  const advice: string[] = [...(figures.advice ?? [])];
  if (scope.project === undefined) advice.push("This folder is not indexed yet: run `aiknowsys index`.");
  if (index.behind > 0)
    advice.push(
      `${index.behind === 1 ? "1 file is" : `${index.behind} files are`} new or changed on disk: run \`aiknowsys index\`.`,
    );
  if (embedding.owed > 0)
    advice.push(
      `${embedding.owed} passages wait for their vector: run \`aiknowsys index\`, or leave an MCP server running.`,
    );
  if (figures.engine === "sqlite" && figures.events > 1_000_000) {
    advice.push("The store holds more than a million events: PostgreSQL serves this size better.");
  }
  return advice;
}
