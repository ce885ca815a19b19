import { KnowledgeError } from "../../domain/error.ts";
import type { EventBrief, Resume } from "../../knowledge/resume.ts";
import type { CliCommand } from "../command.ts";
import { counted } from "../counted.ts";
import { callerZone, renderDay, renderMoment } from "../dates.ts";
import type { Output } from "../output.ts";
import { whyEmpty } from "../page.ts";
import { withStore } from "../store.ts";
import { asLine, cutToColumns } from "../terminal-text.ts";

export const command: CliCommand = {
  define: (parser) => {
    parser
      .option("--max-tokens <n>", "cut the answer to about this many tokens (default: 1500)")
      .option("--since <cursor>", "cursor of an earlier answer (default: the one before)");
  },
  examples: ["aiknowsys resume", "aiknowsys resume --max-tokens 800 --json"],
  run: (call) =>
    withStore(call, async (opened) => {
      const { resumeWork } = await import("../../knowledge/resume.ts");
      const { project } = opened.scope;
      if (project === undefined) throw noProject(whyEmpty(opened));
      const resume = await resumeWork(
        opened.deps,
        project,
        call.command.opts<{ maxTokens?: string; since?: string }>(),
      );
      if (call.output.json) call.output.printJson(resume);
      else printResume(call.output, resume, callerZone(undefined));
      return 0;
    }),
};

function noProject(why: string | undefined): KnowledgeError {
  const message = why ?? "There is no project here.";
  return new KnowledgeError("not_found", message, {
    field: "project",
    ...(!message.includes("--project") && { hint: "Or name a project with --project." }),
  });
}

function printResume(output: Output, resume: Resume, zone: string): void {
  const event = ({ ref, summary, occurredAt }: EventBrief): string =>
    `${ref}  ${renderDay(occurredAt, zone)}  ${summary}`;
  const parts = [
    part(output, "Active plans", resume.activePlans, ({ ref, title, openTasks }) =>
      openTasks === 0 ? `${ref}  ${title}` : `${ref}  ${title} (${openTasks} open)`,
    ),
    part(
      output,
      "Last sessions",
      resume.lastSessions,
      ({ ref, date, status, title }) => `${ref}  ${date}  ${status}  ${title}`,
    ),
    part(output, "Open tasks", resume.openTasks, ({ ref, task }) => `${ref}  ${task}`),
    part(output, "Recent decisions", resume.recentDecisions, event),
    part(output, "Recent failures", resume.recentFailures, event),
    changes(output, resume, zone),
  ].filter((text) => text !== "");
  output.print(`${output.style("bold", asLine(resume.project.name))} (${resume.project.ref})\n`);
  if (parts.length > 0) output.print(parts.join("\n\n"));
  else
    output.note("Nothing is active here. Begin with `aiknowsys create-plan` or `aiknowsys create-session`.");
  if (resume.omitted > 0)
    output.note(`\n${resume.omitted} more are left out: raise --max-tokens, or use the query commands.`);
}

function part<Item>(
  output: Output,
  title: string,
  items: readonly Item[],
  render: (item: Item) => string,
): string {
  if (items.length === 0) return "";
  const narrow = (text: string): string =>
    output.width === undefined ? text : cutToColumns(text, output.width);
  return [output.style("bold", title), ...items.map((item) => narrow(`  ${asLine(render(item))}`))].join(
    "\n",
  );
}

function changes(output: Output, { changedSince }: Resume, zone: string): string {
  if (changedSince === null) return "";
  const { since, plans, sessions, patterns, events } = changedSince;
  const counts = [
    [plans, "plan"],
    [sessions, "session"],
    [patterns, "pattern"],
    [events, "event"],
  ] as const;
  const changed = counts.filter(([count]) => count > 0).map(([count, word]) => counted(count, word));
  if (changed.length === 0) return "";
  return `${output.style("bold", "Changed since you last asked")}\n  ${changed.join(", ")}, the first on ${renderMoment(since, zone)}`;
}
