import { resolve } from "node:path";
import { KnowledgeError } from "../domain/error.ts";
import type { OpenOutput, TextSource } from "../knowledge/compressed-file.ts";
import type { Call } from "./command.ts";

/** What is read where `-` stands for standard input. */
export function inputNamed(name: string, { door }: Call): TextSource {
  return name === "-" ? { name: "Standard input", pieces: door.stdin } : resolve(door.cwd, name);
}

/**
 * What is written to where `-` stands for standard output; what else is said goes to standard error then.
 * @throws KnowledgeError `invalid_input` when `--json` wants standard output for itself
 */
export function outputNamed(name: string, { door, output }: Call): string | OpenOutput {
  if (name !== "-") return resolve(door.cwd, name);
  if (output.json)
    throw new KnowledgeError(
      "invalid_input",
      "Standard output cannot hold both what is written and the report.",
      {
        hint: "Leave --json out, or name a file instead of -.",
      },
    );
  const write = (piece: string) =>
    new Promise<void>((done, fail) => {
      door.stdout.write(piece, (error) => (error ? fail(error) : done()));
    });
  return { name: "Standard output", write };
}
