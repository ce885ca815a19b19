import type { LogLevel } from "./config.ts";
import type { Logger } from "./knowledge/deps.ts";

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 };

/** A logger of one line a message on a stream (stderr): `warn: sentence {"fields":1}`. */
export function openLogger(level: LogLevel, stream: { write(text: string): unknown }): Logger {
  const at =
    (own: Exclude<LogLevel, "silent">) =>
    (message: string, fields?: object): void => {
      if (RANK[own] < RANK[level]) return;
      stream.write(`${own}: ${message}${fields === undefined ? "" : ` ${JSON.stringify(fields)}`}\n`);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
