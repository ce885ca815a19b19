import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Embedder } from "../../../lib/embedding/embedder.ts";
import { openLocalModel } from "../../../lib/embedding/local-model.ts";
import { packageRoot } from "../../../lib/embedding/package-root.ts";

const ROOT = packageRoot(import.meta.url);

/** Cosine of two vectors of length 1. */
function cosine(a: Float32Array = new Float32Array(), b: Float32Array = new Float32Array()): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}

describe("the model in the package", () => {
  let model: Embedder;

  beforeAll(() => {
    model = openLocalModel({ runtime: "wasm", threads: 1 });
  });
  afterAll(() => model.close());

  it("answers vectors of 384 numbers and length 1 to any text", async () => {
    const texts = [
      "",
      " \n",
      "word",
      "[SEP][CLS]",
      "数据库迁移",
      "🦊\u0000\ud800",
      "x".repeat(100_000),
      "so ".repeat(9000),
    ];
    for (const vector of await model.embed(texts)) {
      expect(vector).toHaveLength(384);
      expect(cosine(vector, vector)).toBeCloseTo(1, 5);
    }
  });

  it("places texts of like meaning together", async () => {
    const [question, answer, other] = await model.embed([
      "How do I rotate the database credentials?",
      "Steps to change the DB password",
      "Bananas are yellow",
    ]);
    // The unquantised model says .65 and .00.
    expect(cosine(question, answer)).toBeCloseTo(0.65, 1);
    expect(cosine(question, other)).toBeCloseTo(0, 1);
  });

  it("gives a text the same vector alone and among others", async () => {
    const text = "Migrations are numbered and append-only";
    const [alone] = await model.embed([text]);
    const [, among] = await model.embed(["something much longer than the other text ".repeat(20), text]);
    expect(among).toEqual(alone);
  });

  it("reads no further than 256 tokens", async () => {
    const start = "one word after another ".repeat(64);
    const [short, long] = await model.embed([start, `${start} and an end that nobody sees`]);
    expect(long).toEqual(short);
  });

  it("says so where the native runtime is asked for and not installed", async () => {
    const native = openLocalModel({ runtime: "native" });
    try {
      // Where somebody has it installed, it simply works.
      await native.warm();
      expect(native.state).toBe("ready");
    } catch (error) {
      expect(error).toMatchObject({
        code: "unavailable",
        message: expect.stringContaining("onnxruntime-node"),
      });
    } finally {
      await native.close();
    }
  });

  it("does not keep a process alive that has nothing more to do", () => {
    const module = join(ROOT, "dist", "lib", "embedding", "local-model.js");
    const script = `
      const { openLocalModel } = await import(${JSON.stringify(module)});
      const [vector] = await openLocalModel({ runtime: "wasm", threads: 2 }).embed(["never closed"]);
      console.log(vector.length);`;
    const run = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      encoding: "utf8",
      timeout: 25_000,
    });
    expect(run).toMatchObject({ status: 0, stdout: "384\n" });
  });
});

describe("the runtime in the package", () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "aiknowsys-runtime-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("runs the model in a folder of its own, without any node_modules", () => {
    cpSync(join(ROOT, "model"), folder, { recursive: true });
    writeFileSync(
      join(folder, "run.mjs"),
      `import { readFileSync } from "node:fs";
       import { env, InferenceSession, Tensor } from "./runtime/ort.node.min.mjs";
       env.wasm.numThreads = 1;
       const session = await InferenceSession.create(readFileSync("all-MiniLM-L6-v2/model.int8.onnx"));
       const ids = () => new Tensor("int64", BigInt64Array.of(101n, 102n), [1, 2]);
       const output = await session.run({ input_ids: ids(), attention_mask: ids(), token_type_ids:
         new Tensor("int64", BigInt64Array.of(0n, 0n), [1, 2]) });
       console.log(output.last_hidden_state.dims.join());`,
    );
    const run = spawnSync(process.execPath, ["run.mjs"], { cwd: folder, encoding: "utf8", timeout: 25_000 });
    expect(run).toMatchObject({ status: 0, stdout: "1,2,384\n" });
  });
});
