import type { RowId } from "../../lib/domain/ids.ts";
import type { PlanLink } from "../../lib/domain/plan.ts";
import { chunkDraft, context, eventDraft, nextRowId, planDraft, write } from "../helpers/store.ts";
import type { Attempt, Owners } from "./postgres-isolation-attempts.ts";

const NEW_PLAN = nextRowId();
const NEW_EVENT = nextRowId();

/** Transactions that a caller tries on or beside rows of another owner, by what they write. */
export const WRITES: Readonly<Record<string, Attempt>> = {
  "a new row into their project": (storage, { theirs }) =>
    storage.transaction(context(theirs.project.id), [
      write(eventDraft(theirs.project.id, { id: NEW_EVENT })),
    ]),
  "many rows into their project": (storage, { theirs }) =>
    storage.transaction(
      context(theirs.project.id),
      [nextRowId(), nextRowId()].map((id) => write(eventDraft(theirs.project.id, { id }))),
    ),
  "their row over itself": (storage, { theirs }) =>
    storage.transaction(context(theirs.project.id), [
      write(planDraft(theirs.project.id, { id: planOf(theirs) }), {
        operation: "update",
        expectedRevision: 1,
      }),
    ]),
  "a row of their project from within one's own": (storage, { mine, theirs }) =>
    storage.transaction(context(mine.project.id), [
      write(planDraft(theirs.project.id, { id: planOf(theirs) }), {
        operation: "update",
        expectedRevision: 1,
      }),
    ]),
  "their row as if it were one's own": (storage, { mine, theirs }) =>
    storage.transaction(context(mine.project.id), [
      write(planDraft(mine.project.id, { id: planOf(theirs) }), { operation: "update", expectedRevision: 1 }),
    ]),
  "an event in place of theirs": (storage, { mine, theirs }) =>
    storage.transaction(context(mine.project.id), [
      write(eventDraft(mine.project.id, { id: NEW_EVENT, supersedes: theirs.ids.event[0] })),
    ]),
  "a row under their id and slug, with a link to theirs": (storage, owners) =>
    storage.transaction(context(owners.mine.project.id), [likeTheirs(owners, planOf(owners.theirs))]),
  "a row with their slug": (storage, owners) =>
    storage.transaction(context(owners.mine.project.id), [likeTheirs(owners, NEW_PLAN)]),
  "what one has written, read again": async (storage, { mine, theirs }) => [
    await storage.plans.byIds(mine.project.id, [NEW_PLAN, planOf(theirs)]),
    await storage.changes.ofRow(mine.project.id, planOf(theirs)),
    await storage.projects.counts(mine.project.id),
  ],
};

function likeTheirs({ mine, theirs }: Owners, id: RowId) {
  const [ref = "", slug = ""] = theirs.names.plan;
  const links: PlanLink[] = [ref, slug, `first ${theirs.word}`].map((target) => ({ rel: "needs", target }));
  const chunks = [chunkDraft(`plan crane pier ${theirs.word}`)];
  return write(planDraft(mine.project.id, { id, title: `first ${theirs.word}`, links }), {
    slugs: [slug],
    chunks,
  });
}

function planOf({ ids }: Owners["theirs"]): RowId {
  const [id] = ids.plan;
  if (id === undefined) throw new Error("Nothing is planted.");
  return id;
}
