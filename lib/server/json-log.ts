import type { LogLevel } from "../config.ts";
import type { Logger } from "../knowledge/deps.ts";

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 };

/** A logger of one JSON object a line: `{"at":…,"level":"info","message":…,…fields}`. */
export function openJsonLog(
  level: LogLevel,
  stream: { write(text: string): unknown },
  clock: () => number,
): Logger {
  const at =
    (own: Exclude<LogLevel, "silent">) =>
    (message: string, fields?: object): void => {
      if (RANK[own] < RANK[level]) return;
      const time = new Date(clock()).toISOString();
      stream.write(`${JSON.stringify({ at: time, level: own, message, ...fields })}\n`);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
