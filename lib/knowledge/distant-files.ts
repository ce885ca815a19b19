import type { StorageAdapter } from "../storage/adapter.ts";

/**
 * The store for callers on other machines: it knows of no file within reach. Paths that clients registered mean
 * folders of theirs; on this machine they are never looked at, and a changed document waits as a pending file
 * for its owner's next index run (RULES 12).
 */
export function withFilesOutOfReach(storage: StorageAdapter): StorageAdapter {
  const sources = { ...storage.sources, files: async () => [], folders: async () => [] };
  // A proxy and no copy: facets that are added later are there, and methods keep their private state.
  return new Proxy(storage, {
    get: (store, name) => {
      if (name === "sources") return sources;
      const member: unknown = Reflect.get(store, name, store);
      return typeof member === "function" ? member.bind(store) : member;
    },
  });
}
