import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { spaceKey, type TransferRecord } from "../../../lib/domain/transfer-record.ts";
import { SqliteStorage } from "../../../lib/storage/sqlite/adapter.ts";
import { openDriver } from "../../../lib/storage/sqlite/driver-choice.ts";
import { chunkDraft, context, eventDraft, newProject, tempFolder, write } from "../../helpers/store.ts";
import { readAll, writeBatches } from "../../helpers/transfer.ts";

/** As many as a segment is sealed for. */
const MANY = 4_096;

it("seals the codes of vectors that come in great numbers, so that the next start finds them packed", async () => {
  const file = join(tempFolder(), "knowledge.db");
  const storage = await SqliteStorage.open({ file, thread: "inline" });
  onTestFinished(() => storage.close());
  const project = await newProject(storage);
  const chunks = Array.from({ length: MANY }, (_, ordinal) => chunkDraft(`pier ${ordinal}`, { ordinal }));
  await storage.transaction(context(project), [write(eventDraft(project), { chunks })]);
  const identity = { model: "m", revision: "1", dimensions: 2, pooling: "mean", normalised: true };
  const space = spaceKey(identity);
  const embedding = Buffer.from(Float32Array.of(0.6, 0.8).buffer).toString("base64");
  const vectors = (await readAll(storage)).flatMap((record): TransferRecord[] => {
    if (record.record !== "passage") return [];
    const { kind, id, ordinal, textHash } = record;
    return [{ record: "vector", project, kind, id, ordinal, textHash, space, embedding }];
  });
  const result = await writeBatches(storage, [{ record: "space", id: space, ...identity }, ...vectors]);
  expect(result).toMatchObject({ written: MANY + 1, notes: [] });
  const db = openDriver(file, { readonly: true, busyTimeoutMs: 100 });
  onTestFinished(() => db.close());
  const [row] = db.prepare("SELECT sum(vectors) FROM vector_segments").raw();
  expect(row).toEqual([MANY]);
});
