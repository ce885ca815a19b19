import { sha256 } from "../../domain/ids.ts";
import { timestampOf } from "../../domain/timestamp.ts";
import { readFrontmatter } from "../../markdown/frontmatter.ts";
import { recogniseDocument } from "../../markdown/recognise.ts";
import { slugCandidates } from "../../markdown/slug.ts";
import { readTextFile, scanWorkspace, type WorkspaceFile } from "../../markdown/workspace.ts";
import { type DocumentDraft, readDocumentOfFile } from "../document-of-file.ts";
import { sealSecrets } from "../redact.ts";
import { patternDraft, planDraft, sessionDraft } from "./drafts.ts";
import type { Finding, FoundRow, Peer, Reading } from "./finding.ts";

/** A markdown file of a tool's folder, read. */
export interface NoteFile {
  /** Below the folder, with `/`. */
  readonly path: string;
  /** As it may be stored: its secrets sealed. */
  readonly text: string;
  /** Neither its text nor its path gives a date. */
  readonly isUndated: boolean;
  /** What the whole file is. */
  readonly document: DocumentDraft;
  readonly row: FoundRow;
}

/** Every markdown file of a folder, in order; what is no note is passed over by name. */
export async function* readNotes(
  reading: Reading,
  peer: Peer,
  folder: string,
): AsyncGenerator<NoteFile | Finding, void> {
  const scan = await scanWorkspace({ root: folder });
  for (const { path, reason } of scan.skipped) yield { is: "skipped", item: path, reason };
  for (const { path, reason } of scan.warnings) yield { is: "note", item: path, reason };
  for (const [done, file] of scan.files.entries()) {
    yield await readNote(reading, peer, file);
    reading.onProgress(done + 1, scan.files.length);
  }
}

async function readNote(reading: Reading, peer: Peer, file: WorkspaceFile): Promise<NoteFile | Finding> {
  const { path } = file;
  const read = await readTextFile(file.absolute).catch((error: unknown) =>
    String(error instanceof Error ? error.message : error),
  );
  if (typeof read === "string") return { is: "fault", item: path, reason: `cannot be read: ${read}` };
  if (read.problem !== undefined) return { is: "fault", item: path, reason: read.problem };
  const { text, found } = reading.redact ? sealSecrets(read.text) : { text: read.text, found: [] };
  const { data } = readFrontmatter(text);
  const { kind, category } = recogniseDocument({ path, frontmatterType: typeIn(data) });
  const fileHash = sha256(read.bytes);
  const { draft, warnings } = readDocumentOfFile({
    project: reading.project,
    kind,
    category: category === "reference" ? (typeIn(data) ?? category) : category,
    path,
    text,
    fileHash,
    modifiedMs: file.mtimeMs,
  });
  const isUndated = isDatedByFile(draft, timestampOf(Math.max(0, Math.trunc(file.mtimeMs))));
  const doubts = [...read.warnings, ...warnings].map(({ line, reason }) => `line ${line}: ${reason}`);
  const secrets = found.length === 0 ? [] : [`Secrets were left out: ${found.join(", ")}.`];
  const document = asImported(reading, peer, path, draft);
  const row: FoundRow = {
    is: "row",
    item: path,
    draft: document,
    slugs: slugCandidates(path),
    fileHash,
    isUndated,
    doubts: [...doubts, ...secrets],
  };
  return { path, text, isUndated, document, row };
}

/** The document as a row of the store: its file stays where it is, and is not ours. */
function asImported({ project }: Reading, peer: Peer, path: string, draft: DocumentDraft): DocumentDraft {
  const origin = { peer, project, id: path };
  switch (draft.kind) {
    case "plan":
      return planDraft(origin, withoutFile(draft.row));
    case "session":
      return sessionDraft(origin, withoutFile(draft.row));
    case "pattern":
      return patternDraft(origin, withoutFile(draft.row));
    default:
      return draft satisfies never;
  }
}

function withoutFile<Row extends { readonly path?: unknown; readonly fileHash?: unknown }>(
  row: Row,
): Omit<Row, "path" | "fileHash"> {
  const { path: _path, fileHash: _fileHash, ...rest } = row;
  return rest;
}

/** The note's type, where it says more than that it is a note. */
function typeIn(data: Readonly<Record<string, unknown>>): string | undefined {
  const type = data.type ?? data.kind;
  return typeof type === "string" && type.trim() !== "" && type.trim() !== "note" ? type.trim() : undefined;
}

function isDatedByFile({ kind, row }: DocumentDraft, modifiedAt: string): boolean {
  return kind === "session" ? row.date === modifiedAt.slice(0, 10) : row.updatedAt === modifiedAt;
}
