import type { BucketPlace, BucketSettings } from "../bucket-settings.ts";
import { KnowledgeError } from "../domain/error.ts";
import { elementsOf, textOf } from "./answer-xml.ts";
import type { Bucket, BucketObject } from "./bucket.ts";
import { readObject } from "./read-object.ts";
import { type Service, send, type Timing } from "./send-request.ts";
import { uploadFile } from "./upload.ts";

export interface BucketOptions {
  readonly settings: BucketSettings;
  readonly place: BucketPlace;
  readonly clock: () => number;
  readonly chance: () => number;
  readonly timing?: Timing | undefined;
}

const TIMING: Timing = { answerMs: 60_000, slowestBytesPerSecond: 32 * 1024, pauseMs: 400 };
/** Characters of a text that is asked for: it is a checksum. */
const LONGEST_TEXT = 10_000;

/** A place in a bucket. Nothing is asked of the service before it is used, and nothing is kept open. */
export function openBucket({ timing = TIMING, ...options }: BucketOptions): Bucket {
  const service: Service = { ...options, timing };
  const { bucket, prefix } = options.place;
  const keyOf = (name: string) => (prefix === "" ? name : `${prefix}/${name}`);
  return {
    addressOf: (name) => `s3://${bucket}/${name === undefined ? prefix : keyOf(name)}`,
    upload: (file, name, watching) => uploadFile(service, { ...watching, file, key: keyOf(name) }),
    putText: async (name, text) => {
      await send(service, { purpose: "write", method: "PUT", key: keyOf(name), body: text });
    },
    getText: (name) => getText(service, keyOf(name)),
    read: (name, watching) => readObject(service, { ...watching, key: keyOf(name) }),
    list: () => listObjects(service, prefix === "" ? "" : `${prefix}/`),
    remove: async (name) => {
      await send(service, { purpose: "delete", method: "DELETE", key: keyOf(name), tolerated: isNoObject });
    },
  };
}

function isNoObject({ status, code }: { readonly status: number; readonly code: string }): boolean {
  return status === 404 && code !== "NoSuchBucket";
}

async function getText(service: Service, key: string): Promise<string | undefined> {
  const answer = await send(service, {
    ...{ purpose: "read", method: "GET", key, headers: { range: `bytes=0-${LONGEST_TEXT - 1}` } },
    tolerated: isNoObject,
  });
  return answer.ok ? answer.text : undefined;
}

async function listObjects(service: Service, prefix: string): Promise<readonly BucketObject[]> {
  const objects: BucketObject[] = [];
  let token: string | undefined;
  do {
    const query = {
      "list-type": "2",
      prefix,
      delimiter: "/",
      ...(token !== undefined && { "continuation-token": token }),
    };
    const answer = await send(service, { purpose: "list", method: "GET", query });
    const text = answer.ok ? answer.text : "";
    if (!text.includes("<ListBucketResult")) throw noList(service);
    for (const contents of elementsOf(text, "Contents")) {
      const name = textOf(contents, "Key")?.slice(prefix.length) ?? "";
      if (name !== "") objects.push({ name, bytes: Number(textOf(contents, "Size") ?? Number.NaN) });
    }
    token = textOf(text, "IsTruncated") === "true" ? textOf(text, "NextContinuationToken") : undefined;
  } while (token !== undefined);
  return objects.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function noList({ settings }: Service): KnowledgeError {
  return new KnowledgeError(
    "unavailable",
    `What answers at ${settings.endpoint.host} is no S3-compatible service: it gave no list of a bucket.`,
    { hint: "Check BACKUP_S3_ENDPOINT and BACKUP_S3_PATH_STYLE." },
  );
}
