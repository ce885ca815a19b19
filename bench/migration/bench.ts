import { join } from "node:path";
import type { StoreMigrationReport } from "../../lib/knowledge/migrate-store.ts";
import { percentiles } from "../measure.ts";
import { newDatabase } from "../postgres/database.ts";
import { benchServer } from "../postgres/server.ts";
import { type CopiedRows, copyRows } from "./floor.ts";
import { type ProgramRun, runProgram } from "./measured-process.ts";
import { sourceStore } from "./source.ts";

export interface MigrationBench {
  readonly home: string;
  readonly eventCounts: readonly number[];
  /** Address of a server whose login may create databases; one is started without. */
  readonly connection: string | undefined;
  /** Prints what was measured. */
  readonly print: (text: string) => void;
  readonly say: (text: string) => void;
}

type Kind = keyof CopiedRows["rows"];
const KINDS: readonly Kind[] = ["event", "revision", "change", "passage", "vector"];
type Times = Readonly<Record<Kind, number>>;

/** What moving one store to PostgreSQL took, in medians over the rounds. */
export interface MigrationFigures {
  readonly events: number;
  readonly records: number;
  readonly rounds: number;
  /** Records a second of the copy, verification not counted: all, and by kind. */
  readonly perSecond: number;
  readonly kinds: Times;
  /** Rows a second of a bare COPY of the rows of the same tables: into tables without and with the product's indexes. */
  readonly plain: Times & { readonly all: number };
  readonly indexed: Times & { readonly all: number };
  readonly copyMs: number;
  readonly verifyMs: number;
  /** Making the indexes by meaning that are due then. */
  readonly indexesMs: number;
  /** Of the migrating process. */
  readonly peakMb: number;
  /** Doing it again: records a second, when nothing is to be written. */
  readonly againPerSecond: number;
}

/** From this number of events on, once is enough and takes long. */
const ONCE_FROM = 200_000;
const ROUNDS = 3;

/** Moves stores from SQLite to PostgreSQL by the real program, beside bare COPYs of the same rows, in turns. */
export async function benchMigration(bench: MigrationBench): Promise<readonly MigrationFigures[]> {
  const server = bench.connection ?? benchServer();
  const all: MigrationFigures[] = [];
  for (const events of bench.eventCounts) {
    const source = await sourceStore(bench.home, events, bench.say);
    const rounds: Round[] = [];
    for (let n = 1; n <= (events < ONCE_FROM ? ROUNDS : 1); n++) {
      bench.say(`${events} events, round ${n}`);
      rounds.push(await oneRound(bench, server, source));
    }
    const figures = figuresOf(events, rounds);
    bench.print(render(figures));
    all.push(figures);
  }
  return all;
}

interface Round {
  readonly report: StoreMigrationReport;
  readonly again: StoreMigrationReport;
  readonly peakMb: number;
  readonly indexesMs: number;
  readonly rows: Times;
  readonly plain: Times;
  readonly indexed: Times;
}

async function oneRound({ home, say }: MigrationBench, server: string, source: string): Promise<Round> {
  const { url, drop } = await newDatabase(server);
  const migrate = ["migrate", "--storage", "postgres", "--connection", url];
  const move = ["migrate-to-postgres", "--db", source, "--connection", url, "--json"];
  try {
    done(await runProgram(migrate, home));
    const moved = done(await runProgram(move, home));
    say(`moved in ${(moved.tookMs / 1_000).toFixed(1)} s`);
    const again = done(await runProgram(move, home));
    const indexes = done(await runProgram(migrate, home));
    const copied = await copyRows(url, join(home, "copied"));
    try {
      const plain = await copied.copy(false);
      const indexed = await copied.copy(true);
      const { peakMb } = moved;
      const reports = { report: JSON.parse(moved.out), again: JSON.parse(again.out) };
      return { ...reports, peakMb, indexesMs: indexes.tookMs, rows: copied.rows, plain, indexed };
    } finally {
      await copied.remove();
    }
  } finally {
    await drop();
  }
}

function done(run: ProgramRun): ProgramRun {
  if (run.status === 0) return run;
  throw new Error(`The program ended with status ${run.status}: ${run.errors.slice(-2_000)}`);
}

function figuresOf(events: number, rounds: readonly Round[]): MigrationFigures {
  const median = (of: (round: Round) => number) => percentiles(rounds.map(of)).p50Ms;
  const byKind = (of: (round: Round, kind: Kind) => number): Times => {
    const rate = (kind: Kind) => median((round) => of(round, kind));
    const [event, revision, change] = [rate("event"), rate("revision"), rate("change")];
    return { event, revision, change, passage: rate("passage"), vector: rate("vector") };
  };
  const floor = (which: "plain" | "indexed") => ({
    ...byKind((round, kind) => (round.rows[kind] * 1_000) / round[which][kind]),
    all: median((round) => (sumOf(round.rows) * 1_000) / sumOf(round[which])),
  });
  return {
    ...{ events, rounds: rounds.length, records: median(({ report }) => report.found) },
    perSecond: median(({ report }) => report.speed.perSecond),
    kinds: byKind(({ report }, kind) => report.speed.kinds[kind]?.perSecond ?? 0),
    ...{ plain: floor("plain"), indexed: floor("indexed") },
    copyMs: median(({ report }) => report.speed.tookMs),
    verifyMs: median(({ report }) => report.verified?.tookMs ?? 0),
    indexesMs: median(({ indexesMs }) => indexesMs),
    peakMb: Math.max(...rounds.map(({ peakMb }) => peakMb)),
    againPerSecond: median(({ again }) => again.speed.perSecond),
  };
}

function sumOf(times: Times): number {
  return KINDS.reduce((sum, kind) => sum + times[kind], 0);
}

function render(figures: MigrationFigures): string {
  const { plain, indexed, kinds, perSecond, events, records, rounds } = figures;
  const rates = (title: string, all: number, of: Times) =>
    row(
      title,
      [all, ...KINDS.map((kind) => of[kind])].map((rate) => String(Math.round(rate))),
    );
  const shares = (title: string, floor: MigrationFigures["plain"]) => {
    const parts = [perSecond / floor.all, ...KINDS.map((kind) => kinds[kind] / floor[kind])];
    return row(
      title,
      parts.map((part) => `${Math.round(part * 100)} %`),
    );
  };
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
  return [
    `\n${events} events, ${records} records, median of ${rounds}`,
    row("a second", ["all", ...KINDS]),
    rates("migrate-to-postgres", perSecond, kinds),
    rates("COPY, no index", plain.all, plain),
    shares("  the share of it", plain),
    rates("COPY, our indexes", indexed.all, indexed),
    shares("  the share of it", indexed),
    `copy ${seconds(figures.copyMs)}, verification ${seconds(figures.verifyMs)}, indexes by meaning ${seconds(figures.indexesMs)}, ` +
      `again ${Math.round(figures.againPerSecond)} records/s, peak memory ${Math.round(figures.peakMb)} MB\n`,
  ].join("\n");
}

function row(title: string, cells: readonly string[]): string {
  return `${title.padEnd(22)}${cells.map((cell) => cell.padStart(10)).join("")}`;
}
