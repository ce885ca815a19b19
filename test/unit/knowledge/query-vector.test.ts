import { expect, it } from "vitest";
import { KnowledgeError } from "../../../lib/domain/error.ts";
import { batchedEmbedder } from "../../../lib/embedding/batched.ts";
import { deferredEmbedder } from "../../../lib/embedding/deferred.ts";
import type { Embedder } from "../../../lib/embedding/embedder.ts";
import { embedQuery } from "../../../lib/knowledge/query-vector.ts";

const space = { model: "m", revision: "", dimensions: 2, pooling: "mean", normalised: true } as const;

function logging() {
  const warnings: string[] = [];
  const silent = (): void => undefined;
  const warn = (text: string): void => void warnings.push(text);
  return { warnings, log: { debug: silent, info: silent, warn, error: silent } };
}

function model(embedBatch: () => Promise<readonly ArrayLike<number>[]>): Embedder {
  return batchedEmbedder({ space, batchSize: 8, embedBatch });
}

it.each([
  ["that is still loaded", (loading: Promise<Embedder>) => deferredEmbedder(space, () => loading)],
  [
    "that is still asked",
    (loading: Promise<Embedder>) => model(async () => (await loading).embed(["what?"])),
  ],
])("says nothing when a model %s is closed at the end of a command", async (_, open) => {
  const { warnings, log } = logging();
  let finish: (embedder: Embedder) => void = () => undefined;
  const loading = new Promise<Embedder>((resolve) => {
    finish = resolve;
  });
  const embedder = open(loading);
  expect(await embedQuery({ embedder, log }, "what?", 1)).toEqual({
    vector: undefined,
    degraded: "embedding_warming",
  });
  await embedder.close();
  expect(embedder.state).toBe("closed");
  const broken = model(() => Promise.reject(new KnowledgeError("unavailable", "It is gone.")));
  finish(broken);
  await expect(embedder.embed(["later"])).rejects.toMatchObject({ code: "unavailable" });
  expect(warnings).toEqual([]);
});

it("warns of a model that fails, also after the answer was given without it", async () => {
  const { warnings, log } = logging();
  const failing = model(() => Promise.reject(new KnowledgeError("unavailable", "It is gone.")));
  expect(await embedQuery({ embedder: failing, log }, "what?", Number.POSITIVE_INFINITY)).toEqual({
    vector: undefined,
    degraded: "embedding_unavailable",
  });
  const late = model(async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    throw new KnowledgeError("unavailable", "It is gone.");
  });
  expect((await embedQuery({ embedder: late, log }, "what?", 1)).degraded).toBe("embedding_warming");
  await expect.poll(() => warnings).toHaveLength(2);
});
