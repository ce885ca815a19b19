import { parseChoice } from "../domain/vocabulary.ts";
import { applyClientChange, type ClientChange, planClientChange } from "../knowledge/client-config.ts";
import {
  CLIENTS,
  type ClientName,
  type ClientPlace,
  findClients,
  type ServerCommand,
} from "../knowledge/clients.ts";
import type { Output } from "./output.ts";

/** One client of `init`'s report. */
export interface ClientReport extends Omit<ClientChange, "after"> {
  /** The copy of the file as it was. */
  readonly backup?: string;
}

export interface ClientRequest {
  /** Names with commas between them; undefined: those that are found. */
  readonly names: string | undefined;
  readonly place: ClientPlace;
  readonly program: string;
  readonly dryRun: boolean;
}

/** Registers the server in the clients that are named, or that the project or home folder shows signs of. */
export async function connectClients(request: ClientRequest): Promise<readonly ClientReport[]> {
  const clients = request.names === undefined ? findClients(request.place) : parseClients(request.names);
  const server = serverCommand(request.program, request.place.platform);
  const reports: ClientReport[] = [];
  for (const client of clients) {
    const { after, ...change } = await planClientChange(client, request.place, server);
    const backup = request.dryRun
      ? undefined
      : await applyClientChange({ ...change, ...(after !== undefined && { after }) });
    reports.push({ ...change, ...(backup !== undefined && { backup }) });
  }
  return reports;
}

/** @throws KnowledgeError `invalid_input` for a client that is not known. */
export function parseClients(names: string): readonly ClientName[] {
  const wanted = names.split(",").map((name) => name.trim());
  return [
    ...new Set(wanted.filter((name) => name !== "").map((name) => parseChoice("client", name, CLIENTS))),
  ];
}

/** Says what was or would be changed, and shows the lines. */
export function printClients(output: Output, reports: readonly ClientReport[], dryRun: boolean): void {
  if (reports.length === 0) {
    output.print(`No AI client was found here. Name yours: aiknowsys init --client ${CLIENTS[0]}`);
    output.print(`One or several of: ${CLIENTS.join(", ")}.`);
  }
  for (const report of reports) {
    output.print(`${output.style("bold", report.client)}: ${sentenceOf(report, dryRun)}`);
    if (report.action === "unchanged") continue;
    if (report.action === "manual") output.print("  Add this yourself:");
    output.print(report.snippet.replace(/^(?=.)/gm, report.action === "manual" ? "    " : "  + "));
  }
}

function sentenceOf({ action, path, backup, reason }: ClientReport, dryRun: boolean): string {
  const does = dryRun ? "would " : "";
  switch (action) {
    case "create":
      return `${does}${dryRun ? "create" : "created"} ${path}`;
    case "update":
      return `${does}${dryRun ? "add" : "added"} to ${path}${backup === undefined ? "" : ` (the file before is ${backup})`}`;
    case "unchanged":
      return `nothing to do in ${path}: ${reason ?? "it is up to date"}`;
    case "manual":
      return `${path} was not changed: ${reason ?? "it cannot be changed safely"}.`;
    default:
      return action satisfies never;
  }
}

/** How a client starts this program: by npx where it is installed, by its path where it runs from a clone. */
export function serverCommand(program: string, platform: NodeJS.Platform): ServerCommand {
  if (!/[\\/]node_modules[\\/]/.test(program)) return { command: "node", args: [program, "mcp"] };
  const npx = ["-y", "aiknowsys", "mcp"];
  // On Windows npx is a script that only the shell can start.
  return platform === "win32"
    ? { command: "cmd", args: ["/c", "npx", ...npx] }
    : { command: "npx", args: npx };
}
