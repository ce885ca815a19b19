// The process that loads the server: one job, one result, over the channel of the process that started it.
import { setTimeout as sleep } from "node:timers/promises";
import { readModelVocabulary } from "../model-vocabulary.ts";
import { realWords, seededRandom } from "../vocabulary.ts";
import type { ClosedLoop, LoadJob, LoadResult, OpenLoop } from "./load-messages.ts";
import { type McpClient, openMcpClient } from "./mcp-client.ts";
import { openTraffic } from "./traffic.ts";

process.once("message", (job: LoadJob) => {
  void run(job).then((result) => process.send?.(result, () => process.disconnect()));
});

async function run({ url, tokens, projects, phase, seed }: LoadJob): Promise<LoadResult> {
  const clients = tokens.map((token, i) => openMcpClient(new URL(url), token, i % 2 === 0 ? "2026" : "2025"));
  await Promise.all(clients.map((client) => client.connect()));
  const traffic = openTraffic({ words: realWords(readModelVocabulary()), projects, seed });
  const book = openBook();
  const line = openLine(clients);
  const work = async (due: number): Promise<void> => {
    const call = traffic.next();
    const outcome = await line.withClient((client) => client.call(call));
    book.note(call.name, performance.now() - due, outcome);
  };
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  if (phase.kind === "open") await openLoop(phase, seededRandom(seed + 1), work);
  else await closedLoop(phase, work);
  const seconds = (performance.now() - started) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  for (const client of clients) client.close();
  return { ...book.result(seconds), cpuMs: (user + system) / 1_000 };
}

async function openLoop(
  { ratePerSecond, seconds }: OpenLoop,
  random: () => number,
  work: (due: number) => Promise<void>,
): Promise<void> {
  const under: Promise<void>[] = [];
  const end = performance.now() + seconds * 1_000;
  let due = performance.now();
  for (;;) {
    due += (-Math.log(1 - random()) * 1_000) / ratePerSecond;
    if (due >= end) break;
    const ms = due - performance.now();
    if (ms > 0) await sleep(ms);
    under.push(work(due));
  }
  await Promise.all(under);
}

async function closedLoop(
  { callers, seconds }: ClosedLoop,
  work: (due: number) => Promise<void>,
): Promise<void> {
  const end = performance.now() + seconds * 1_000;
  const caller = async (): Promise<void> => {
    while (performance.now() < end) await work(performance.now());
  };
  await Promise.all(Array.from({ length: callers }, caller));
}

/** Clients in a line: the one that has rested longest takes the next call; without any, calls wait. */
function openLine(clients: readonly McpClient[]) {
  const idle = [...clients];
  const waiting: ((client: McpClient) => void)[] = [];
  return {
    withClient: async <Result>(use: (client: McpClient) => Promise<Result>): Promise<Result> => {
      const client = idle.shift() ?? (await new Promise<McpClient>((resolve) => waiting.push(resolve)));
      try {
        return await use(client);
      } finally {
        const next = waiting.shift();
        if (next === undefined) idle.push(client);
        else next(client);
      }
    },
  };
}

function openBook() {
  const [searchMs, writeMs]: [number[], number[]] = [[], []];
  const errors: Record<string, number> = {};
  const degraded: Record<string, number> = {};
  let written = 0;
  return {
    note: (tool: string, ms: number, outcome: Awaited<ReturnType<McpClient["call"]>>): void => {
      if (outcome.error !== undefined) errors[outcome.error] = (errors[outcome.error] ?? 0) + 1;
      if (outcome.degraded !== undefined) degraded[outcome.degraded] = (degraded[outcome.degraded] ?? 0) + 1;
      if (tool === "record_event" && outcome.error === undefined) written += 1;
      (tool === "record_event" ? writeMs : searchMs).push(ms);
    },
    result: (seconds: number): Omit<LoadResult, "cpuMs"> => {
      const perSecond = (searchMs.length + writeMs.length) / seconds;
      return { searchMs, writeMs, errors, degraded, written, perSecond };
    },
  };
}
