import { type DocumentKind, type ProjectId, rowIdOfFile, sha256 } from "../domain/ids.ts";
import type { ReportItem } from "../domain/report.ts";
import { wellFormed } from "../domain/well-formed.ts";
import { readFrontmatter } from "../markdown/frontmatter.ts";
import { recogniseDocument } from "../markdown/recognise.ts";
import { readTextFile, type WorkspaceFile } from "../markdown/workspace.ts";
import type { SourceFile } from "../storage/contract/rows.ts";
import { type DocumentDraft, readDocumentOfFile } from "./document-of-file.ts";
import { redactText, sealSecrets } from "./redact.ts";
import { redactDraft } from "./redact-draft.ts";
import type { StoreState } from "./store-state.ts";

/** What became of one file. */
export interface FileOutcome {
  readonly path: string;
  readonly state: "indexed" | "unchanged" | "skipped" | "failed";
  readonly kind?: DocumentKind | undefined;
  readonly chunks: number;
  readonly warnings: readonly ReportItem[];
  /** SHA-256 of the file's bytes, once they were read. */
  readonly fileHash?: string | undefined;
  /** Not known under this root before. */
  readonly isNew?: boolean | undefined;
}

/** A file after reading: finished already, or a document to be stored. */
export type ReadFile =
  | { readonly outcome: FileOutcome }
  | {
      readonly draft: DocumentDraft;
      readonly source: Omit<SourceFile, "root" | "id" | "kind">;
      readonly warnings: readonly ReportItem[];
      readonly known: SourceFile | undefined;
    };

export interface FileRequest {
  readonly file: WorkspaceFile;
  readonly project: ProjectId;
  /** Below the project's root. */
  readonly path: string;
  readonly known: SourceFile | undefined;
  /** What the store holds; left out for a file that was written just now. */
  readonly state?: Pick<StoreState, "rows" | "filed"> | undefined;
  readonly redact: boolean;
}

/** Reads a file and finds out whether its document is to be stored anew. Never throws: a failure is an outcome. */
export async function readChangedFile(request: FileRequest): Promise<ReadFile> {
  const { file, project, path, known, redact } = request;
  const done = (
    state: FileOutcome["state"],
    warnings: readonly ReportItem[] = [],
    fileHash?: string,
  ): ReadFile => ({
    outcome: { path, state, kind: known?.kind, chunks: 0, warnings, fileHash },
  });
  const secret = redact ? findSecretInPath(path, known?.kind) : undefined;
  if (secret !== undefined) return { outcome: secret };
  const read = await readTextFile(file.absolute).catch((error: unknown) =>
    String(error instanceof Error ? error.message : error),
  );
  if (typeof read === "string")
    return done("failed", [{ item: path, reason: `The file cannot be read: ${read}` }]);
  if (read.problem !== undefined) return done("skipped", [{ item: path, reason: read.problem }]);
  const fileHash = sha256(read.bytes);
  const { kind, category } = kindOf(file, path, read.text);
  const standing = standingOf(request, { kind, fileHash });
  if (standing === "unchanged") return done("unchanged", [], fileHash);
  if (standing === "deleted") return done("skipped", [{ item: path, reason: DELETED }], fileHash);
  const { text, size, mtimeMs: modifiedMs } = { ...file, ...read };
  const fresh = freshFile({ project, kind, category, text, known, path, size, modifiedMs, fileHash, redact });
  const items = read.warnings.map(({ line, reason }): ReportItem => ({ item: path, line, reason }));
  return { ...fresh, warnings: [...inWords(items, redact), ...fresh.warnings] };
}

export type FreshFile = Extract<ReadFile, { readonly draft: unknown }>;

export interface FreshText extends Omit<FreshFile["source"], "path"> {
  readonly project: ProjectId;
  readonly kind: DocumentKind;
  readonly category?: string | undefined;
  readonly path: string;
  /** Secrets may be in it, or sealed already. */
  readonly text: string;
  readonly known: SourceFile | undefined;
}

/** A text as the document to be stored, without its secrets. */
export function freshFile(given: FreshText): FreshFile {
  const { project, kind, category, path, known, redact, size, modifiedMs, fileHash } = given;
  const { text, found } = redact ? sealSecrets(given.text) : { text: given.text, found: [] };
  const reading = readDocumentOfFile({ project, kind, category, path, text, fileHash, modifiedMs });
  const items = reading.warnings.map(({ line, reason }): ReportItem => ({ item: path, line, reason }));
  const { draft, found: more } = redactDraft(reading.draft, redact);
  const secrets = secretsLeftOut(path, [...found, ...more]);
  return {
    draft,
    source: { path, size, modifiedMs, fileHash, redact },
    warnings: [...inWords(items, redact), ...secrets, ...signsExchanged(path, text)],
    known,
  };
}

/** Says that the stored text is not just the text that came. */
function signsExchanged(path: string, text: string): readonly ReportItem[] {
  if (wellFormed(text) === text) return [];
  const reason =
    "It holds characters that no store keeps: U+0000 stands there as U+2400, half a character as U+FFFD.";
  return [{ item: path, reason }];
}

/** Says which kinds of secrets a file had; nothing for none. */
export function secretsLeftOut(path: string, found: readonly string[]): readonly ReportItem[] {
  const kinds = [...new Set(found)].sort();
  const reason = `Secrets were left out of the store: ${kinds.join(", ")} (keep them with --no-redact).`;
  return kinds.length === 0 ? [] : [{ item: path, reason }];
}

/** Warnings may quote what they are about. */
export function inWords(items: readonly ReportItem[], redact: boolean): readonly ReportItem[] {
  return redact ? items.map((item) => ({ ...item, reason: redactText(item.reason).text })) : items;
}

/** Why a file is passed over. */
export const DELETED =
  "Its document was deleted from the store, the file is left alone. To bring it back, change the file and index again.";

/** How the store stands to a file: `unchanged` when row and file are known to hold the same. */
function standingOf(
  { project, path, known, state, redact }: FileRequest,
  { kind, fileHash }: { readonly kind: DocumentKind; readonly fileHash: string },
): "unchanged" | "deleted" | "changed" {
  const id = rowIdOfFile(project, kind, path);
  const row = state?.rows.get(id);
  // Another working copy may have given the row another text since this file was last seen.
  if (row?.fileHash !== fileHash) return "changed";
  if (row.isDeleted) return state?.filed.has(id) === true ? "deleted" : "changed";
  const isAsKnown = known?.fileHash === fileHash && known.kind === kind && known.redact === redact;
  return isAsKnown ? "unchanged" : "changed";
}

/** A path must be kept as it is to find the file again, so a secret in it keeps the whole file out. */
export function findSecretInPath(path: string, kind: DocumentKind | undefined): FileOutcome | undefined {
  const { text, found } = redactText(path);
  if (found.length === 0) return undefined;
  const reason = `The file's path holds a secret (${found.join(", ")}): rename it, or keep it with --no-redact.`;
  return { path: text, state: "skipped", kind, chunks: 0, warnings: [{ item: text, reason }] };
}

/** What a file is, by what it says of itself and where it lies. */
export function kindOf(file: WorkspaceFile, path: string, text: string) {
  const { data } = readFrontmatter(text);
  const type = data.type ?? data.kind;
  return recogniseDocument({
    path,
    frontmatterType: typeof type === "string" ? type : undefined,
    given: file.given,
  });
}
