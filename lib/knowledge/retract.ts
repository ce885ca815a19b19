import { KnowledgeError } from "../domain/error.ts";
import type { Event } from "../domain/event.ts";
import { timestampOf } from "../domain/timestamp.ts";
import { parseName } from "./arguments.ts";
import type { Deps, Scope } from "./deps.ts";
import { publicRow } from "./public-row.ts";
import { readBack } from "./read-back.ts";
import { redactText } from "./redact.ts";
import { reopened } from "./reopened-event.ts";
import { getRow } from "./resolve.ts";
import { draftOf, storeRows } from "./store-row.ts";

/**
 * Marks an event as wrong: it leaves search and queries, history keeps it. What it superseded holds again.
 * @throws KnowledgeError `not_found`, `invalid_input`, `conflict`.
 */
export async function retract(
  deps: Deps,
  scope: Scope,
  input: { readonly id: string; readonly why: string },
): Promise<Event> {
  const why = redactText(parseName("why", input.why)).text;
  const found = await getRow(deps, scope, input.id);
  if (found.kind !== "event") {
    throw new KnowledgeError(
      "invalid_input",
      `${found.row.ref} is a ${found.kind}; only events are retracted.`,
      {
        field: "id",
        hint: `To remove a ${found.kind}, use \`aiknowsys delete ${found.row.ref}\`.`,
      },
    );
  }
  if (found.row.retractedAt !== undefined) {
    throw new KnowledgeError("conflict", `${found.row.ref} is retracted already.`, {
      current: { ref: found.row.ref, revision: found.row.revision, retractedAt: found.row.retractedAt },
      hint: "Nothing needs to be done.",
    });
  }
  const row = { ...draftOf(found.row), retractedAt: timestampOf(deps.clock()), retractedWhy: why };
  await storeRows(deps, row.project, [
    { draft: { kind: "event", row }, operation: "retract", expectedRevision: found.row.revision },
    ...(await reopened(deps, found.row)),
  ]);
  const after = await readBack(deps, row.project, "event", row.id);
  if (after.kind !== "event")
    throw new KnowledgeError("internal", "An event was written, another kind was read back.");
  return publicRow(after.row);
}
