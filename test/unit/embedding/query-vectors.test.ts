import { describe, expect, it } from "vitest";
import type { Embedder } from "../../../lib/embedding/embedder.ts";
import { LOCAL_SPACE } from "../../../lib/embedding/model-identity.ts";
import { isQuery, withQueryVectors } from "../../../lib/embedding/query-vectors.ts";

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
    const first = await embedder.embed(["q"]);
    const again = await embedder.embed(["q"], { onProgress: (done) => progress.push(done) });
    expect(again).toEqual(first);
    expect(texts).toEqual(["q"]);
    expect(progress).toEqual([1]);
  });

  it("gives copies, so that nobody spoils what is remembered", async () => {
    const { embedder } = counting();
    for (let round = 0; round < 3; round++) {
      const [vector] = await embedder.embed(["q"]);
      expect(vector).toEqual(Float32Array.of(1));
      vector?.fill(9);
    }
  });

  it("remembers neither several texts nor a long one", async () => {
    const { texts, embedder } = counting();
    const long = "x".repeat(513);
    for (let round = 0; round < 2; round++) {
      await embedder.embed(["a", "b"]);
      await embedder.embed([long]);
    }
    expect(texts).toEqual(["a", "b", long, "a", "b", long]);
  });

  it("forgets the query that was not asked for longest once there are more than 256", async () => {
    const { texts, embedder } = counting();
    for (let index = 0; index < 256; index++) await embedder.embed([`q${index}`]);
    await embedder.embed(["q0"]);
    await embedder.embed(["one more"]);
    await embedder.embed(["q0"]);
    expect(texts).toHaveLength(257);
    await embedder.embed(["q1"]);
    expect(texts).toHaveLength(258);
  });

  it("shows the space, state and problem of what it wraps", () => {
    expect(counting().embedder).toMatchObject({ space: LOCAL_SPACE, state: "cold", problem: "none" });
  });

  it("takes a single text of up to 512 characters for a query", () => {
    expect(isQuery(["x".repeat(512)])).toBe(true);
    expect(isQuery(["x".repeat(513)])).toBe(false);
    expect(isQuery(["a", "b"])).toBe(false);
    expect(isQuery([])).toBe(false);
  });
});
