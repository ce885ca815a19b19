import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Whom a service of the tests knows. */
export interface KnownKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

const LARGEST_SKEW_MS = 15 * 60_000;

/**
 * The S3 error code that a request deserves by AWS Signature Version 4, as docs.aws.amazon.com describes it ("Create a
 * signed AWS API request"); `undefined` when all is right. Written apart from what signs.
 */
export function faultOfSignature(
  request: IncomingMessage,
  body: Buffer,
  { key, region, now }: { readonly key: KnownKey; readonly region: string; readonly now: number },
): string | undefined {
  const parts =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      request.headers.authorization ?? "",
    );
  if (parts === null) return "AccessDenied";
  const [, accessKeyId, day = "", scopeRegion = "", signedHeaders = "", signature = ""] = parts;
  if (accessKeyId !== key.accessKeyId) return "InvalidAccessKeyId";
  if (scopeRegion !== region) return "AuthorizationHeaderMalformed";
  const date = header(request, "x-amz-date");
  if (Math.abs(timeOf(date) - now) > LARGEST_SKEW_MS) return "RequestTimeTooSkewed";
  if (header(request, "x-amz-security-token") !== (key.sessionToken ?? "")) return "InvalidToken";
  const needed = ["host", "x-amz-content-sha256", "x-amz-date"];
  if (!needed.every((name) => signedHeaders.split(";").includes(name))) return "AccessDenied";
  if (header(request, "x-amz-content-sha256") !== sha256(body)) return "XAmzContentSHA256Mismatch";
  const scope = `${day}/${scopeRegion}/s3/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", date, scope, sha256(canonical(request, signedHeaders))].join("\n");
  const signing = [day, scopeRegion, "s3", "aws4_request"].reduce<string | Buffer>(
    (secret, text) => hmac(secret, text),
    `AWS4${key.secretAccessKey}`,
  );
  return timingSafeEqual(hmac(signing, toSign), Buffer.from(signature, "hex"))
    ? undefined
    : "SignatureDoesNotMatch";
}

function canonical(request: IncomingMessage, signedHeaders: string): string {
  const [path = "/", query = ""] = (request.url ?? "/").split("?");
  const pairs = query
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => pair.split("=").map((part) => encoded(decodeURIComponent(part.replaceAll("+", " ")))))
    .map(([name = "", value = ""]) => `${name}=${value}`)
    .sort();
  const headers = signedHeaders.split(";").map((name) => `${name}:${header(request, name).trim()}\n`);
  return [
    request.method,
    path
      .split("/")
      .map((part) => encoded(decodeURIComponent(part)))
      .join("/"),
    pairs.join("&"),
    headers.join(""),
    signedHeaders,
    header(request, "x-amz-content-sha256"),
  ].join("\n");
}

/** As RFC 3986 has it: everything but letters, digits and `-._~`. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function header(request: IncomingMessage, name: string): string {
  return String(request.headers[name] ?? "");
}

function timeOf(stamp: string): number {
  return Date.parse(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
}

function sha256(bytes: string | Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
