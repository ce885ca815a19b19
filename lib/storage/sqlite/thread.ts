import { parentPort, workerData } from "node:worker_threads";
import { type Engine, type EngineOptions, openEngine } from "./engine.ts";
import { type Answer, type Request, toFailure } from "./thread-messages.ts";

/** The database thread: opens the engine, answers calls one after the other, ends when asked to. */
function serve(port: NonNullable<typeof parentPort>, options: EngineOptions): void {
  const engine = open(port, options);
  port.on("message", (request: Request) => {
    if (engine === undefined || "close" in request) {
      engine?.close();
      port.close();
      return;
    }
    port.postMessage(answerTo(engine, request));
  });
  if (engine === undefined) port.close();
}

function open(port: NonNullable<typeof parentPort>, options: EngineOptions): Engine | undefined {
  try {
    const engine = openEngine(options);
    port.postMessage({ id: 0, result: undefined } satisfies Answer);
    return engine;
  } catch (error) {
    port.postMessage({ id: 0, failure: toFailure(error) } satisfies Answer);
    return undefined;
  }
}

function answerTo(engine: Engine, { id, call }: Extract<Request, { readonly id: number }>): Answer {
  try {
    return { id, result: engine.call(call) };
  } catch (error) {
    return { id, failure: toFailure(error) };
  }
}

// SAFETY: channel.ts starts this file and hands in exactly these options.
if (parentPort !== null) serve(parentPort, workerData as EngineOptions);
