import { describe, expect, it } from "vitest";
import { openBedrock } from "../../../lib/embedding/bedrock.ts";
import type { Space } from "../../../lib/embedding/embedder.ts";
import { openHuggingFace } from "../../../lib/embedding/huggingface.ts";

const SPACE: Space = { model: "m", revision: "", dimensions: 2, pooling: "none", normalised: true };

describe("the provider huggingface", () => {
  it("says how to install its package where that is absent", async () => {
    await expect(openHuggingFace(SPACE)).rejects.toMatchObject({
      code: "unavailable",
      hint: expect.stringContaining("npm install @huggingface/transformers"),
    });
  });

  it("runs the model's pipeline with mean pooling, a text at a time", async () => {
    const calls: unknown[] = [];
    const embedder = await openHuggingFace(SPACE, async () => ({
      pipeline: async (task: string, model: string) => async (text: string, options: unknown) => {
        calls.push([task, model, text, options]);
        return { data: Float32Array.of(3, 4) };
      },
    }));
    const [first, second] = await embedder.embed(["a", "b"]);
    expect([...(first ?? [])]).toEqual([expect.closeTo(0.6), expect.closeTo(0.8)]);
    expect(second).toEqual(first);
    const options = { pooling: "mean", normalize: true };
    expect(calls).toEqual(["a", "b"].map((text) => ["feature-extraction", "m", text, options]));
  });

  it("says why a model cannot be loaded or a text not be read", async () => {
    const offline = async () => ({ pipeline: () => Promise.reject(new Error("offline")) });
    await expect(openHuggingFace(SPACE, offline)).rejects.toMatchObject({
      code: "unavailable",
      message: "The model m cannot be loaded: offline.",
    });
    const broken = async () => ({ pipeline: async () => () => Promise.reject(new Error("odd")) });
    const embedder = await openHuggingFace(SPACE, broken);
    await expect(embedder.embed(["a"])).rejects.toMatchObject({ code: "unavailable" });
    expect(embedder.problem).toContain("odd");
  });
});

interface Command {
  readonly input: Readonly<Record<string, unknown>>;
}

/** As much of the AWS SDK as is used; `answer` makes the body of a reply. */
function fakeSdk(answer: (body: Readonly<Record<string, unknown>>) => unknown) {
  const log: unknown[] = [];
  const sdk = {
    BedrockRuntimeClient: class {
      constructor(settings: unknown) {
        log.push(settings);
      }
      async send({ input }: Command) {
        log.push(input.modelId);
        return { body: new TextEncoder().encode(JSON.stringify(answer(JSON.parse(String(input.body))))) };
      }
      destroy() {
        log.push("destroyed");
      }
    },
    InvokeModelCommand: class implements Command {
      readonly input: Command["input"];
      constructor(input: Command["input"]) {
        this.input = input;
      }
    },
  };
  return { log, load: async () => sdk };
}

describe("the provider bedrock", () => {
  it("says how to install its package where that is absent", async () => {
    await expect(openBedrock(SPACE, { provider: "bedrock" })).rejects.toMatchObject({
      code: "unavailable",
      hint: expect.stringContaining("npm install @aws-sdk/client-bedrock-runtime"),
    });
  });

  it("asks the model for each text, with the dimensions of the space", async () => {
    const { log, load } = fakeSdk((body) => {
      expect(body).toMatchObject({ dimensions: 2, normalize: true });
      return { embedding: [String(body.inputText).length, 0] };
    });
    const embedder = await openBedrock(SPACE, { provider: "bedrock", baseUrl: "http://127.0.0.1:9" }, load);
    expect(await embedder.embed(["a", "bc"])).toEqual([Float32Array.of(1, 0), Float32Array.of(1, 0)]);
    await embedder.close();
    expect(log).toEqual([{ endpoint: "http://127.0.0.1:9" }, "m", "m", "destroyed"]);
  });

  it("says why a text was not embedded", async () => {
    const { load } = fakeSdk(() => ({ message: "throttled" }));
    const embedder = await openBedrock(SPACE, { provider: "bedrock" }, load);
    await expect(embedder.embed(["a"])).rejects.toMatchObject({ code: "unavailable" });
    expect(embedder.state).toBe("failed");
  });
});
