import { problemOfPath, type SentDocument } from "../domain/document-exchange.ts";
import { sha256 } from "../domain/ids.ts";
import type { ReportItem } from "../domain/report.ts";
import { readTextFile, type WorkspaceFile } from "../markdown/workspace.ts";
import { type FileOutcome, findSecretInPath, inWords, kindOf, secretsLeftOut } from "./read-changed-file.ts";
import { sealSecrets } from "./redact.ts";

/** A file that may leave this machine: its secrets are not in it. */
export interface ReadableFile {
  readonly document: SentDocument;
  /** For the report, when the document is stored. */
  readonly warnings: readonly ReportItem[];
}

/** Reads a file as it may be sent. Never throws: a failure is an outcome. */
export async function readForSending(
  file: WorkspaceFile,
  path: string,
  redact: boolean,
): Promise<ReadableFile | { readonly outcome: FileOutcome }> {
  const ended = (state: FileOutcome["state"], reason: string) => ({
    outcome: { path, state, chunks: 0, warnings: [{ item: path, reason }] },
  });
  const secret = redact ? findSecretInPath(path, undefined) : undefined;
  if (secret !== undefined) return { outcome: secret };
  const problem = problemOfPath(path);
  if (problem !== undefined) return ended("failed", `The path ${problem}: the instance cannot keep it.`);
  const read = await readTextFile(file.absolute).catch((error: unknown) =>
    String(error instanceof Error ? error.message : error),
  );
  if (typeof read === "string") return ended("failed", `The file cannot be read: ${read}`);
  if (read.problem !== undefined) return ended("skipped", read.problem);
  const { kind, category } = kindOf(file, path, read.text);
  const { text, found } = redact ? sealSecrets(read.text) : { text: read.text, found: [] };
  const items = read.warnings.map(({ line, reason }): ReportItem => ({ item: path, line, reason }));
  return {
    document: {
      ...{ path, kind, ...(category !== undefined && { category }), text },
      // The hash of what holds a short secret, beside all else that stands there, would tell the secret.
      fileHash: found.length === 0 ? sha256(read.bytes) : sha256(`redacted\0${text}`),
      ...{ size: file.size, modifiedMs: file.mtimeMs, redact },
    },
    warnings: [...inWords(items, redact), ...secretsLeftOut(path, found)],
  };
}
