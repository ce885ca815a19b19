import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Embedder } from "../../../lib/embedding/embedder.ts";
import { type LocalModelOptions, openLocalModel } from "../../../lib/embedding/local-model.ts";

const FAKE = new URL("./fake-model-process.mjs", import.meta.url);
const LONG = "a text that is no query ".repeat(30);

describe("the local model's process", () => {
  let modelFolder: string;
  let model: Embedder | undefined;

  beforeAll(() => {
    modelFolder = mkdtempSync(join(tmpdir(), "aiknowsys-model-"));
    writeFileSync(join(modelFolder, "model.int8.onnx"), "");
  });
  afterAll(() => rmSync(modelFolder, { recursive: true, force: true }));
  afterEach(() => model?.close());

  function open(options: LocalModelOptions = {}): Embedder {
    model = openLocalModel({ modelFolder, processFile: FAKE, runtime: "wasm", ...options });
    return model;
  }

  async function processOf(embedder: Embedder): Promise<number> {
    return (await embedder.embed(["who are you?"]))[0]?.[1] ?? 0;
  }

  it("is not started by opening, nor by no texts", async () => {
    const embedder = open();
    expect(await embedder.embed([])).toEqual([]);
    expect(embedder.state).toBe("cold");
  });

  it("is warming while it loads and ready when warm resolves", async () => {
    const embedder = open();
    const warm = embedder.warm();
    expect(embedder.state).toBe("warming");
    await Promise.all([warm, embedder.warm()]);
    expect(embedder.state).toBe("ready");
    await embedder.warm();
  });

  it("answers texts in their order and reports progress", async () => {
    const progress: string[] = [];
    const vectors = await open().embed(["a", "b", "c"], {
      onProgress: (done, total) => progress.push(`${done}/${total}`),
    });
    expect(vectors.map(([order]) => order)).toEqual([1, 2, 3]);
    expect(progress).toEqual(["1/3", "2/3", "3/3"]);
  });

  it("answers a query before the texts of batches that wait", async () => {
    const embedder = open();
    await embedder.warm();
    const first = embedder.embed([LONG, LONG, LONG, LONG]);
    const second = embedder.embed([LONG, LONG]);
    const passage = embedder.embed(["one more passage"]);
    const query = embedder.embed(["where is the config read?"], { purpose: "query" });
    expect(embedder.figures?.()).toEqual({ waiting: { query: 1, batch: 2 }, runtime: "wasm" });
    expect((await query)[0]?.[0]).toBe(2);
    expect((await passage)[0]?.[0]).toBeGreaterThan(2);
    expect((await first).length + (await second).length).toBe(6);
  });

  it("lets batches take turns", async () => {
    const embedder = open();
    const [one, two] = await Promise.all([embedder.embed([LONG, LONG]), embedder.embed([LONG, LONG])]);
    expect([...one, ...two].map(([order]) => order)).toEqual([1, 3, 2, 4]);
  });

  it("ends a call with its signal's reason, even while the model hangs", async () => {
    const embedder = open();
    const stop = new AbortController();
    const reason = new Error("enough");
    const waiting = embedder.embed(["hang"], { signal: stop.signal });
    const behind = embedder.embed([LONG, LONG], { signal: stop.signal });
    await embedder.warm();
    stop.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(behind).rejects.toBe(reason);
    await expect(embedder.embed(["a"], { signal: stop.signal })).rejects.toBe(reason);
  });

  it("forgets a text that was given up while it waited", async () => {
    const embedder = open();
    const stop = new AbortController();
    const given = embedder.embed(["given up"], { signal: stop.signal });
    stop.abort(new Error("enough"));
    await expect(given).rejects.toThrow("enough");
    expect((await embedder.embed(["next"]))[0]?.[0]).toBe(1);
  });

  it("refuses one text and goes on with the next", async () => {
    const embedder = open();
    await expect(embedder.embed(["refuse"])).rejects.toMatchObject({
      code: "unavailable",
      message: "The embedding model could not read a text: too strange.",
    });
    expect(embedder.state).toBe("ready");
    expect((await embedder.embed(["next"]))[0]?.[0]).toBe(1);
  });

  it("fails every pending call when it dies, and starts again at the next", async () => {
    const embedder = open();
    const before = await processOf(embedder);
    const pending = [embedder.embed(["die"]), embedder.embed([LONG, LONG])];
    for (const settled of await Promise.allSettled(pending)) {
      expect(settled).toMatchObject({ status: "rejected", reason: { code: "unavailable" } });
    }
    expect(embedder.state).toBe("failed");
    expect(embedder.problem).toBe("The embedding model cannot run: its process ended with code 3.");
    const after = await processOf(embedder);
    expect(after).not.toBe(before);
    expect(embedder).toMatchObject({ state: "ready", problem: undefined });
  });

  it("says why it could not start, to warm as well", async () => {
    const embedder = open({ runtime: "native" });
    await expect(embedder.warm()).rejects.toMatchObject({ code: "unavailable" });
    expect(embedder).toMatchObject({
      state: "failed",
      problem: "The embedding model cannot run: no native runtime.",
    });
  });

  it("says what to run where the model or its process was not built", async () => {
    const missing = join(modelFolder, "nowhere");
    await expect(open({ modelFolder: missing }).embed(["a"])).rejects.toMatchObject({
      code: "unavailable",
      hint: expect.stringContaining("npm run build:model"),
    });
    await expect(open({ processFile: pathToFileURL(missing) }).warm()).rejects.toMatchObject({
      code: "unavailable",
      hint: expect.stringContaining("npm run build"),
    });
    expect(model?.state).toBe("failed");
  });

  it("ends when idle and starts anew at the next call", async () => {
    const embedder = open({ idleMs: 30 });
    const before = await processOf(embedder);
    await vi.waitFor(() => expect(embedder.state).toBe("cold"));
    await vi.waitFor(() => expect(() => process.kill(before, 0)).toThrow("ESRCH"));
    expect(await processOf(embedder)).not.toBe(before);
  });

  it("is not idle while a text is under way", async () => {
    const embedder = open({ idleMs: 30 });
    const stop = new AbortController();
    const hanging = embedder.embed(["hang"], { signal: stop.signal });
    await embedder.warm();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(embedder.state).toBe("ready");
    stop.abort(new Error("enough"));
    await expect(hanging).rejects.toThrow("enough");
  });

  it("ends at once when closed; pending and later calls fail", async () => {
    const embedder = open();
    const running = await processOf(embedder);
    const pending = expect(embedder.embed(["hang"])).rejects.toMatchObject({ code: "unavailable" });
    await embedder.close();
    await pending;
    expect(() => process.kill(running, 0)).toThrow("ESRCH");
    await expect(embedder.embed(["a"])).rejects.toMatchObject({ code: "unavailable" });
    await expect(embedder.warm()).rejects.toMatchObject({ code: "unavailable" });
    await embedder.close();
  });
});
