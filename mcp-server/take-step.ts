import type { ExchangeRequest } from "../lib/domain/document-exchange.ts";
import { asKnowledgeError } from "../lib/domain/error.ts";
import type { ProjectId } from "../lib/domain/ids.ts";
import type { Deps } from "../lib/knowledge/deps.ts";
import { projectOfCopy } from "../lib/knowledge/distant-project.ts";
import { receiveDocuments } from "../lib/knowledge/receive-documents.ts";
import type { Caller } from "../lib/server/caller.ts";
import type { FinishedCall } from "./server-options.ts";

/** Takes one step of sending documents, and tells how it went, whatever came of it. @throws KnowledgeError */
export async function takeStep(
  deps: Deps,
  { caller, step }: { readonly caller: Caller; readonly step: ExchangeRequest },
  onCall: (call: FinishedCall) => void,
): Promise<object> {
  const startedAt = performance.now();
  let project: ProjectId | undefined;
  const tell = (outcome: FinishedCall["outcome"], rows: number): void => {
    const durationMs = performance.now() - startedAt;
    onCall({ tool: `documents/${step.step}`, project, outcome, durationMs, rows });
  };
  try {
    const found = await projectOfCopy(deps, step.project, caller.projects === "all");
    project = found.id;
    const { answer, rows } = await receiveDocuments(deps, found, step);
    tell("ok", rows);
    return answer;
  } catch (thrown) {
    tell(asKnowledgeError(thrown).code, 0);
    throw thrown;
  }
}
