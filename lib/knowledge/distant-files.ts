import { isPortableKey } from "../domain/document-exchange.ts";
import { mergedInto, type Project } from "../domain/project.ts";
import type { StorageAdapter } from "../storage/adapter.ts";

/**
 * The store for callers on other machines: it knows of no file within reach. Paths that clients registered mean
 * folders of theirs; on this machine they are never looked at, and a changed document waits as a pending file
 * for its owner's next index run (RULES 12). Nor are they told: a folder's path names its user, and means nothing elsewhere.
 */
export function withFilesOutOfReach(storage: StorageAdapter): StorageAdapter {
  const sources = { ...storage.sources, files: async () => [], folders: async () => [] };
  const projects = withoutFolders(storage.projects);
  // A proxy and no copy: facets that are added later are there, and methods keep their private state.
  return new Proxy(storage, {
    get: (store, name) => {
      if (name === "sources") return sources;
      if (name === "projects") return projects;
      const member: unknown = Reflect.get(store, name, store);
      return typeof member === "function" ? member.bind(store) : member;
    },
  });
}

function withoutFolders(projects: StorageAdapter["projects"]): StorageAdapter["projects"] {
  const maybe = (project: Project | undefined) => project && withoutFolder(project);
  return {
    list: async () => (await projects.list()).map(withoutFolder),
    findById: async (id) => maybe(await projects.findById(id)),
    find: async (text) => (await projects.find(text)).map(withoutFolder),
    findByKeys: async (keys) => maybe(await projects.findByKeys(keys)),
    register: async (draft) => withoutFolder(await projects.register(draft)),
    counts: (id) => projects.counts(id),
    lastWriteAt: (id) => projects.lastWriteAt(id),
  };
}

function withoutFolder(project: Project): Project {
  const isTold = (key: string): boolean => isPortableKey(key) || mergedInto({ keys: [key] }).length > 0;
  return { ...project, keys: project.keys.filter(isTold), roots: [] };
}
