import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import type { Deps } from "../../../lib/knowledge/deps.ts";
import { getProject } from "../../../lib/knowledge/project.ts";
import { recordEvent } from "../../../lib/knowledge/record-event.ts";
import type { StorageAdapter } from "../../../lib/storage/adapter.ts";
import { sqliteStore } from "../../helpers/http-service.ts";
import { newProject } from "../../helpers/store.ts";

/** The same store, whose first look for an event comes before another process has recorded it. */
function lookingTooEarly(storage: StorageAdapter): StorageAdapter {
  let looks = 0;
  const byIds: StorageAdapter["events"]["byIds"] = (...wanted) => {
    looks += 1;
    return looks === 1 ? Promise.resolve([]) : storage.events.byIds(...wanted);
  };
  return new Proxy(storage, {
    get: (store, name) => {
      if (name === "events") return { ...store.events, byIds };
      const member: unknown = Reflect.get(store, name, store);
      return typeof member === "function" ? member.bind(store) : member;
    },
  });
}

it("answers what another process has recorded meanwhile under the same key", async () => {
  const storage = await sqliteStore();
  const log = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: () => undefined,
  };
  const deps: Deps = {
    ...{ storage, embedder: undefined, embeddingProvider: "none", documents: "store", actor: "ada", log },
    ...{ clock: Date.now, random: (bytes) => randomBytes(bytes) },
    cursors: { read: () => undefined, write: () => undefined },
  };
  const project = await getProject(deps, await newProject(storage));
  const said = { type: "note", data: { text: "The pier holds." }, retryKey: "k-1" };
  const first = await recordEvent(deps, project, said);
  const again = await recordEvent({ ...deps, storage: lookingTooEarly(storage) }, project, said);
  expect(again).toEqual(first);
});
