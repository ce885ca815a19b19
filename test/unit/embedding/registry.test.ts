import { afterEach, describe, expect, it } from "vitest";
import { deferredEmbedder } from "../../../lib/embedding/deferred.ts";
import type { Embedder } from "../../../lib/embedding/embedder.ts";
import { LOCAL_SPACE } from "../../../lib/embedding/model-identity.ts";
import { openEmbedder } from "../../../lib/embedding/registry.ts";
import { type EmbeddingServer, lengths, startEmbeddingServer } from "./embedding-server.ts";

describe("choosing an embedder", () => {
  let server: EmbeddingServer | undefined;
  let embedder: Embedder | undefined;

  afterEach(async () => {
    await embedder?.close();
    await server?.close();
  });

  it("opens none where none is wanted", () => {
    expect(openEmbedder({ provider: "none" })).toBeUndefined();
  });

  it("opens the local model cold, in its space", () => {
    embedder = openEmbedder({ provider: "local" });
    expect(embedder).toMatchObject({ state: "cold", problem: undefined, space: LOCAL_SPACE });
  });

  it("loads the local model at the first text", async () => {
    embedder = openEmbedder({ provider: "local", runtime: "wasm" });
    const vectors = await embedder?.embed(["a first text"]);
    expect(vectors?.[0]).toHaveLength(384);
    expect(embedder?.state).toBe("ready");
  });

  it.each([
    [{ provider: "openai" }, "text-embedding-3-small", 1536],
    [{ provider: "openai", model: "text-embedding-3-large", dimensions: 256 }, "text-embedding-3-large", 256],
    [{ provider: "openai", model: "mine", dimensions: 5 }, "mine", 5],
    [{ provider: "huggingface" }, "Xenova/all-MiniLM-L6-v2", 384],
    [{ provider: "bedrock" }, "amazon.titan-embed-text-v2:0", 1024],
    [{ provider: "bedrock", dimensions: 256 }, "amazon.titan-embed-text-v2:0", 256],
  ] as const)("knows the space of %j before anything is loaded", (settings, model, dimensions) => {
    embedder = openEmbedder(settings);
    expect(embedder).toMatchObject({ state: "cold", space: { model, dimensions, normalised: true } });
  });

  it.each([
    [{ provider: "local", model: "other" }, "EMBEDDING_MODEL", ["all-MiniLM-L6-v2"]],
    [{ provider: "local", dimensions: 512 }, "EMBEDDING_DIMENSIONS", ["384"]],
    [{ provider: "openai", model: "mine" }, "EMBEDDING_DIMENSIONS", undefined],
    [{ provider: "bedrock", model: "other" }, "EMBEDDING_MODEL", ["amazon.titan-embed-text-v2:0"]],
    [{ provider: "bedrock", dimensions: 384 }, "EMBEDDING_DIMENSIONS", ["1024", "512", "256"]],
  ] as const)("refuses %j and names the field and what would do", (settings, field, valid) => {
    expect(() => openEmbedder(settings)).toThrow(
      expect.objectContaining({ code: "invalid_input", field, valid }),
    );
  });

  it("reaches a service and remembers its queries", async () => {
    server = await startEmbeddingServer(lengths);
    embedder = openEmbedder({ provider: "openai", baseUrl: server.url, model: "mine", dimensions: 2 });
    await embedder?.embed(["query"], { purpose: "query" });
    await embedder?.embed(["query"], { purpose: "query" });
    expect(server.seen).toHaveLength(1);
    expect(embedder?.state).toBe("ready");
  });
});

describe("an embedder whose code is loaded at the first call", () => {
  function inner(log: string[]): Embedder {
    return {
      space: LOCAL_SPACE,
      state: "ready",
      problem: undefined,
      warm: async () => {},
      embed: async (texts) => texts.map(() => Float32Array.of(1)),
      close: async () => void log.push("closed"),
    };
  }

  it("is loaded once, warms meanwhile, and closes what it loaded", async () => {
    const log: string[] = [];
    const embedder = deferredEmbedder(LOCAL_SPACE, async () => {
      log.push("loaded");
      return inner(log);
    });
    expect(embedder.state).toBe("cold");
    const warm = embedder.warm();
    expect(embedder.state).toBe("warming");
    await Promise.all([warm, embedder.embed(["a"])]);
    expect(embedder.state).toBe("ready");
    await embedder.close();
    expect(log).toEqual(["loaded", "closed"]);
    await expect(embedder.embed(["a"])).rejects.toMatchObject({ code: "unavailable" });
  });

  it("keeps the reason of a failed load and tries again at the next call", async () => {
    let attempts = 0;
    const embedder = deferredEmbedder(LOCAL_SPACE, async () => {
      attempts++;
      if (attempts === 1) throw new Error("not yet");
      return inner([]);
    });
    await expect(embedder.embed(["a"])).rejects.toThrow("not yet");
    expect(embedder).toMatchObject({ state: "failed", problem: "not yet" });
    await embedder.embed(["a"]);
    expect(embedder).toMatchObject({ state: "ready", problem: undefined });
  });

  it("closes what finished loading only after it was closed", async () => {
    const log: string[] = [];
    const embedder = deferredEmbedder(LOCAL_SPACE, async () => inner(log));
    const pending = expect(embedder.embed(["a"])).rejects.toMatchObject({ code: "unavailable" });
    await embedder.close();
    await pending;
    expect(log).toContain("closed");
  });
});
