/** What is counted and measured; the names are what dashboards are built on. */
const FAMILIES = {
  aiknowsys_http_requests_total: ["counter", "Requests answered, by route and status."],
  aiknowsys_http_request_seconds: ["histogram", "Time from a request's head to the end of its answer."],
  aiknowsys_tool_calls_total: ["counter", "Tool calls, by tool and outcome."],
  aiknowsys_tool_call_seconds: ["histogram", "Time of a tool call inside the server."],
  aiknowsys_refused_busy_total: ["counter", "Requests refused with 503 because too much was under way."],
  aiknowsys_requests_in_flight: ["gauge", "Requests to /mcp being answered now."],
  aiknowsys_pool_connections: ["gauge", "Database connections of this process, by state."],
  aiknowsys_pool_waiting: ["gauge", "Callers waiting for a database connection."],
  aiknowsys_pool_connections_max: ["gauge", "Database connections that this process may have."],
  aiknowsys_query_vectors_total: ["counter", "Vectors of queries, by whether they were remembered or made."],
  aiknowsys_embedding_queue: ["gauge", "Texts that wait for the model, by lane: queries go before passages."],
  aiknowsys_embedding_runtime: [
    "gauge",
    "1 for the runtime that executes the local model, once it was loaded.",
  ],
  aiknowsys_embedding_owed: ["gauge", "Passages without a vector, of teams that this process has served."],
  aiknowsys_index_lag_seconds: ["gauge", "For how long passages have waited for their vectors."],
  aiknowsys_rows: ["gauge", "Rows by kind, of all teams; on PostgreSQL as its statistics estimate them."],
  process_resident_memory_bytes: ["gauge", "Resident memory of this process."],
  process_cpu_seconds_total: ["counter", "Processor time of this process."],
  process_start_time_seconds: ["gauge", "When this process started, in seconds since 1970."],
} as const satisfies Record<string, readonly ["counter" | "gauge" | "histogram", string]>;

type Kinds = typeof FAMILIES;
type Named<Type extends string> = {
  [Name in keyof Kinds]: Kinds[Name][0] extends Type ? Name : never;
}[keyof Kinds];
type Labels = Readonly<Record<string, string>>;

/** One reading that is taken when metrics are asked for. */
export interface Reading {
  readonly name: Named<"gauge" | "counter">;
  readonly labels?: Labels;
  readonly value: number;
}

export interface Metrics {
  count(name: Named<"counter">, labels?: Labels): void;
  observe(name: Named<"histogram">, labels: Labels, seconds: number): void;
  /** Everything in Prometheus' text format (version 0.0.4), with readings of the moment. */
  render(readings: readonly Reading[]): string;
}

/** Upper bounds in seconds. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

interface Spread {
  readonly counts: number[];
  sum: number;
  total: number;
}

export function openMetrics(): Metrics {
  const counts = new Map<string, Map<string, number>>();
  const spreads = new Map<string, Map<string, Spread>>();
  return {
    count: (name, labels = {}) => {
      const series = seriesOf(counts, name);
      const key = keyOf(labels);
      series.set(key, (series.get(key) ?? 0) + 1);
    },
    observe: (name, labels, seconds) => {
      const series = seriesOf(spreads, name);
      const key = keyOf(labels);
      const spread = series.get(key) ?? { counts: BOUNDS.map(() => 0), sum: 0, total: 0 };
      BOUNDS.forEach((bound, at) => {
        if (seconds <= bound) spread.counts[at] = (spread.counts[at] ?? 0) + 1;
      });
      spread.sum += seconds;
      spread.total += 1;
      series.set(key, spread);
    },
    render: (readings) => {
      const lines = Object.entries(FAMILIES).flatMap(([name, [type, help]]) => {
        const samples = [
          ...[...(counts.get(name) ?? [])].map(([key, value]) => sample(name, key, value)),
          ...[...(spreads.get(name) ?? [])].flatMap(([key, spread]) => spreadLines(name, key, spread)),
          ...readings
            .filter((reading) => reading.name === name)
            .map(({ labels = {}, value }) => sample(name, keyOf(labels), value)),
        ];
        return samples.length === 0 ? [] : [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples];
      });
      return `${lines.join("\n")}\n`;
    },
  };
}

function seriesOf<Value>(all: Map<string, Map<string, Value>>, name: string): Map<string, Value> {
  const known = all.get(name) ?? new Map<string, Value>();
  all.set(name, known);
  return known;
}

function keyOf(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${value.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n")}"`)
    .join(",");
}

function sample(name: string, key: string, value: number): string {
  return `${name}${key === "" ? "" : `{${key}}`} ${value}`;
}

function spreadLines(name: string, key: string, { counts, sum, total }: Spread): readonly string[] {
  const bucket = (bound: string, count: number): string =>
    sample(`${name}_bucket`, `${key === "" ? "" : `${key},`}le="${bound}"`, count);
  return [
    ...BOUNDS.map((bound, at) => bucket(String(bound), counts[at] ?? 0)),
    bucket("+Inf", total),
    sample(`${name}_sum`, key, sum),
    sample(`${name}_count`, key, total),
  ];
}
