import { cpus, totalmem } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { asKnowledgeError, KnowledgeError } from "../lib/domain/error.ts";
import type { Measurement } from "./measure.ts";
import { benchMigration } from "./migration/bench.ts";
import { benchKills } from "./migration/kills.ts";
import { benchPostgres, POSTGRES_OPERATIONS } from "./postgres/bench.ts";
import { PROCESS_OPERATIONS } from "./process-operations.ts";
import { benchServe, SERVE_OPERATIONS } from "./serve/bench.ts";
import { fillStore } from "./store.ts";
import { STORE_OPERATIONS } from "./store-operations.ts";
import { benchTenants, TENANT_OPERATIONS } from "./tenants/bench.ts";

const HELP = `Measures speed and memory over the product's real path.

  npm run bench -- [sqlite|postgres] [--events 10000,100000] [--only NAME[,NAME]] [--plans] [--peers] [--json] [--connection URL]
  npm run bench -- tenants [--events 10000] [--only NAME[,NAME]] [--connection URL] [--json]
  npm run bench -- serve [--events 100000] [--rate 60] [--seconds 120] [--connections 100] [--connection URL]
  npm run bench -- migration [--events 10000,100000] [--connection URL] [--json]
  npm run bench -- migration-kills [--events 20000] [--points 50] [--connection URL] [--json]

sqlite: ${[...Object.keys(PROCESS_OPERATIONS), ...Object.keys(STORE_OPERATIONS)].join(", ")}.
postgres: ${POSTGRES_OPERATIONS.join(", ")}; on the server that --connection or POSTGRES_URL names, or one started for this.
serve: ${SERVE_OPERATIONS.join(", ")}; a server process under calls at random moments, timed from the moment each was due,
then under more and more callers; on the same server.
tenants: ${TENANT_OPERATIONS.join(", ")}; of one team alone, among a hundred and among a thousand.
migration: migrate-to-postgres by the real program, beside bare COPYs of the same rows; migration-kills: the same, killed at
seeded moments and resumed (with --connection, the server's own processes are left alone).
Stores are generated (seeded): texts of 60 words from real vocabulary with Zipf frequencies, identifiers and dates;
vectors recombined from real embeddings with noise. --plans prints how PostgreSQL ran each query. --peers compares with other servers when they are installed.`;

/** What can be measured, and events of its stores unless told. */
const EVENT_COUNTS = {
  sqlite: "10000,100000",
  postgres: "10000,100000",
  serve: "100000",
  tenants: "10000",
  migration: "10000,100000",
  "migration-kills": "20000",
};

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      events: { type: "string" },
      rate: { type: "string", default: "60" },
      seconds: { type: "string", default: "120" },
      connections: { type: "string", default: "100" },
      connection: { type: "string" },
      points: { type: "string", default: "50" },
      only: { type: "string" },
      plans: { type: "boolean", default: false },
      peers: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${HELP}\n`);
    return;
  }
  const [engine = "sqlite"] = positionals;
  const counts = Object.entries(EVENT_COUNTS).find(([name]) => name === engine)?.[1];
  if (counts === undefined)
    throw new KnowledgeError("invalid_input", `There is nothing called ${engine} to measure.`, {
      hint: `Use npm run bench -- ${Object.keys(EVENT_COUNTS).join(", ")}.`,
    });
  const only = values.only?.split(",");
  const isWanted = (name: string): boolean => only === undefined || only.includes(name);
  const home = resolve(".cache", "bench");
  const results: object[] = [];
  const add = (line: Measurement): void => {
    results.push(line);
    if (values.json) return;
    process.stdout.write(rowOf(line));
    if (values.plans && line.plans !== undefined) process.stdout.write(`${line.plans}\n`);
  };
  if (!values.json && !engine.startsWith("migration")) process.stdout.write(HEAD);
  const eventCounts = parseCounts(values.events ?? counts);
  const { connection } = values;
  const bench = { home, eventCounts, connection, isWanted, add, say };
  if (engine === "sqlite") await benchSqlite(bench, values.peers);
  if (engine === "postgres") await benchPostgres(bench);
  if (engine === "tenants") await benchTenants(bench);
  if (engine === "serve") await benchServe({ ...bench, ...loadOf(values) });
  const print = (text: string) => void (values.json ? say(text.trimEnd()) : process.stdout.write(text));
  if (engine === "migration") results.push(...(await benchMigration({ ...bench, print })));
  if (engine === "migration-kills")
    results.push(...(await benchKills({ ...bench, print, points: Number(values.points) })));
  if (values.json)
    process.stdout.write(`${JSON.stringify({ machine: machine(), versions: process.versions, results })}\n`);
}

async function benchSqlite(
  { home, eventCounts, isWanted, add, say }: Parameters<typeof benchPostgres>[0],
  withPeers: boolean,
): Promise<void> {
  for (const [name, run] of Object.entries(PROCESS_OPERATIONS))
    if (isWanted(name)) add(await run(resolve(home, "processes"), withPeers));
  const wanted = Object.entries(STORE_OPERATIONS).filter(([name]) => isWanted(name));
  if (wanted.length === 0) return;
  for (const events of eventCounts) {
    const store = await fillStore(resolve(home, String(events)), events, say);
    try {
      for (const [, run] of wanted) add(await run(store));
    } finally {
      await store.opened.close();
    }
  }
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** What the load is made of. */
function loadOf(values: { readonly rate: string; readonly seconds: string; readonly connections: string }) {
  const number = (name: "rate" | "seconds" | "connections"): number => {
    const value = Number(values[name]);
    if (Number.isInteger(value) && value > 0) return value;
    throw new KnowledgeError("invalid_input", `--${name} ${values[name]} is not a whole number above 0.`, {
      field: name,
      hint: "For example --rate 60 --seconds 120 --connections 100.",
    });
  };
  return { rate: number("rate"), seconds: number("seconds"), connections: number("connections") };
}

function parseCounts(text: string): readonly number[] {
  const counts = text.split(",").map(Number);
  if (counts.every((count) => Number.isInteger(count) && count >= 1_000 && count % 1_000 === 0))
    return counts;
  throw new KnowledgeError("invalid_input", `--events ${text} is not a list of thousands.`, {
    field: "events",
    hint: "For example --events 10000,100000.",
  });
}

const HEAD = rowOfCells([
  "operation",
  "events",
  "n",
  "p50 ms",
  "p95 ms",
  "p99 ms",
  "per s",
  "recall",
  "floor ms",
  "peer ms",
  "ratio",
  "RSS MB",
  "note",
]);

function rowOf(line: Measurement): string {
  const number = (value: number | undefined, digits: number): string =>
    value === undefined ? "" : value.toFixed(digits);
  return rowOfCells([
    line.operation,
    String(line.events),
    String(line.n),
    number(line.p50Ms, 2),
    number(line.p95Ms, 2),
    number(line.p99Ms, 2),
    number(line.perSecond, 0),
    number(line.recall, 3),
    number(line.floorMs, 2),
    number(line.peerMs, 2),
    number(line.ratio, 2),
    number(line.rssMb, 0),
    line.note ?? "",
  ]);
}

function rowOfCells(cells: readonly string[]): string {
  return `${cells.map((cell, index) => (index === 0 ? cell.padEnd(26) : index === 12 ? ` ${cell}` : cell.padStart(9))).join("")}\n`;
}

function machine() {
  const [first] = cpus();
  return {
    cores: cpus().length,
    model: first?.model ?? "unknown",
    memoryGb: Math.round(totalmem() / 1e9),
    platform: process.platform,
  };
}

main(process.argv.slice(2)).catch((thrown: unknown) => {
  const error =
    thrown instanceof TypeError
      ? new KnowledgeError("invalid_input", thrown.message, { hint: HELP })
      : asKnowledgeError(thrown);
  process.stderr.write(
    `${error.message}\n${error.hint ?? ""}\n${error.cause instanceof Error ? (error.cause.stack ?? "") : ""}\n`,
  );
  process.exitCode = error.code === "invalid_input" ? 2 : 1;
});
