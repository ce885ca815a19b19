import type { Door } from "../../../lib/cli/door.ts";

interface FakeOptions {
  readonly env?: Door["env"];
  readonly stdin?: readonly (string | Uint8Array)[];
  readonly cwd?: string;
  /** Columns of a terminal; absent: no terminal. */
  readonly columns?: number | undefined;
  /** Ctrl-C comes when the clock is looked at for the n-th time. */
  readonly interruptAt?: number;
}

/** A process that only remembers what was said, with a clock that the test moves. */
export function fakeDoor(options: FakeOptions = {}) {
  const said = { out: "", err: "" };
  const clock = { ms: 0, looks: 0 };
  let interrupt = (): void => undefined;
  const say =
    (stream: keyof typeof said) =>
    (text: string, done?: (error?: Error | null) => void): boolean => {
      said[stream] += text;
      done?.();
      return true;
    };
  const terminal = options.columns === undefined ? {} : { isTTY: true, columns: options.columns };
  const door: Door = {
    env: options.env ?? {},
    cwd: options.cwd ?? "/",
    stdin: pieces(options.stdin ?? []),
    stdout: { ...terminal, write: say("out") },
    stderr: { ...terminal, write: say("err") },
    now: () => {
      clock.looks += 1;
      if (clock.looks === options.interruptAt) interrupt();
      return clock.ms;
    },
    program: "/opt/node_modules/aiknowsys/dist/lib/cli/main.js",
    onInterrupt: (listener) => {
      interrupt = listener;
      return () => undefined;
    },
    abort: () => undefined,
  };
  return { door, said, clock };
}

async function* pieces(stdin: readonly (string | Uint8Array)[]) {
  yield* stdin;
}
