import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import type { Project } from "../../lib/domain/project.ts";
import type { Deps, Scope } from "../../lib/knowledge/deps.ts";
import { type IndexRequest, indexWorkspace } from "../../lib/knowledge/index-workspace.ts";
import { registerFolder } from "../../lib/knowledge/project.ts";
import { createStorageAdapter, type StorageConfig } from "../../lib/storage/factory.ts";
import { tempFolder } from "./store.ts";

/** A real store and a project folder, with the use cases' dependencies; words only. */
export interface Workbench {
  readonly deps: Deps;
  readonly root: string;
  readonly project: Project;
  readonly scope: Scope;
  readonly put: (path: string, text: string | Uint8Array) => string;
  readonly remove: (path: string) => void;
  readonly index: (request?: Partial<IndexRequest>) => ReturnType<typeof indexWorkspace>;
  /** Lets time pass: files are looked at again after thirty seconds. */
  readonly wait: (ms: number) => void;
}

export async function openWorkbench(
  files: Readonly<Record<string, string | Uint8Array>> = {},
  config?: StorageConfig,
): Promise<Workbench> {
  const folder = tempFolder();
  const root = join(folder, "project");
  mkdirSync(root);
  const file = join(folder, "knowledge.db");
  const storage = await createStorageAdapter(
    config ?? { type: "sqlite", file, synchronous: "normal", thread: "inline" },
  );
  onTestFinished(() => storage.close());
  let shiftMs = 0;
  const kept = new Map<string, string>();
  const silent = (): void => undefined;
  const deps: Deps = {
    storage,
    embedder: undefined,
    embeddingProvider: "none",
    documents: "store",
    clock: () => Date.now() + shiftMs,
    random: (bytes) => randomBytes(bytes),
    log: { debug: silent, info: silent, warn: silent, error: silent },
    actor: "tester",
    cursors: { read: (key) => kept.get(key), write: (key, cursor) => void kept.set(key, cursor) },
  };
  const put = (path: string, text: string | Uint8Array): string => {
    const full = join(root, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text);
    return full;
  };
  for (const [path, text] of Object.entries(files)) put(path, text);
  const project = await registerFolder(deps, root, folder);
  return {
    deps,
    root,
    project,
    scope: { project, projects: [project] },
    put,
    remove: (path) => rmSync(join(root, path), { recursive: true }),
    index: (request = {}) => indexWorkspace(deps, project, { root, ...request }),
    wait: (ms) => {
      shiftMs += ms;
    },
  };
}
