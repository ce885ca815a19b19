import { KnowledgeError } from "../../domain/error.ts";
import type { PatternInput } from "../../knowledge/learn.ts";
import type { CliCommand } from "../command.ts";
import { readText } from "../input.ts";
import { addContent, addNoRedact } from "../options.ts";
import { withStore } from "../store.ts";
import { printWritten } from "../written.ts";

export const command: CliCommand = {
  define: (parser) => {
    parser.requiredOption("--title <text>", "the lesson in one line");
    addContent(parser)
      .option("--category <name>", "such as testing, performance, reference")
      .option("--triggers <list>", "words that should bring it to mind, with commas between them")
      .option("--author <name>", "who learned it");
    addNoRedact(parser);
  },
  examples: [
    'aiknowsys learn --title "Set busy_timeout before WAL" --content "Else the pragma itself fails." --triggers sqlite,wal',
  ],
  run: async (call) => {
    const options = call.command.opts<Omit<PatternInput, "content"> & { content?: string; file?: string }>();
    const content = await readText(call.door, { ...options, input: call.command.args[0] });
    if (content === undefined) throw noContent();
    return withStore(call, async ({ deps, project }) => {
      const { learnPattern } = await import("../../knowledge/learn.ts");
      const pattern = await learnPattern(deps, await project(), { ...options, content });
      printWritten(call.output, "Learned", pattern);
      return 0;
    });
  },
};

function noContent(): KnowledgeError {
  return new KnowledgeError("invalid_input", "--content is missing.", {
    field: "content",
    hint: "Say in a few sentences what was learned: --content TEXT, --file PATH, or - for stdin.",
  });
}
