import { styleText } from "node:util";
import type { Door, TextStream } from "./door.ts";
import { columnsOf, withoutControls } from "./terminal-text.ts";
import { fillLines } from "./wrap.ts";

type Style = Parameters<typeof styleText>[0];

/** Where a command puts what it has to say: results on stdout, everything else on stderr. */
export interface Output {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Columns of the terminal that results go to; undefined when they go elsewhere. */
  readonly width: number | undefined;
  /** The same for notes. */
  readonly noteWidth: number | undefined;
  /** Prints the one JSON document of `--json`. */
  printJson(value: unknown): void;
  /** Prints a result as text; a line end is added when there is none. */
  print(text: string): void;
  /** Text of a document: unchanged, but on a terminal without what would steer it. */
  printText(text: string): void;
  /** Says something beside the result, on stderr; nothing with `--quiet`. */
  note(text: string): void;
  /** Says why the command failed, on stderr, always. */
  fail(text: string): void;
  /** The text in a style for stdout, where colours are wanted. */
  style(style: Style, text: string): string;
}

/** How wide a terminal is taken to be that does not say. */
const USUAL_WIDTH = 80;

export function createOutput(door: Door, options: { json: boolean; quiet: boolean }): Output {
  const { stdout, stderr } = door;
  const colour = wantsColour(door.env, stdout.isTTY === true);
  const line = (text: string): string => (text.endsWith("\n") ? text : `${text}\n`);
  return {
    json: options.json,
    quiet: options.quiet,
    width: widthOf(stdout),
    noteWidth: widthOf(stderr),
    printJson: (value) =>
      void stdout.write(line(JSON.stringify(value, null, stdout.isTTY === true ? 2 : undefined))),
    print: (text) => void stdout.write(line(text)),
    printText: (text) => void stdout.write(line(stdout.isTTY === true ? withoutControls(text) : text)),
    note: (text) => {
      if (!options.quiet) stderr.write(line(fill(text, widthOf(stderr))));
    },
    fail: (text) => void stderr.write(line(text)),
    style: (style, text) =>
      colour && text !== "" ? styleText(style, text, { validateStream: false }) : text,
  };
}

/** Lines that are too wide broken between words; indented ones are laid out already. */
function fill(text: string, width: number | undefined): string {
  if (width === undefined) return text;
  const isWide = (part: string): boolean => !part.startsWith(" ") && columnsOf(part) > width;
  return text
    .split("\n")
    .map((part) => (isWide(part) ? fillLines(part, width).join("\n") : part))
    .join("\n");
}

function widthOf({ isTTY, columns }: TextStream): number | undefined {
  return isTTY === true ? (columns ?? USUAL_WIDTH) : undefined;
}

/** Colours on a terminal only; NO_COLOR (https://no-color.org) wins over FORCE_COLOR. */
export function wantsColour(env: Door["env"], isTerminal: boolean): boolean {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== "") return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== "0" && env.FORCE_COLOR !== "false";
  return isTerminal && env.TERM !== "dumb";
}
