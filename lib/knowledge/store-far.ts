import { type ExchangePlace, MOST_BODY_BYTES, MOST_FILES } from "../domain/document-exchange.ts";
import { asKnowledgeError, type ErrorCode } from "../domain/error.ts";
import { type Instance, NotInTime } from "./instance.ts";
import type { FileOutcome } from "./read-changed-file.ts";
import type { ReadableFile } from "./read-for-sending.ts";

/** Bytes of documents that go in one request; a larger one goes alone. */
const GOOD_BYTES = 1024 * 1024;
/** Bytes of a request besides its documents. */
const HEAD_BYTES = 16 * 1024;

/** Errors of one request that may be due to one document of it. */
const MAYBE_ONE: ReadonlySet<ErrorCode> = new Set(["invalid_input", "conflict", "unsupported", "internal"]);

/** Sends documents to be stored, and says what became of each. One that is refused costs only itself. */
export async function storeFar(
  instance: Instance,
  to: ExchangePlace,
  files: readonly ReadableFile[],
): Promise<ReadonlyMap<ReadableFile, FileOutcome>> {
  const outcomes = new Map<ReadableFile, FileOutcome>();
  for (const part of inRequests(files)) {
    if (part.isTooLarge) for (const file of part.files) outcomes.set(file, failed(file, TOO_LARGE));
    else await storePart(instance, to, part.files, outcomes);
  }
  return outcomes;
}

async function storePart(
  instance: Instance,
  to: ExchangePlace,
  files: readonly ReadableFile[],
  outcomes: Map<ReadableFile, FileOutcome>,
): Promise<void> {
  try {
    const documents = files.map(({ document }) => document);
    const answer = await instance.ask({ ...to, step: "store", documents });
    for (const [index, file] of files.entries()) {
      const outcome = answer.outcomes[index];
      if (outcome === undefined)
        outcomes.set(file, failed(file, "The instance did not say what became of it."));
      else outcomes.set(file, { ...outcome, warnings: [...file.warnings, ...outcome.warnings] });
    }
  } catch (thrown) {
    const [first, ...others] = files;
    if (!isMaybeOne(thrown) || first === undefined) throw thrown;
    if (others.length === 0) {
      // An instance that is late with everything is at fault itself, and says so here.
      if (thrown instanceof NotInTime) await instance.ask({ ...to, step: "compare", files: [] });
      outcomes.set(first, failed(first, reasonOf(thrown)));
      return;
    }
    const half = Math.ceil(files.length / 2);
    await storePart(instance, to, files.slice(0, half), outcomes);
    await storePart(instance, to, files.slice(half), outcomes);
  }
}

function isMaybeOne(thrown: unknown): boolean {
  return thrown instanceof NotInTime || MAYBE_ONE.has(asKnowledgeError(thrown).code);
}

function reasonOf(thrown: unknown): string {
  const { message } = asKnowledgeError(thrown);
  return thrown instanceof NotInTime ? `${message} ${LATE}` : message;
}

const LATE =
  "It may have been stored all the same: the next run tells. If it is late again, split the file, or leave it out.";
const TOO_LARGE = `As it is sent, the file has more than the ${MOST_BODY_BYTES / 1024 / 1024} MiB that the instance takes at once: split it, or leave it out.`;

function failed({ document, warnings }: ReadableFile, reason: string): FileOutcome {
  const { path, kind } = document;
  return { path, kind, state: "failed", chunks: 0, warnings: [...warnings, { item: path, reason }] };
}

interface Part {
  readonly files: readonly ReadableFile[];
  readonly isTooLarge: boolean;
}

function inRequests(files: readonly ReadableFile[]): readonly Part[] {
  const parts: Part[] = [];
  let held: ReadableFile[] = [];
  let bytes = 0;
  const close = (): void => {
    if (held.length > 0) parts.push({ files: held, isTooLarge: bytes > MOST_BODY_BYTES - HEAD_BYTES });
    held = [];
    bytes = 0;
  };
  for (const file of files) {
    const size = Buffer.byteLength(JSON.stringify(file.document)) + 1;
    if (bytes + size > GOOD_BYTES || held.length >= MOST_FILES.store) close();
    held.push(file);
    bytes += size;
  }
  close();
  return parts;
}
