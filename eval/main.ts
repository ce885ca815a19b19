import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { compose, type Opened } from "../lib/compose.ts";
import { environment, loadConfig } from "../lib/config.ts";
import { asKnowledgeError, KnowledgeError } from "../lib/domain/error.ts";
import { SEARCH_MODES, type SearchMode } from "../lib/domain/search.ts";
import { parseChoice } from "../lib/domain/vocabulary.ts";
import { embedOwed } from "../lib/knowledge/embed-owed.ts";
import { type Dataset, findDatasets, loadDataset } from "./dataset.ts";
import { storeDataset } from "./load-dataset.ts";
import { FIGURES } from "./metrics.ts";
import { type ModeFigures, type RunLine, runQueries } from "./run-queries.ts";
import { withVectorCache } from "./vector-cache.ts";

const HELP = `Measures retrieval quality over the product's real path.

  npm run eval -- --data DIR [--engine sqlite|postgres] [--mode text|semantic|hybrid|all] [--run FILE] [--json]

DIR is a set (docs.jsonl, queries.jsonl, qrels.jsonl) or a folder of sets. --run writes a TREC run file,
a folder of them with several sets or modes. Vectors are kept in .cache/eval, so a second run is quick.
postgres: a database of its own, named in POSTGRES_URL; its schema is made, and the sets stay there.`;

interface SetReport {
  readonly set: string;
  readonly documents: number;
  readonly queries: number;
  readonly modes: readonly ModeFigures[];
}

async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { type: "string" },
      engine: { type: "string", default: "sqlite" },
      mode: { type: "string", default: "all" },
      run: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${HELP}\n`);
    return;
  }
  if (values.data === undefined)
    throw new KnowledgeError("invalid_input", "--data is missing.", { field: "data", hint: HELP });
  const engine = parseChoice("engine", values.engine, ["sqlite", "postgres"]);
  const modes = values.mode === "all" ? SEARCH_MODES : [parseChoice("mode", values.mode, SEARCH_MODES)];
  const folders = findDatasets(resolve(values.data));
  const reports: SetReport[] = [];
  for (const folder of folders) {
    const report = await evaluate(
      loadDataset(folder),
      modes,
      engine,
      runWriter(values.run, folders.length * modes.length > 1),
    );
    reports.push(report);
    if (!values.json) process.stdout.write(tableOf(report, reports.length === 1));
  }
  if (values.json) process.stdout.write(`${JSON.stringify({ engine, sets: reports })}\n`);
}

type WriteRun = (set: string, mode: SearchMode, lines: readonly RunLine[]) => void;

async function evaluate(
  set: Dataset,
  modes: readonly SearchMode[],
  engine: string,
  writeRun: WriteRun,
): Promise<SetReport> {
  const opened = await openStore(set.name, engine);
  try {
    const loaded = await storeDataset(opened.deps, set);
    if (modes.some((mode) => mode !== "text"))
      await embedOwed(opened.deps, { onProgress: progressOf(set.name) });
    const measured: ModeFigures[] = [];
    for (const mode of modes) {
      const { figures, lines } = await runQueries(opened.deps, set, loaded, mode);
      writeRun(set.name, mode, lines);
      measured.push(figures);
    }
    return { set: set.name, documents: set.documents.length, queries: set.judgements.size, modes: measured };
  } finally {
    await opened.close();
  }
}

/** A store of its own per set, kept between runs for its vectors. */
async function openStore(name: string, engine: string): Promise<Opened> {
  const home = resolve(".cache", "eval");
  mkdirSync(home, { recursive: true });
  const env = { ...environment(), AIKNOWSYS_HOME: home, STORAGE_TYPE: engine };
  const config = loadConfig({ flags: { db: join(home, `${name}.db`) }, env, cwd: home });
  const { deps, close } = await compose(config, { thread: "inline", ddl: true });
  const embedder = deps.embedder === undefined ? undefined : withVectorCache(deps.embedder, home);
  return { deps: { ...deps, embedder }, close };
}

function progressOf(name: string): (done: number, total: number) => void {
  let shownMs = 0;
  return (done, total) => {
    if (Date.now() - shownMs < 5_000 && done < total) return;
    shownMs = Date.now();
    process.stderr.write(`${name}: ${done} of ${total} passages embedded\n`);
  };
}

function runWriter(target: string | undefined, isFolder: boolean): WriteRun {
  if (target === undefined) return () => {};
  if (isFolder) mkdirSync(target, { recursive: true });
  return (set, mode, lines) => {
    const text = lines
      .map(
        ({ query, document, rank, score }) => `${query} Q0 ${document} ${rank} ${score} aiknowsys-${mode}\n`,
      )
      .join("");
    writeFileSync(isFolder ? join(target, `${set}.${mode}.run`) : target, text);
  };
}

function tableOf({ set, documents, queries, modes }: SetReport, withHead: boolean): string {
  const head = ["set", "mode", "nDCG@10", "R@5", "R@10", "strict@5", "any@5", "MRR", "p50 ms", "p95 ms"];
  const row = (cells: readonly string[]): string =>
    `${cells.map((cell, index) => (index < 2 ? cell.padEnd(index === 0 ? 22 : 9) : cell.padStart(9))).join(" ")}\n`;
  const lines = modes.map((mode) =>
    row([
      set,
      mode.mode,
      ...FIGURES.map((name) => mode[name].toFixed(4)),
      mode.p50Ms.toFixed(1),
      mode.p95Ms.toFixed(1),
    ]),
  );
  return `${withHead ? row(head) : ""}${lines.join("")}${row([`  ${documents} docs`, `${queries} q.`])}`;
}

main(process.argv.slice(2)).catch((thrown: unknown) => {
  const error =
    thrown instanceof TypeError
      ? new KnowledgeError("invalid_input", thrown.message, { hint: HELP })
      : asKnowledgeError(thrown);
  process.stderr.write(
    `${error.message}${error.hint === undefined ? "" : `\n${error.hint}`}\n${error.code === "internal" ? String(error.cause instanceof Error ? error.cause.stack : error.cause) : ""}\n`,
  );
  process.exitCode = error.code === "invalid_input" ? 2 : 1;
});
