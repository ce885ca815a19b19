import { type FileHandle, open } from "node:fs/promises";
import { KnowledgeError } from "../domain/error.ts";
import { escaped, textOf } from "./answer-xml.ts";
import type { Watching } from "./bucket.ts";
import { type Service, send } from "./send-request.ts";

const MIB = 1024 * 1024;
/** Amazon S3 takes no part below 5 MiB but the last, and 10,000 parts. */
const PART_BYTES = 8 * MIB;
const MOST_PARTS = 10_000;
/** Parts on their way at one time: what is held in memory is so many parts. */
const AT_ONCE = 3;

interface Uploading extends Watching {
  readonly file: string;
  readonly key: string;
}

/** Puts a file into the bucket: at once, or in parts where it is longer than one. */
export async function uploadFile(
  service: Service,
  { file, key, onProgress, signal }: Uploading,
): Promise<void> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const upload: Upload = { service, handle, key, size, signal, tell: counting(size, onProgress) };
    if (size > PART_BYTES) await uploadInParts(upload);
    else await uploadAtOnce(upload);
  } finally {
    await handle.close();
  }
}

interface Upload {
  readonly service: Service;
  readonly handle: FileHandle;
  readonly key: string;
  readonly size: number;
  readonly signal: AbortSignal | undefined;
  /** Of so many bytes that arrived. */
  readonly tell: (bytes: number) => void;
}

function counting(size: number, onProgress: Watching["onProgress"]): (bytes: number) => void {
  let sent = 0;
  return (bytes) => {
    sent += bytes;
    onProgress?.(sent, size);
  };
}

async function uploadAtOnce({ service, handle, key, size, signal, tell }: Upload): Promise<void> {
  const body = await readPart(handle, 0, size);
  await send(service, { purpose: "write", method: "PUT", key, body, signal });
  tell(size);
}

async function uploadInParts(upload: Upload): Promise<void> {
  const uploadId = await begin(upload);
  try {
    await complete(upload, uploadId, await sendParts(upload, uploadId));
  } catch (error) {
    await giveUp(upload, uploadId);
    throw error;
  }
}

async function begin({ service, key, signal }: Upload): Promise<string> {
  const answer = await send(service, {
    purpose: "write",
    method: "POST",
    key,
    query: { uploads: "" },
    signal,
  });
  const id = answer.ok ? textOf(answer.text, "UploadId") : undefined;
  if (id !== undefined && id !== "") return id;
  throw notS3(service, "began no upload in parts");
}

/** ETags of all parts, in their order. */
async function sendParts(upload: Upload, uploadId: string): Promise<readonly string[]> {
  const { size, signal } = upload;
  const partBytes = Math.max(PART_BYTES, Math.ceil(size / MOST_PARTS / MIB) * MIB);
  const etags: string[] = new Array<string>(Math.ceil(size / partBytes)).fill("");
  const ending = new AbortController();
  const either = signal === undefined ? ending.signal : AbortSignal.any([signal, ending.signal]);
  let next = 0;
  const work = async () => {
    while (next < etags.length) {
      const index = next;
      next += 1;
      etags[index] = await sendPart({ ...upload, signal: either }, { uploadId, index, partBytes });
    }
  };
  const workers = Array.from({ length: AT_ONCE }, async () => {
    try {
      await work();
    } catch (error) {
      ending.abort(error);
      throw error;
    }
  });
  // All have ended before the upload is given up: a part that came later would stay there.
  const ended = await Promise.allSettled(workers);
  const failure = ended.find(({ status }) => status === "rejected");
  if (failure?.status === "rejected") throw ending.signal.reason ?? failure.reason;
  return etags;
}

async function sendPart(
  { service, handle, key, size, signal, tell }: Upload,
  { uploadId, index, partBytes }: { uploadId: string; index: number; partBytes: number },
): Promise<string> {
  const from = index * partBytes;
  const body = await readPart(handle, from, Math.min(partBytes, size - from));
  const query = { partNumber: String(index + 1), uploadId };
  const answer = await send(service, { purpose: "write", method: "PUT", key, query, body, signal });
  const etag = answer.ok ? answer.headers.get("etag") : null;
  if (etag === null) throw notS3(service, "gave no ETag for a part");
  tell(body.length);
  return etag;
}

async function complete(
  { service, key, signal }: Upload,
  uploadId: string,
  etags: readonly string[],
): Promise<void> {
  const parts = etags.map(
    (etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${escaped(etag)}</ETag></Part>`,
  );
  const body = `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.join("")}</CompleteMultipartUpload>`;
  await send(service, {
    ...{ purpose: "write", method: "POST", key, query: { uploadId }, body, signal },
    // An attempt before this one was carried out, and its answer lost; whoever uploads reads back what stands there.
    tolerated: ({ code }) => code === "NoSuchUpload",
  });
}

/** Parts of an upload that is not completed are kept, and paid for, until it is given up. */
async function giveUp({ service, key }: Upload, uploadId: string): Promise<void> {
  try {
    await send(service, { purpose: "delete", method: "DELETE", key, query: { uploadId } });
  } catch {
    // What made the upload fail is what is told.
  }
}

async function readPart(handle: FileHandle, from: number, bytes: number): Promise<Uint8Array> {
  const part = Buffer.alloc(bytes);
  let read = 0;
  while (read < bytes) {
    const { bytesRead } = await handle.read(part, read, bytes - read, from + read);
    if (bytesRead === 0)
      throw new KnowledgeError("unavailable", "The backup became shorter while it was sent.", {
        hint: "Try again.",
      });
    read += bytesRead;
  }
  return part;
}

function notS3({ settings }: Service, what: string): KnowledgeError {
  return new KnowledgeError(
    "unavailable",
    `The bucket service ${settings.endpoint.host} ${what}: it does not answer as S3 does.`,
    { hint: "Check BACKUP_S3_ENDPOINT." },
  );
}
