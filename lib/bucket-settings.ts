import { KnowledgeError } from "./domain/error.ts";

/** What of the environment is about buckets. Read by `backup` and `restore` alone, and only for an address s3://…. */
export const BUCKET_VARIABLES = {
  BACKUP_S3_ENDPOINT: "address of an S3-compatible service such as R2 or MinIO (default: Amazon S3)",
  BACKUP_S3_BUCKET: "bucket that is meant by s3:/// (an address that names none)",
  BACKUP_S3_REGION: "region of the bucket (default us-east-1)",
  BACKUP_S3_PATH_STYLE:
    "true: the bucket stands in the path, false: in the host name (default: true with an endpoint)",
  AWS_ACCESS_KEY_ID: "access key for backups in a bucket",
  AWS_SECRET_ACCESS_KEY: "its secret",
  AWS_SESSION_TOKEN: "session token that belongs to it, where the key is a temporary one",
} as const;

type Read = (name: keyof typeof BUCKET_VARIABLES) => string | undefined;

/** Which service holds the buckets, and what it is shown. */
export interface BucketSettings {
  /** Without a path. */
  readonly endpoint: URL;
  readonly region: string;
  /** Whether the bucket stands in the path and not in the host name. */
  readonly isPathStyle: boolean;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
}

/** Where backups are in a bucket. */
export interface BucketPlace {
  readonly bucket: string;
  /** Empty, or names with slashes between them, without one at either end. */
  readonly prefix: string;
}

/** Whether an address is that of a bucket and no path. */
export function isBucketAddress(text: string): boolean {
  return /^s3:/i.test(text);
}

/**
 * `s3://bucket/some/prefix`; `s3:///some/prefix` is in the bucket of the settings.
 * @throws KnowledgeError `invalid_input`
 */
export function parseBucketAddress(address: string, read: Read): BucketPlace {
  const [, named, path] = /^s3:\/\/([^/]*)(?:\/(.*))?$/is.exec(address.trim()) ?? [];
  if (named === undefined)
    throw malformed("output", `"${shown(address)}" is no address of a bucket.`, EXAMPLE);
  const bucket = named === "" ? (read("BACKUP_S3_BUCKET")?.trim() ?? "") : named;
  if (bucket === "")
    throw malformed(
      "output",
      "The address s3:/// names no bucket, and BACKUP_S3_BUCKET is not set.",
      EXAMPLE,
    );
  // The rules of Amazon S3, which other services do not go beyond.
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    throw malformed(
      named === "" ? "BACKUP_S3_BUCKET" : "output",
      `"${shown(bucket)}" cannot be the name of a bucket: 3 to 63 of a-z, 0-9, "-" and "." are needed.`,
      EXAMPLE,
    );
  }
  return { bucket, prefix: parsePrefix(path ?? "") };
}

const EXAMPLE = "Give it as s3://bucket/prefix.";

function parsePrefix(path: string): string {
  const parts = path.replace(/^\/+|\/+$/g, "").split("/");
  if (parts.length === 1 && parts[0] === "") return "";
  const wrong = parts.find((part) => !/^[\w.()!'*=,:@+ -]+$/.test(part) || /^\.{1,2}$/.test(part));
  if (wrong === undefined) return parts.join("/");
  throw malformed(
    "output",
    `"${shown(path)}" cannot be a place in a bucket: between two slashes stand letters without accents, digits and _ . - + = , : @ ! ' ( ) *.`,
    EXAMPLE,
  );
}

/** @throws KnowledgeError `invalid_input` for a setting that is missing or malformed; it shows no credential. */
export function bucketSettings({ bucket }: BucketPlace, read: Read): BucketSettings {
  const given = read("BACKUP_S3_ENDPOINT")?.trim();
  const region = parseRegion(read("BACKUP_S3_REGION")?.trim() ?? "us-east-1");
  const endpoint = given === undefined ? amazon(region) : parseEndpoint(given);
  // A certificate for *.s3.… does not hold for a name with dots in it.
  const isPathStyle = given !== undefined || bucket.includes(".");
  return Object.freeze({
    endpoint,
    region,
    isPathStyle: parsePathStyle(read("BACKUP_S3_PATH_STYLE")) ?? isPathStyle,
    accessKeyId: needed("AWS_ACCESS_KEY_ID", read),
    secretAccessKey: needed("AWS_SECRET_ACCESS_KEY", read),
    sessionToken: credential("AWS_SESSION_TOKEN", read),
  });
}

function amazon(region: string): URL {
  return new URL(`https://s3.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`);
}

function parseRegion(text: string): string {
  if (/^[a-z0-9-]{1,40}$/i.test(text)) return text;
  throw malformed(
    "BACKUP_S3_REGION",
    `BACKUP_S3_REGION is "${shown(text)}", which is no region.`,
    "Set it to one such as eu-central-1, or auto for R2, or leave it out.",
  );
}

function parseEndpoint(text: string): URL {
  const hint = "Set it as https://host or http://host:9000; the bucket stands in the address s3://bucket.";
  // Not shown: it may hold credentials.
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    const message = "BACKUP_S3_ENDPOINT is not an address that begins with https:// or http://.";
    throw malformed("BACKUP_S3_ENDPOINT", message, hint);
  }
  const url = new URL(text);
  const isBare = url.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (isBare && url.pathname === "/") return url;
  throw malformed("BACKUP_S3_ENDPOINT", "BACKUP_S3_ENDPOINT holds more than a host and a port.", hint);
}

function parsePathStyle(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  const word = text.trim().toLowerCase();
  if (word === "true" || word === "false") return word === "true";
  throw malformed(
    "BACKUP_S3_PATH_STYLE",
    `BACKUP_S3_PATH_STYLE is "${shown(text)}", which is neither true nor false.`,
    "Leave it out to have what fits the endpoint.",
  );
}

type Credential = "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" | "AWS_SESSION_TOKEN";

function needed(name: Credential, read: Read): string {
  const value = credential(name, read);
  if (value !== undefined) return value;
  throw malformed(
    name,
    `A bucket needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and ${name} is not set.`,
    "Export both, and AWS_SESSION_TOKEN for a temporary key; profiles and instance roles are not looked up.",
  );
}

/** What a header cannot hold would otherwise be shown by whoever refuses it. */
function credential(name: Credential, read: Read): string | undefined {
  const value = read(name)?.trim();
  if (value === undefined || /^[\x21-\x7e]+$/.test(value)) return value;
  const hint = "Copy it once more: it is one word of letters, digits and signs.";
  throw malformed(name, `${name} holds characters that no key has.`, hint);
}

function shown(text: string): string {
  return text.trim().slice(0, 80);
}

function malformed(field: string, message: string, hint: string): KnowledgeError {
  return new KnowledgeError("invalid_input", message, { field, hint });
}
