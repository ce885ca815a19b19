import { parseArgs } from "node:util";
import type { loadConfig } from "../lib/config.ts";
import { asKnowledgeError, errorReport, KnowledgeError } from "../lib/domain/error.ts";
import { PROFILES, type Profile, parseProfile } from "./tools.ts";

export interface Options {
  readonly flags: Parameters<typeof loadConfig>[0]["flags"];
  readonly profile: Profile;
}

/** The options behind `mcp`. @throws KnowledgeError `invalid_input`. */
export function parseOptions(argv: readonly string[]): Options {
  const text = { type: "string" } as const;
  const truth = { type: "boolean" } as const;
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        tools: { type: "string", default: "core" },
        project: text,
        "all-projects": truth,
        db: text,
        storage: text,
        connection: text,
        tenant: text,
        json: truth,
        quiet: truth,
        verbose: truth,
      },
    });
    const { tools, json: _, "all-projects": allProjects, ...flags } = values;
    return { flags: { ...flags, allProjects }, profile: parseProfile(tools) };
  } catch (thrown) {
    if (thrown instanceof KnowledgeError) throw thrown;
    throw new KnowledgeError("invalid_input", sentenceOf(thrown), {
      hint: `Usage: aiknowsys mcp [--tools ${PROFILES.join("|")}] [--project <id>] [--db <file>]; see aiknowsys mcp --help.`,
    });
  }
}

/**
 * What is said on stderr when the server cannot start, and the exit status. With `--json` it is the error
 * document of the command line; also that goes to stderr, because a client takes all of stdout for the protocol.
 */
export function refusal(
  thrown: unknown,
  argv: readonly string[],
): { readonly text: string; readonly status: 1 | 2 } {
  const error = asKnowledgeError(thrown);
  const { message, hint } = error;
  const text = argv.includes("--json")
    ? JSON.stringify(errorReport(error))
    : `aiknowsys: ${message}${hint === undefined ? "" : `\n${hint}`}`;
  return { text: `${text}\n`, status: error.code === "internal" ? 1 : 2 };
}

/** The complaint of Node's parser as a sentence like those of other commands. */
function sentenceOf(thrown: unknown): string {
  const [complaint = ""] = String(thrown instanceof Error ? thrown.message : thrown).split(/\. |\n/);
  const option = /^Unknown option '([^']*)'/.exec(complaint)?.[1];
  if (option !== undefined) return `There is no option ${option}.`;
  const valued = /^Option '(--[\w-]+) <value>' argument (?:missing|is ambiguous)/.exec(complaint)?.[1];
  if (valued !== undefined) return `${valued} needs a value.`;
  const extra = /^Unexpected argument '([^']*)'/.exec(complaint)?.[1];
  if (extra !== undefined) return `"${extra.slice(0, 60)}" is one argument too many.`;
  return complaint.endsWith(".") ? complaint : `${complaint}.`;
}
