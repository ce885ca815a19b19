import { environment } from "../config.ts";
import type { Door } from "./door.ts";
import { EXIT_STATUS } from "./errors.ts";

/**
 * The real process as a {@link Door}.
 * @param program the file that was started, which clients are told to start
 */
export function doorOfProcess(program: string): Door {
  ignoreClosedPipes();
  return {
    env: environment(),
    cwd: process.cwd(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    now: Date.now,
    program,
    onInterrupt: (listener) => {
      process.on("SIGINT", listener);
      return () => void process.off("SIGINT", listener);
    },
    abort: (status) => process.exit(status),
  };
}

/** `aiknowsys … | head` closes the pipe early: what is left to say is dropped, and the work is finished. */
function ignoreClosedPipes(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") return;
    process.exitCode = EXIT_STATUS.unavailable;
    process.stderr.write(`aiknowsys: The result could not be written to the output (${error.code}).\n`);
  });
  process.stderr.on("error", () => undefined);
}
