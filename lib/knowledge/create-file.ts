import { mkdir, realpath, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { KnowledgeError } from "../domain/error.ts";
import { type DocumentKind, type RowId, rowIdOfFile } from "../domain/ids.ts";
import type { Project } from "../domain/project.ts";
import type { Deps } from "./deps.ts";
import { type Labels, relabel } from "./document-text.ts";
import { ownRootFirst } from "./own-root-first.ts";
import { readChangedFile } from "./read-changed-file.ts";
import { storeFiles } from "./store-files.ts";

export interface NewFile {
  readonly kind: DocumentKind;
  /** Folder below the project's root, such as `.aiknowsys/plans`. */
  readonly folder: string;
  /** File name without its ending; `~2`, `~3` … is added where it is taken. */
  readonly name: string;
  readonly content: string;
  /** Metadata for the frontmatter. */
  readonly labels: Labels;
  /** False keeps text that looks like a secret. Default true. */
  readonly redact?: boolean | undefined;
}

/** A document that was written, and what is to be said of it. */
export interface CreatedDocument {
  readonly id: RowId;
  readonly warnings: readonly string[];
}

/** Most files of one name. */
const MOST = 1_000;

/**
 * Writes a new document as a file of the project and indexes it. The file is never written over another.
 * @throws KnowledgeError `unavailable` when no folder of the project is within reach or writable.
 */
export async function createDocumentFile(
  deps: Deps,
  project: Project,
  file: NewFile,
): Promise<CreatedDocument> {
  const root = await reachableRoot(deps, project);
  const path = await writeNew(root, file, relabel(file.content, file.labels, true));
  const absolute = join(root, path);
  const { size, mtimeMs } = await stat(absolute);
  const read = await readChangedFile({
    file: { path, absolute, size, mtimeMs, given: file.kind },
    project: project.id,
    path,
    known: undefined,
    redact: file.redact !== false,
  });
  const [outcome] = await storeFiles(deps, project, root, [read]);
  if (outcome?.state === "indexed") {
    const id = rowIdOfFile(project.id, file.kind, path);
    return { id, warnings: outcome.warnings.map(({ reason }) => reason) };
  }
  throw new KnowledgeError("unavailable", `The file ${path} was written, but could not be indexed.`, {
    hint: "Run `aiknowsys index` and look at its warnings.",
  });
}

async function reachableRoot(deps: Deps, project: Project): Promise<string> {
  for (const root of ownRootFirst(deps, project.roots, (path) => path)) {
    const state = await stat(root).catch(() => undefined);
    if (state?.isDirectory() === true) return realpath(root);
  }
  throw new KnowledgeError("unavailable", `No folder of ${project.name} is on this machine.`, {
    hint: "Leave --as-file out to keep it in the store.",
  });
}

async function writeNew(root: string, { folder, name }: NewFile, text: string): Promise<string> {
  for (let copy = 1; copy <= MOST; copy++) {
    const path = `${folder}/${name}${copy === 1 ? "" : `~${copy}`}.md`;
    try {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text, { flag: "wx" });
      return path;
    } catch (cause) {
      if (cause instanceof Error && "code" in cause && cause.code === "EEXIST") continue;
      throw new KnowledgeError("unavailable", `The file ${path} cannot be written.`, {
        hint: "Check that the project's folder is writable, or leave --as-file out to keep it in the store.",
        cause,
      });
    }
  }
  throw new KnowledgeError("conflict", `There are ${MOST} files named ${name} already.`, {
    hint: "Choose another title.",
  });
}
