import { readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { StoredDocument } from "../domain/document.ts";
import { KnowledgeError } from "../domain/error.ts";
import { sha256 } from "../domain/ids.ts";
import { timestampOf } from "../domain/timestamp.ts";
import type { SourceFile } from "../storage/contract/rows.ts";
import type { DraftRow } from "../storage/contract/writes.ts";
import type { Deps } from "./deps.ts";
import { readBack } from "./read-back.ts";
import { redactChange } from "./redact-draft.ts";
import { checkRevision, draftOf, storeRows } from "./store-row.ts";

/** A change to a document: to its text and to its row. */
export interface DocumentEdit {
  /** The new text from the old; `isFile` tells that the text is the truth of the row's metadata too. */
  readonly text: (old: string, isFile: boolean) => string;
  /** The new row from the old one. */
  readonly row: (draft: DraftRow) => DraftRow;
  /** The revision that the caller saw. */
  readonly revision?: number | undefined;
  readonly redact?: boolean | undefined;
}

/** The row after the change, and the kinds of secrets that were taken out of its text. */
export interface EditedDocument {
  readonly found: StoredDocument;
  readonly redacted: readonly string[];
}

/**
 * Changes a document. Where it is a file within reach, the file is patched first, from its own bytes, then
 * the row (RULES 12–13); where the file is out of reach the row waits as `pendingFile`.
 * @throws KnowledgeError `conflict` when row or file changed since they were seen.
 */
export async function editDocument(
  deps: Deps,
  found: StoredDocument,
  edit: DocumentEdit,
): Promise<EditedDocument> {
  checkRevision(found, edit.revision);
  const file = found.row.source === "file" ? await fileOf(deps, found) : undefined;
  const text = edit.text(file?.text ?? found.row.content, found.row.source === "file");
  if (file !== undefined && text !== file.text) await replaceFile(file.path, text);
  const before = asDraft(found);
  const changed = withText(edit.row(before), {
    content: text,
    fileHash: file === undefined ? found.row.fileHash : sha256(text),
    pendingFile: found.row.source === "file" && file === undefined ? true : undefined,
    updatedAt: timestampOf(deps.clock()),
  });
  const { draft, found: redacted } = redactChange(before, changed, edit.redact);
  await storeRows(deps, found.row.project, [
    { draft, operation: "update", expectedRevision: found.row.revision },
  ]);
  if (file !== undefined) await rememberFile(deps, found, file, sha256(text));
  const after = await readBack(deps, found.row.project, found.kind, found.row.id);
  if (after.kind === "event") throw new KnowledgeError("internal", "A document was read back as an event.");
  return { found: after, redacted };
}

interface OpenFile {
  readonly source: SourceFile;
  readonly path: string;
  readonly text: string;
}

/** The document's file on this machine, when it is there and unchanged since it was indexed. */
async function fileOf(deps: Deps, found: StoredDocument): Promise<OpenFile | undefined> {
  const files = await deps.storage.sources.files(found.row.project);
  for (const source of files.filter(({ id }) => id === found.row.id)) {
    const { root, path } = source;
    const absolute = join(root, path);
    const bytes = await readFile(absolute).catch(() => undefined);
    if (bytes === undefined) continue;
    if (sha256(bytes) !== found.row.fileHash) {
      throw new KnowledgeError("conflict", `The file ${path} was changed since it was indexed.`, {
        current: { ref: found.row.ref, revision: found.row.revision },
        hint: "Run `aiknowsys index`, read the document again with show, then repeat the change.",
      });
    }
    return { source, path: absolute, text: exactText(bytes, path) };
  }
  return undefined;
}

/** The bytes as text that gives the same bytes back. */
function exactText(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new KnowledgeError(
      "unsupported",
      `The file ${path} is not valid UTF-8, so it cannot be patched without loss.`,
      {
        hint: "Save it as UTF-8, run `aiknowsys index`, then repeat the change.",
        cause,
      },
    );
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.aiknowsys-${process.pid}.tmp`;
  try {
    await writeFile(temporary, text, { flag: "wx" });
    await rename(temporary, path);
  } catch (cause) {
    throw new KnowledgeError("unavailable", `The file ${path} cannot be written.`, {
      hint: "Check that the folder is writable and the disk not full; nothing was changed.",
      cause,
    });
  }
}

/** Notes what the file looks like now, so that the next look at the folder finds it as indexed. */
async function rememberFile(
  deps: Deps,
  found: StoredDocument,
  { source, path }: OpenFile,
  fileHash: string,
): Promise<void> {
  const { size, mtimeMs } = await stat(path);
  await deps.storage.sources.record(found.row.project, [{ ...source, size, modifiedMs: mtimeMs, fileHash }]);
}

function asDraft(found: StoredDocument): DraftRow {
  switch (found.kind) {
    case "plan":
      return { kind: found.kind, row: draftOf(found.row) };
    case "session":
      return { kind: found.kind, row: draftOf(found.row) };
    case "pattern":
      return { kind: found.kind, row: draftOf(found.row) };
    default:
      return found satisfies never;
  }
}

interface TextState {
  readonly content: string;
  readonly fileHash: string | undefined;
  readonly pendingFile: true | undefined;
  readonly updatedAt: string;
}

function withText(draft: DraftRow, state: TextState): DraftRow {
  switch (draft.kind) {
    case "plan":
      return { kind: draft.kind, row: { ...draft.row, ...state } };
    case "session":
      return { kind: draft.kind, row: { ...draft.row, ...state } };
    case "pattern":
      return { kind: draft.kind, row: { ...draft.row, ...state } };
    case "event":
      return draft;
    default:
      return draft satisfies never;
  }
}
