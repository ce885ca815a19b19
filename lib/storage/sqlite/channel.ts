import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { asKnowledgeError, KnowledgeError } from "../../domain/error.ts";
import { type Call, type EngineOptions, openEngine } from "./engine.ts";
import { type Answer, revive, toFailure } from "./thread-messages.ts";

/** The way to an engine, in this thread or another. */
export interface Channel {
  call(call: Call): Promise<unknown>;
  /** Ends the engine and fails what is still under way. A second call does nothing. */
  close(): Promise<void>;
}

export function openInline(options: EngineOptions): Channel {
  const engine = openEngine(options);
  let closed = false;
  return {
    async call(call) {
      if (closed) throw closedStore();
      try {
        return engine.call(call);
      } catch (error) {
        throw asKnowledgeError(error);
      }
    },
    async close() {
      if (closed) return;
      closed = true;
      engine.close();
    },
  };
}

/** How long a thread may take to end by itself; after that it is stopped. */
const CLOSE_MS = 1_000;

export async function openInThread(options: EngineOptions): Promise<Channel> {
  const worker = new Worker(threadFile(), { workerData: options, execArgv: [] });
  const calls = new PendingCalls(worker);
  await calls.add(0);
  let next = 1;
  let closing: Promise<void> | undefined;
  return {
    async call(call) {
      if (closing !== undefined) throw closedStore();
      const id = next++;
      const answer = calls.add(id);
      worker.postMessage({ id, call });
      return answer;
    },
    close() {
      closing ??= end(worker, calls);
      return closing;
    },
  };
}

/** Calls that wait for their answers. While there are some, the thread keeps the process alive; idle, it does not. */
class PendingCalls {
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #worker: Worker;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on("message", (answer: Answer) => this.#settle(answer));
    worker.on("error", (error) => this.failAll(error));
    worker.on("exit", () => this.failAll(closedStore()));
  }

  add(id: number): Promise<unknown> {
    this.#worker.ref();
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, (answer) => {
        if ("failure" in answer) reject(revive(answer.failure));
        else resolve(answer.result);
      });
    });
  }

  failAll(error: unknown): void {
    const failure = toFailure(error);
    for (const id of [...this.#waiting.keys()]) this.#settle({ id, failure });
  }

  #settle(answer: Answer): void {
    this.#waiting.get(answer.id)?.(answer);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) this.#worker.unref();
  }
}

async function end(worker: Worker, calls: PendingCalls): Promise<void> {
  const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  calls.failAll(closedStore());
  worker.ref();
  worker.postMessage({ close: true });
  const timer = setTimeout(() => void worker.terminate(), CLOSE_MS);
  await ended;
  clearTimeout(timer);
}

/** The compiled thread file: beside this one, or in `dist` when the sources themselves are run. */
function threadFile(): URL {
  if (!import.meta.url.endsWith(".ts")) return new URL("./thread.js", import.meta.url);
  const built = new URL("../../../dist/lib/storage/sqlite/thread.js", import.meta.url);
  if (existsSync(fileURLToPath(built))) return built;
  throw new KnowledgeError("unavailable", "The database thread has not been built.", {
    hint: 'Run `npm run build`, or open the store with thread: "inline".',
  });
}

function closedStore(): KnowledgeError {
  return new KnowledgeError("unavailable", "The store is closed.", { hint: "Open it again." });
}
