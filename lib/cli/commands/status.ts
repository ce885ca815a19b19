import type { ProjectCounts } from "../../domain/project.ts";
import type { Status } from "../../knowledge/status.ts";
import type { CliCommand } from "../command.ts";
import { counted } from "../counted.ts";
import { callerZone, renderMoment } from "../dates.ts";
import { renderBytes, renderFacts } from "../facts.ts";
import type { Output } from "../output.ts";
import { withStore } from "../store.ts";
import { version } from "../version.ts";

export const command: CliCommand = {
  define: () => undefined,
  examples: ["aiknowsys status", "aiknowsys status --json"],
  run: (call) =>
    withStore(call, async ({ deps, scope }) => {
      const { getStatus } = await import("../../knowledge/status.ts");
      const status = { version: version(), ...(await getStatus(deps, scope)) };
      if (call.output.json) call.output.printJson(status);
      else printStatus(call.output, status, callerZone(undefined));
      return 0;
    }),
};

function printStatus(output: Output, status: Status & { readonly version: string }, zone: string): void {
  const { project, storage, embedding, index, advice } = status;
  const title = (text: string): void => output.print(output.style("bold", text));
  if (project !== undefined) {
    const { counts } = project;
    title(`Project ${project.name}`);
    output.print(
      renderFacts(output, [
        ["  ref", project.ref],
        ["  folders", project.roots.join(", ")],
        ["  holds", holdings(counts)],
        [
          "  last write",
          project.lastWriteAt === undefined ? "never" : renderMoment(project.lastWriteAt, zone),
        ],
        ["  indexed", index.lastRunAt === undefined ? "never" : renderMoment(index.lastRunAt, zone)],
        ["  changed since", index.behind === 0 ? "no files" : counted(index.behind, "file")],
      ]),
    );
  }
  title("Store");
  output.print(
    renderFacts(output, [
      ["  program", `aiknowsys ${status.version}`],
      ["  engine", `${storage.engine} ${storage.engineVersion}, schema ${storage.schemaVersion}`],
      ["  place", `${storage.location} (${renderBytes(storage.bytes)})`],
      ["  holds", `${counted(storage.projects, "project")}, ${holdings(storage)}`],
    ]),
  );
  title("Meaning");
  output.print(renderFacts(output, embeddingFacts(embedding)));
  if (advice.length > 0) output.print(`\n${advice.join("\n")}`);
}

function holdings(counts: Pick<ProjectCounts, "plans" | "sessions" | "patterns" | "events">): string {
  const { plans, sessions, patterns, events } = counts;
  return [
    counted(plans, "plan"),
    counted(sessions, "session"),
    counted(patterns, "pattern"),
    counted(events, "event"),
  ].join(", ");
}

function embeddingFacts(embedding: Status["embedding"]): readonly (readonly [string, string])[] {
  const { provider, model, dimensions, coverage, embedded, chunks } = embedding;
  if (model === undefined) return [["  model", `none (provider ${provider}): search finds by words only`]];
  return [
    ["  model", `${model}, ${dimensions ?? "?"} dimensions, provider ${provider}`],
    ["  problem", embedding.problem ?? ""],
    ["  vectors", `${embedded} of ${chunks} passages (${Math.floor(coverage * 100)} %)`],
    ["  leaves here", embedding.leavesMachine ?? ""],
  ];
}
