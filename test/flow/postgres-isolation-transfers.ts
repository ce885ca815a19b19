import type { ProjectId } from "../../lib/domain/ids.ts";
import { RECORD_KINDS, type TransferRecord } from "../../lib/domain/transfer-record.ts";
import type { RowName, SnapshotId, Transfer } from "../../lib/storage/contract/transfer.ts";
import type { Planted } from "../helpers/postgres-tenants.ts";
import { nextProjectId } from "../helpers/store.ts";
import { REFUSING, readAll } from "../helpers/transfer.ts";
import type { Attempt } from "./postgres-isolation-attempts.ts";

const NEW_PROJECT = nextProjectId();

/** Copies out of a store and into it, with names of another owner. */
export const TRANSFERS: { readonly [Member in keyof Transfer]: readonly Attempt[] } = {
  open: [async ({ transfer }) => transfer.close(await transfer.open())],
  read: [async (storage) => (await readAll(storage)).map(withoutStore)],
  ofRows: [
    ({ transfer }, { theirs }) =>
      inView(transfer, (view) => transfer.ofRows(view, namesOf(theirs, theirs.project.id))),
    ({ transfer }, { mine, theirs }) =>
      inView(transfer, (view) => transfer.ofRows(view, namesOf(theirs, mine.project.id))),
  ],
  sealsAfter: [
    ({ transfer }, { theirs }) => inView(transfer, (view) => transfer.sealsAfter(view, theirs.project.id, 0)),
  ],
  close: [({ transfer }) => transfer.close(0)],
  count: [
    async ({ transfer }) => {
      const snapshot = await transfer.open();
      const counts = await transfer.count(snapshot);
      await transfer.close(snapshot);
      return RECORD_KINDS.map((kind) => [kind, counts[kind]]);
    },
  ],
  write: [
    ({ transfer }, { theirs }) => transfer.write(rowsOf(theirs, theirs.project.id), REFUSING),
    ({ transfer }, { theirs }) =>
      transfer.write(rowsOf(theirs, theirs.project.id), { ...REFUSING, onConflict: "replace" }),
    ({ transfer }, { theirs }) => transfer.write(belongingsOf(theirs, theirs.project.id), REFUSING),
    ({ transfer }, { mine, theirs }) => transfer.write(belongingsOf(theirs, mine.project.id), REFUSING),
    ({ transfer }, { mine, theirs }) => transfer.write(rowsOf(theirs, mine.project.id), REFUSING),
    ({ transfer }, { theirs }) =>
      transfer.write(
        [{ record: "project", ...theirs.registered, id: NEW_PROJECT, keys: [], roots: [] }],
        REFUSING,
      ),
  ],
};

async function inView<Result>(
  transfer: Transfer,
  work: (view: SnapshotId) => Promise<Result>,
): Promise<Result> {
  const view = await transfer.open();
  try {
    return await work(view);
  } finally {
    await transfer.close(view);
  }
}

function namesOf({ writes }: Planted, project: ProjectId): readonly RowName[] {
  return writes.map(({ draft: { kind, row } }) => ({ project, kind, id: row.id }));
}

/** Each database is a store of its own. */
function withoutStore(record: TransferRecord) {
  return record.record === "seal" ? { ...record, store: "" } : record;
}

function rowsOf({ writes, names, ids }: Planted, project: ProjectId): readonly TransferRecord[] {
  return writes.map(({ draft }) => {
    const [ref = "", slug = ""] = names[draft.kind].slice(ids[draft.kind].indexOf(draft.row.id) * 2);
    const row = { ...draft.row, project, ref, revision: 1 };
    // SAFETY: a draft with what the store gives is a row.
    return { record: draft.kind, ...row, ...(draft.kind !== "event" && { slug }) } as TransferRecord;
  });
}

/** History and passages of their rows. */
function belongingsOf({ writes }: Planted, project: ProjectId): readonly TransferRecord[] {
  return writes.flatMap(({ draft: { kind, row }, chunks }): readonly TransferRecord[] => {
    const of = { project, kind, id: row.id };
    const texts = chunks === "keep" ? [] : chunks;
    return [
      { record: "revision", ...of, revision: 2, body: "{}" },
      {
        ...{ record: "change", ...of, revision: 2, at: REFUSING.at, actor: "a", operation: "update" },
        contentHash: row.contentHash,
      },
      ...texts.map((chunk) => ({ record: "passage" as const, ...of, ...chunk, ownerHash: row.contentHash })),
    ];
  });
}
