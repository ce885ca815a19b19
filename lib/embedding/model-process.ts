// The process the model runs in (ADR 2 says why it is no thread). It ends with the one that started it.

import type { ModelMessage, ModelSetup, TextMessage } from "./model-messages.ts";
import { openTextModel, type TextModel } from "./text-model.ts";

// Ctrl-C reaches the whole process group; when it ends is for the starting process to say.
process.on("SIGINT", () => {});
process.on("disconnect", () => process.exit());
process.once("message", (setup: ModelSetup) => {
  void serve(setup);
});

async function serve(setup: ModelSetup): Promise<void> {
  try {
    const model = await openTextModel(setup);
    process.on("message", (message: TextMessage) => {
      void answer(model, message.text);
    });
    send({ kind: "ready", runtime: model.runtime });
  } catch (error) {
    send({ kind: "failed", reason: reasonOf(error) });
  }
}

async function answer({ vectorOf }: TextModel, text: string): Promise<void> {
  try {
    const vector = await vectorOf(text);
    send({ kind: "vector", vector });
  } catch (error) {
    send({ kind: "refused", reason: reasonOf(error) });
  }
}

function send(message: ModelMessage): void {
  // Nobody is left to tell when the starting process is gone; `disconnect` follows and ends this one.
  process.send?.(message, undefined, undefined, () => {});
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
