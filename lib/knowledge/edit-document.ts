import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { StoredDocument } from "../domain/document.ts";
import { KnowledgeError } from "../domain/error.ts";
import { sha256 } from "../domain/ids.ts";
import { timestampOf } from "../domain/timestamp.ts";
import type { SourceFile } from "../storage/contract/rows.ts";
import type { DraftRow } from "../storage/contract/writes.ts";
import type { Deps } from "./deps.ts";
import { ownRootFirst } from "./own-root-first.ts";
import { readBack } from "./read-back.ts";
import { redactChange } from "./redact-draft.ts";
import { changedFile, replaceFile } from "./replace-file.ts";
import { asDraft, checkRevision, storeRows } from "./store-row.ts";
import { leftOutWarnings } from "./written-row.ts";

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

/** The row after the change. */
export interface EditedDocument {
  readonly found: StoredDocument;
  /** Kinds of secrets that were taken out of its text. */
  readonly redacted: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Changes a document. Where it is a file within reach, the file is patched, from its own bytes, and the row with
 * it (RULES 12–13): both or neither; where the file is out of reach the row waits as `pendingFile`.
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
  const before = asDraft(found);
  const changed = withText(edit.row(before), {
    content: text,
    fileHash: file === undefined ? found.row.fileHash : sha256(text),
    pendingFile: found.row.source === "file" && file === undefined ? true : undefined,
    updatedAt: timestampOf(deps.clock()),
  });
  const { draft, found: redacted } = redactChange(before, changed, edit.redact);
  let warnings: readonly string[] = [];
  const store = async (): Promise<void> => {
    const write = { draft, operation: "update", expectedRevision: found.row.revision } as const;
    const stored = await storeRows(deps, found.row.project, [write]);
    warnings = stored.flatMap((row) => leftOutWarnings("document", row));
  };
  if (file === undefined || text === file.text) await store();
  else {
    const { path: name } = file.source;
    await replaceFile(file.path, { name, from: file.bytes, text }, deps.clock(), store);
  }
  if (file !== undefined) await rememberFile(deps, found, file, { text, redact: edit.redact });
  const after = await readBack(deps, found.row.project, found.kind, found.row.id);
  if (after.kind === "event") throw new KnowledgeError("internal", "A document was read back as an event.");
  return { found: after, redacted, warnings };
}

interface OpenFile {
  readonly source: SourceFile;
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly text: string;
}

/**
 * The document's file on this machine, when it is there: the caller's own working copy first, then the others.
 * Only a file that holds what the row was read from is changed: another working copy may hold another version.
 * @throws KnowledgeError `conflict` when no file does.
 */
async function fileOf(deps: Deps, found: StoredDocument): Promise<OpenFile | undefined> {
  const files = await deps.storage.sources.files(found.row.project);
  const own = files.filter(({ id }) => id === found.row.id);
  let other: string | undefined;
  for (const source of ownRootFirst(deps, own, ({ root }) => root)) {
    const path = join(source.root, source.path);
    const bytes = await readFile(path).catch(() => undefined);
    if (bytes === undefined) continue;
    if (sha256(bytes) === found.row.fileHash)
      return { source, path, bytes, text: exactText(bytes, source.path) };
    other ??= source.path;
  }
  if (other === undefined) return undefined;
  throw changedFile(other, { ref: found.row.ref, revision: found.row.revision });
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

/** Notes what the file looks like now, so that the next look at the folder finds it as indexed. */
async function rememberFile(
  deps: Deps,
  found: StoredDocument,
  { source, path }: OpenFile,
  { text, redact }: { readonly text: string; readonly redact: boolean | undefined },
): Promise<void> {
  const { size, mtimeMs } = await stat(path);
  const seen = { ...source, size, modifiedMs: mtimeMs, fileHash: sha256(text) };
  await deps.storage.sources.record(found.row.project, [
    { ...seen, redact: source.redact && redact !== false },
  ]);
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
