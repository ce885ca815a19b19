import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { asKnowledgeError, KnowledgeError } from "../domain/error.ts";
import type { Project } from "../domain/project.ts";
import type { IndexReport } from "../domain/report.ts";
import type { Deps } from "../knowledge/deps.ts";
import { readProjectIdentity } from "../knowledge/project-identity.ts";
import type { Call } from "./command.ts";
import { counted } from "./counted.ts";
import { withInterrupt } from "./interrupt.ts";
import { startProgress } from "./progress.ts";
import type { Opened } from "./store.ts";

export interface IndexOptions {
  readonly plans?: string;
  readonly sessions?: string;
  readonly patterns?: string;
  readonly redact?: boolean;
  /** False leaves vectors owed. */
  readonly embed?: boolean;
}

export interface IndexTask extends IndexOptions {
  readonly project: Project;
  /** The folder to read, as a full path. */
  readonly folder: string;
}

/** What came of it; `interrupted` when Ctrl-C ended it early: what the report counts is kept. */
export interface IndexResult {
  readonly report: IndexReport;
  readonly interrupted: boolean;
}

/** Reads a folder, says that it can be searched by words, and gives its passages their vectors. */
export async function runIndex(call: Call, { deps, config }: Opened, task: IndexTask): Promise<IndexResult> {
  const { indexWorkspace } = await import("../knowledge/index-workspace.ts");
  return withInterrupt(call, async (signal) => {
    const reading = await startProgress(call.door, call.output, { label: "Reading", signal });
    const { project, folder, plans, sessions, patterns, redact } = task;
    const root = readProjectIdentity(folder, config.userHome)?.root ?? folder;
    const report = await indexWorkspace(deps, project, {
      ...{ root, folder, plans, sessions, patterns, redact, signal },
      onProgress: ({ phase, done, total }) => phase === "read" && reading.update(done, total),
    }).finally(() => reading.stop());
    if (!signal.aborted) sayReadable(call, report);
    const onlyCount = task.embed === false || signal.aborted;
    return embed(call, deps, { report, project, signal, onlyCount });
  });
}

/** The folder that `dir` names, checked. @throws KnowledgeError `not_found`, `invalid_input`. */
export async function checkFolder(dir: string, cwd: string): Promise<string> {
  const folder = resolve(cwd, dir);
  const { opendir } = await import("node:fs/promises");
  const state = await stat(folder).catch((cause: unknown) => {
    throw new KnowledgeError("not_found", `There is no folder ${dir}.`, {
      field: "dir",
      hint: "Give a folder that exists, or leave it out for the current one.",
      cause,
    });
  });
  if (!state.isDirectory()) {
    throw new KnowledgeError("invalid_input", `${dir} is a file, not a folder.`, {
      field: "dir",
      hint: "Give the folder that holds it.",
    });
  }
  const entries = await opendir(folder).catch((cause: unknown) => {
    throw new KnowledgeError("invalid_input", `The folder ${dir} may not be read.`, {
      field: "dir",
      hint: "Check its permissions.",
      cause,
    });
  });
  await entries.close();
  return folder;
}

interface EmbedTask {
  readonly report: IndexReport;
  readonly project: Project;
  readonly signal: AbortSignal;
  /** Makes no vectors, only counts what is owed. */
  readonly onlyCount: boolean;
}

async function embed(
  call: Call,
  deps: Deps,
  { report, project, signal, onlyCount }: EmbedTask,
): Promise<IndexResult> {
  const { embedOwed } = await import("../knowledge/embed-owed.ts");
  const projects = [project.id];
  const countOwed = async (): Promise<number> => (await embedOwed(deps, { projects, limit: 0 })).owed;
  const before = await countOwed();
  if (onlyCount || before === 0) return { report: { ...report, owed: before }, interrupted: signal.aborted };
  const bar = await startProgress(call.door, call.output, { label: "Vectors", signal });
  try {
    const onProgress = (done: number, total: number): void => bar.update(done, total);
    const made = await embedOwed(deps, { projects, signal, onProgress }).finally(() => bar.stop());
    return { report: { ...report, ...made }, interrupted: signal.aborted };
  } catch (thrown) {
    const owed = await countOwed();
    const kept = { ...report, embedded: before - owed, owed };
    if (signal.aborted) return { report: kept, interrupted: true };
    // Words find everything without vectors: a model that cannot run is a warning, not a failed run.
    const reason = `No vectors were made: ${asKnowledgeError(thrown).message}`;
    const warnings = [...report.warnings, { item: "embedding", reason }];
    return { report: { ...kept, warnings }, interrupted: false };
  }
}

function sayReadable({ output }: Call, { indexed, unchanged }: IndexReport): void {
  if (indexed > 0) output.note(`${counted(indexed + unchanged, "document")} can be searched by words now.`);
}
