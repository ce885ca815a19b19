import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LOCAL_MODEL } from "../../../lib/embedding/model-identity.ts";
import type { ModelSetup } from "../../../lib/embedding/model-messages.ts";
import { packageRoot } from "../../../lib/embedding/package-root.ts";

const ROOT = packageRoot(import.meta.url);
const SETUP: ModelSetup = {
  modelFolder: join(ROOT, "model", LOCAL_MODEL),
  runtimeFolder: join(ROOT, "model", "runtime"),
  packageFolder: ROOT,
  runtime: "wasm",
  threads: 1,
};

describe("the model's process", () => {
  let child: ChildProcess;

  beforeEach(() => {
    child = fork(join(ROOT, "dist", "lib", "embedding", "model-process.js"), [], {
      serialization: "advanced",
    });
  });
  afterEach(() => child.kill("SIGKILL"));

  it("says why the model cannot be loaded", async () => {
    child.send({ ...SETUP, modelFolder: ROOT } satisfies ModelSetup);
    const [message] = await once(child, "message");
    expect(message).toMatchObject({ kind: "failed", reason: expect.stringContaining("model.int8.onnx") });
  });

  it("outlives Ctrl-C and ends when the process that started it is gone, answers under way or not", async () => {
    child.send(SETUP);
    const [message] = await once(child, "message");
    expect(message).toEqual({ kind: "ready", runtime: "wasm" });
    child.kill("SIGINT");
    child.send({ text: "hello" });
    const [answer] = await once(child, "message");
    expect(answer).toMatchObject({ kind: "vector" });
    const exited = once(child, "exit");
    child.send({ text: "nobody waits for this ".repeat(100) });
    child.disconnect();
    expect(await exited).toEqual([0, null]);
  });
});
