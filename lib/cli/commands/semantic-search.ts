import type { Degradation, SearchAnswer, SearchResult } from "../../domain/search.ts";
import type { SearchRequest } from "../../knowledge/search-request.ts";
import type { CliCommand } from "../command.ts";
import { counted } from "../counted.ts";
import { callerZone, renderDay } from "../dates.ts";
import { addTimezone } from "../options.ts";
import type { Output } from "../output.ts";
import { whyEmpty } from "../page.ts";
import { withStore } from "../store.ts";
import { asLine } from "../terminal-text.ts";
import { wrapText } from "../wrap.ts";

/** How long to wait for the model to warm (RULES 26). */
const WAIT_MS = 5_000;

interface Options extends Omit<SearchRequest, "query" | "waitMs"> {
  readonly wait: boolean;
  readonly timezone?: string;
}

export const command: CliCommand = {
  define: (parser) => {
    parser
      .argument("<query...>", "a question or words")
      .option("--mode <mode>", "hybrid (default), semantic, text")
      .option("--kind <list>", "plan, session, event, pattern")
      .option("--type <list>", "event types, such as decision_made")
      .option("--limit <n>", "results wanted, 1 to 1000 (default: 10)")
      .option("--max-tokens <n>", "cut the answer to about this many tokens")
      .option("--cursor <text>", "continue where the answer before ended")
      .option("--after <date>", "dated on or after, such as 'last month'")
      .option("--before <date>", "dated before")
      .option("--include-superseded", "also events that were replaced or taken back")
      .option("--no-wait", "do not wait for the embedding model: answer by words when it is not ready");
    addTimezone(parser);
  },
  examples: [
    'aiknowsys search "why did we choose SQLite"',
    "aiknowsys search busy_timeout --mode text --kind event,plan --json",
  ],
  run: (call) =>
    withStore(call, async (opened) => {
      const { searchKnowledge } = await import("../../knowledge/search.ts");
      const { wait, ...options } = call.command.opts<Options>();
      const timezone = callerZone(options.timezone);
      const request = {
        ...options,
        timezone,
        query: call.command.args.join(" "),
        waitMs: wait ? WAIT_MS : 0,
      };
      const answer = await searchKnowledge(opened.deps, opened.scope, request);
      if (call.output.json) call.output.printJson(answer);
      else {
        const isOff = opened.deps.embedder === undefined;
        printAnswer(call.output, answer, { zone: timezone, empty: whyEmpty(opened), isOff });
      }
      return 0;
    }),
};

const DEGRADED: Readonly<Record<Degradation, string>> = {
  embedding_warming: "The embedding model was not ready in time: found by words only.",
  embedding_unavailable: "The embedding model is not available: found by words only. See `aiknowsys status`.",
  index_behind: "Files changed since they were indexed: run `aiknowsys index`.",
  bounded: "The words are very common here: the newest passages were looked at. Rarer words find more.",
  reading_from_copy: "PostgreSQL is away: this is the local copy's answer.",
};

function printAnswer(
  output: Output,
  answer: SearchAnswer,
  context: { zone: string; empty: string | undefined; isOff: boolean },
): void {
  if (answer.results.length === 0 && answer.omitted > 0) {
    output.note(
      `${counted(answer.omitted, "result")} left out, the first too long by itself: raise --max-tokens.`,
    );
  } else if (answer.results.length === 0) {
    output.note(context.empty ?? "Nothing matches. Use other words, or leave out a filter.");
  } else {
    output.print(answer.results.map((result) => renderResult(output, result, context.zone)).join("\n\n"));
    if (answer.abstained)
      output.note("\nNone of these seems to answer the question; they are the nearest there is.");
  }
  // Whoever switched embeddings off does not need to be told at every search.
  const isChosen = context.isOff && answer.degraded === "embedding_unavailable";
  if (answer.degraded !== null && !isChosen) output.note(DEGRADED[answer.degraded]);
  if (answer.mode !== "text" && answer.coverage < 1) {
    output.note(
      `Only ${Math.floor(answer.coverage * 100)} % of the passages have a vector yet: run \`aiknowsys index\`.`,
    );
  }
  if (answer.nextCursor !== undefined) output.note(`\nFor more results add --cursor ${answer.nextCursor}`);
}

function renderResult(output: Output, result: SearchResult, zone: string): string {
  const section = result.section === undefined ? "" : asLine(result.section);
  const title = asLine(result.title);
  // A passage's heading path begins with the title; it is not said twice.
  const heading =
    section === "" || section === title
      ? title
      : section.startsWith(title)
        ? section
        : `${title} › ${section}`;
  const facts = [result.ref, result.kind, renderDay(result.date, zone), asLine(result.author ?? "")];
  const stale = result.stale === true ? ["changed since indexed"] : [];
  const width = output.width;
  const indented = (text: string, lines: number): readonly string[] =>
    width === undefined ? [`  ${text}`] : wrapText(text, width - 2, lines).map((line) => `  ${line}`);
  const [first = "", ...more] = width === undefined ? [heading] : wrapText(heading, width, 2);
  return [
    [first, ...more].map((line) => output.style("bold", line)).join("\n"),
    output.style("dim", indented([...facts, ...stale].filter((fact) => fact !== "").join(" · "), 1).join("")),
    ...indented(asLine(result.snippet), 3),
  ].join("\n");
}
