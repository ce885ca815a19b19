import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { differencesOfStores } from "../../../lib/storage/hybrid/differences.ts";
import { SqliteStorage } from "../../../lib/storage/sqlite/adapter.ts";
import { openDriver } from "../../../lib/storage/sqlite/driver-choice.ts";
import { context, eventDraft, newProject, tempFolder, write } from "../../helpers/store.ts";
import { readAll, writeBatches } from "../../helpers/transfer.ts";

it("name what cannot be read of one store, and take nothing out of the other for it", async () => {
  const [theirs, ours] = [await opened(), await opened()];
  const project = await newProject(theirs.storage);
  await theirs.storage.transaction(context(project), [write(eventDraft(project))]);
  await writeBatches(ours.storage, await readAll(theirs.storage));
  const db = openDriver(theirs.file, { readonly: false, busyTimeoutMs: 0 });
  db.exec("UPDATE revisions SET encoding = 'deflate', body = x'00ff'");
  db.close();
  const steps = differencesOfStores(await viewOf(theirs), await viewOf(ours), ["revision"]);
  await expect(steps.next()).rejects.toMatchObject({
    ...{
      code: "corrupt",
      message: expect.stringMatching(/of revision 1 of event .* body cannot be unpacked/),
    },
  });
});

async function opened() {
  const file = join(tempFolder(), "knowledge.db");
  const storage = await SqliteStorage.open({ file, thread: "inline" });
  onTestFinished(() => storage.close());
  return { file, storage };
}

async function viewOf({ storage }: Awaited<ReturnType<typeof opened>>) {
  return { storage, id: await storage.transfer.open() };
}
