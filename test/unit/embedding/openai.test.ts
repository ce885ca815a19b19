import { afterEach, describe, expect, it } from "vitest";
import type { Embedder, Space } from "../../../lib/embedding/embedder.ts";
import { openOpenAi } from "../../../lib/embedding/openai.ts";
import type { EmbeddingSettings } from "../../../lib/embedding/provider-settings.ts";
import {
  type EmbeddingServer,
  lengths,
  type Reply,
  sendJson,
  startEmbeddingServer,
} from "./embedding-server.ts";

const SPACE: Space = { model: "lengths", revision: "", dimensions: 2, pooling: "none", normalised: true };
const KEY = "sk-very-secret";

describe("an OpenAI-compatible service", () => {
  let server: EmbeddingServer;
  let pauses: number[];

  afterEach(() => server.close());

  async function open(
    reply: Reply,
    settings: Partial<EmbeddingSettings> = {},
    timeoutMs = 20_000,
  ): Promise<Embedder> {
    server = await startEmbeddingServer(reply);
    pauses = [];
    const wait = async (ms: number): Promise<void> => {
      pauses.push(ms);
    };
    const all: EmbeddingSettings = { provider: "openai", baseUrl: server.url, apiKey: KEY, ...settings };
    return openOpenAi(SPACE, all, { timeoutMs, wait });
  }

  /** Fails `times` times with a status, then answers. */
  const failing =
    (times: number, status: number, headers = {}): Reply =>
    (response, seen, before) => {
      if (before < times) sendJson(response, status, { error: { message: `no, ${KEY}` } }, headers);
      else lengths(response, seen, before);
    };

  it("answers vectors of length 1 in the order of the texts", async () => {
    const embedder = await open(lengths);
    const [zero, three] = await embedder.embed(["", "xyz"]);
    expect(zero).toEqual(Float32Array.of(0, 1));
    expect(three?.[0]).toBeCloseTo(3 / Math.sqrt(10), 6);
    expect(embedder).toMatchObject({ state: "ready", problem: undefined });
  });

  it("posts the model and the key to /v1/embeddings, the dimensions only where they are set", async () => {
    await (await open(lengths)).embed(["a"]);
    expect(server.seen[0]).toMatchObject({
      path: "/v1/embeddings",
      headers: { authorization: `Bearer ${KEY}` },
      body: { model: "lengths", input: ["a"] },
    });
    expect(server.seen[0]?.body).not.toHaveProperty("dimensions");
    await server.close();
    await (await open(lengths, { dimensions: 2, apiKey: undefined })).embed(["a"]);
    expect(server.seen[0]?.body.dimensions).toBe(2);
    expect(server.seen[0]?.headers).not.toHaveProperty("authorization");
  });

  it("keeps the path of an address that has one", async () => {
    const embedder = await open(lengths);
    await openOpenAi(SPACE, { provider: "openai", baseUrl: `${server.url}/api/v3/` }).embed(["a"]);
    expect(server.seen[0]?.path).toBe("/api/v3/embeddings");
    expect(embedder.state).toBe("cold");
  });

  it("sends many texts in batches of 64 and reports progress", async () => {
    const done: number[] = [];
    const texts = Array.from({ length: 130 }, (_, index) => "x".repeat(index));
    const vectors = await (await open(lengths)).embed(texts, { onProgress: (count) => done.push(count) });
    expect(vectors).toHaveLength(130);
    expect(server.seen.map(({ body }) => body.input.length)).toEqual([64, 64, 2]);
    expect(done).toEqual([64, 128, 130]);
    expect(vectors[129]?.[0]).toBeCloseTo(129 / Math.hypot(129, 1), 6);
  });

  it.each([429, 500, 503])("tries again after status %i, each time after a longer pause", async (status) => {
    const embedder = await open(failing(3, status));
    expect(await embedder.embed(["a"])).toHaveLength(1);
    expect(pauses).toEqual([500, 1000, 2000]);
  });

  it("waits as long as the service asks, within reason", async () => {
    await (await open(failing(1, 429, { "retry-after": "3" }))).embed(["a"]);
    expect(pauses).toEqual([3000]);
    await server.close();
    await (await open(failing(1, 429, { "retry-after": "86400" }))).embed(["a"]);
    expect(pauses).toEqual([20_000]);
  });

  it("gives up after four attempts, says so, and recovers at a later call", async () => {
    const embedder = await open(failing(4, 500));
    await expect(embedder.embed(["a"])).rejects.toMatchObject({ code: "unavailable" });
    expect(server.seen).toHaveLength(4);
    expect(embedder.state).toBe("failed");
    expect(embedder.problem).toContain("answered 500");
    await embedder.embed(["a"]);
    expect(embedder).toMatchObject({ state: "ready", problem: undefined });
  });

  it.each([400, 401, 404])(
    "does not repeat a request refused with status %i, nor its key",
    async (status) => {
      const embedder = await open(failing(9, status));
      const error = await embedder.embed(["a"]).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        code: "unavailable",
        message: expect.stringContaining(`answered ${status}`),
      });
      expect(String(error)).not.toContain(KEY);
      expect(server.seen).toHaveLength(1);
    },
  );

  it("says which setting is wrong when vectors have another length", async () => {
    const embedder = await open((response) => sendJson(response, 200, { data: [{ embedding: [1, 2, 3] }] }));
    await expect(embedder.embed(["a"])).rejects.toMatchObject({
      code: "unavailable",
      hint: "Set EMBEDDING_DIMENSIONS=3.",
    });
  });

  it.each([
    ["fewer vectors than texts", { data: [] }],
    ["a vector without direction", { data: [{ embedding: [0, 0] }] }],
    ["something else", { result: "fine" }],
  ])("refuses %s", async (_what, answer) => {
    const embedder = await open((response) => sendJson(response, 200, answer));
    await expect(embedder.embed(["a"])).rejects.toMatchObject({ code: "unavailable" });
    expect(server.seen).toHaveLength(1);
  });

  it("refuses an answer that is no JSON", async () => {
    const embedder = await open((response) => response.end("<html>"));
    await expect(embedder.embed(["a"])).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("something else than JSON"),
    });
  });

  it("gives up a request that takes too long, once", async () => {
    const embedder = await open(() => {}, {}, 50);
    await expect(embedder.embed(["a"])).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("did not answer within 50 ms"),
    });
    expect(server.seen).toHaveLength(1);
  });

  it("tries again where nobody listens, then says it cannot be reached", async () => {
    const embedder = await open(lengths);
    await server.close();
    await expect(embedder.embed(["a"])).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("could not be reached (ECONNREFUSED)"),
    });
    expect(pauses).toHaveLength(3);
  });

  it("ends with the signal's reason", async () => {
    const stop = new AbortController();
    const reason = new Error("enough");
    const embedder = await open(() => stop.abort(reason));
    await expect(embedder.embed(["a"], { signal: stop.signal })).rejects.toBe(reason);
    await expect(embedder.embed(["a"], { signal: stop.signal })).rejects.toBe(reason);
    expect(server.seen).toHaveLength(1);
    expect(embedder.state).toBe("cold");
  });

  it("answers nothing after it was closed", async () => {
    const embedder = await open(lengths);
    await embedder.close();
    await expect(embedder.embed(["a"])).rejects.toMatchObject({ code: "unavailable" });
    await expect(embedder.warm()).rejects.toMatchObject({ code: "unavailable" });
  });

  it.each(["nonsense", "file:///etc/passwd"])("refuses the address %s", async (baseUrl) => {
    await open(lengths);
    expect(() => openOpenAi(SPACE, { provider: "openai", baseUrl })).toThrow(
      expect.objectContaining({ code: "invalid_input", field: "EMBEDDING_BASE_URL" }),
    );
  });
});
