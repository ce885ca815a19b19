import { describe, expect, it } from "vitest";
import type { Embedder } from "../../../lib/embedding/embedder.ts";
import { LOCAL_SPACE } from "../../../lib/embedding/model-identity.ts";
import { withQueryVectors } from "../../../lib/embedding/query-vectors.ts";

const QUERY = { purpose: "query" } as const;

/** Counts the texts that reach it; each vector holds that count. */
function counting() {
  const texts: string[] = [];
  const inner: Embedder = {
    space: LOCAL_SPACE,
    state: "cold",
    problem: "none",
    warm: async () => {},
    embed: async (asked) => asked.map((text) => Float32Array.of(texts.push(text))),
    close: async () => {},
  };
  return { texts, embedder: withQueryVectors(inner) };
}

describe("remembering the vectors of queries", () => {
  it("asks once for a query and reports progress all the same", async () => {
    const { texts, embedder } = counting();
    const progress: number[] = [];
    const first = await embedder.embed(["q"], QUERY);
    const again = await embedder.embed(["q"], { ...QUERY, onProgress: (done) => progress.push(done) });
    expect(again).toEqual(first);
    expect(texts).toEqual(["q"]);
    expect(progress).toEqual([1]);
  });

  it("gives copies, so that nobody spoils what is remembered", async () => {
    const { embedder } = counting();
    for (let round = 0; round < 3; round++) {
      const [vector] = await embedder.embed(["q"], QUERY);
      expect(vector).toEqual(Float32Array.of(1));
      vector?.fill(9);
    }
  });

  it("remembers neither passages, nor several texts, nor a long query", async () => {
    const { texts, embedder } = counting();
    const long = "x".repeat(513);
    for (let round = 0; round < 2; round++) {
      await embedder.embed(["passage"]);
      await embedder.embed(["a", "b"], QUERY);
      await embedder.embed([long], QUERY);
    }
    expect(texts).toEqual(["passage", "a", "b", long, "passage", "a", "b", long]);
  });

  it("forgets the query that was not asked for longest once there are more than 2,000", async () => {
    const { texts, embedder } = counting();
    for (let index = 0; index < 2_000; index++) await embedder.embed([`q${index}`], QUERY);
    await embedder.embed(["q0"], QUERY);
    await embedder.embed(["one more"], QUERY);
    await embedder.embed(["q0"], QUERY);
    expect(texts).toHaveLength(2_001);
    await embedder.embed(["q1"], QUERY);
    expect(texts).toHaveLength(2_002);
  });

  it("counts the queries that were remembered and made", async () => {
    const { embedder } = counting();
    await embedder.embed(["a passage"]);
    for (const query of ["q", "r", "q"]) await embedder.embed([query], QUERY);
    expect(embedder.figures?.()).toEqual({ queries: { remembered: 1, made: 2 } });
  });

  it("shows the space, state and problem of what it wraps", () => {
    expect(counting().embedder).toMatchObject({ space: LOCAL_SPACE, state: "cold", problem: "none" });
  });
});
