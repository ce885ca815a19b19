import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { ModelMessage, ModelSetup, TextMessage } from "./model-messages.ts";

/** One helper thread of V8 instead of four: saves 65 MB while the model is loaded, at no cost in speed. */
const NODE_OPTIONS = ["--v8-pool-size=1"];

export interface ModelEvents {
  readonly onReady: (runtime: "wasm" | "native") => void;
  readonly onVector: (vector: Float32Array) => void;
  /** The model could not embed this one text; the process goes on. */
  readonly onRefused: (reason: string) => void;
  /** The process failed to start or died; nothing comes from it any more. Never called after `end`. */
  readonly onDeath: (reason: string) => void;
}

/** A running model process. */
export interface ModelHandle {
  /** Sends one text; the next only after its vector or refusal has come. */
  send(text: string): void;
  /** Whether the model keeps this process alive; at first it does not. */
  keepAlive(isNeeded: boolean): void;
  /** Ends the model's process at once, whatever it is doing. */
  end(): Promise<void>;
}

/** Starts the model in a process of its own; `onReady` or `onDeath` follows. */
export function startModelProcess(file: URL, setup: ModelSetup, events: ModelEvents): ModelHandle {
  const child = fork(fileURLToPath(file), [], {
    execArgv: NODE_OPTIONS,
    serialization: "advanced",
    // Standard output belongs to results and to the protocol: what a runtime prints there is thrown away.
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  let isOver = false;
  const die = (reason: string): void => {
    if (isOver) return;
    isOver = true;
    child.kill("SIGKILL");
    events.onDeath(reason);
  };
  child.on("error", (error) => die(error.message));
  child.on("exit", (code, signal) => die(`its process ended with ${signal ?? `code ${code}`}`));
  child.on("message", (message: ModelMessage) => {
    if (isOver) return;
    if (message.kind === "failed") die(message.reason);
    else dispatch(message, events);
  });
  // A failed write means that the process is gone, which `exit` reports.
  const send = (message: ModelSetup | TextMessage): void => void child.send(message, () => {});
  const keepAlive = (isNeeded: boolean): void => {
    for (const held of [child, child.channel]) isNeeded ? held?.ref() : held?.unref();
  };
  send(setup);
  keepAlive(false);
  return {
    send: (text) => send({ text }),
    keepAlive,
    async end() {
      isOver = true;
      child.ref();
      child.kill("SIGKILL");
      await exited;
    },
  };
}

function dispatch(message: Exclude<ModelMessage, { kind: "failed" }>, events: ModelEvents): void {
  switch (message.kind) {
    case "ready":
      events.onReady(message.runtime);
      break;
    case "vector":
      events.onVector(message.vector);
      break;
    case "refused":
      events.onRefused(message.reason);
      break;
    default:
      message satisfies never;
  }
}
