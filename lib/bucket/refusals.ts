import { KnowledgeError } from "../domain/error.ts";
import { textOf } from "./answer-xml.ts";

/** What a request was for, as a sentence ends: `may not be written`. */
export type Purpose = "write" | "read" | "list" | "delete";

/** An answer that is no success. */
export interface Refusal {
  readonly status: number;
  /** The service's own name for it, such as `NoSuchBucket`; empty where it gave none. */
  readonly code: string;
  /** Where the bucket is, when the service said so. */
  readonly region?: string | undefined;
  /** Milliseconds by which its clock is ahead of ours. */
  readonly clockAheadMs?: number | undefined;
}

/** Who was asked, and for what. */
export interface Asked {
  readonly host: string;
  readonly bucket: string;
  /** As the settings have it. */
  readonly region: string;
  readonly purpose: Purpose;
  /** `s3://bucket/key`, or the bucket's address. */
  readonly address: string;
}

/** @param now milliseconds of our clock when the answer came */
export function parseRefusal(response: Response, xml: string, now: number): Refusal {
  const code = textOf(xml, "Code") ?? "";
  const serverTime = Date.parse(textOf(xml, "ServerTime") ?? response.headers.get("date") ?? "");
  return {
    status: response.status,
    // It is shown, so it must be a name and nothing else.
    code: /^[A-Za-z][A-Za-z0-9.]{0,63}$/.test(code) ? code : "",
    region: response.headers.get("x-amz-bucket-region") ?? textOf(xml, "Region"),
    ...(!Number.isNaN(serverTime) && { clockAheadMs: serverTime - now }),
  };
}

/** A refusal that asking again does not mend, or that stayed. Messages of the service are not shown: they repeat what was sent. */
export function refused(refusal: Refusal, asked: Asked): KnowledgeError {
  return aboutCredentials(refusal, asked) ?? aboutPlace(refusal, asked) ?? unexplained(refusal, asked);
}

function aboutCredentials({ code, clockAheadMs }: Refusal, { host }: Asked): KnowledgeError | undefined {
  switch (code) {
    case "InvalidAccessKeyId":
      return forbidden(`The bucket service ${host} does not know the key of AWS_ACCESS_KEY_ID.`);
    case "SignatureDoesNotMatch":
      return forbidden(
        `The bucket service ${host} finds the signature wrong: AWS_SECRET_ACCESS_KEY is not the secret of that AWS_ACCESS_KEY_ID.`,
      );
    case "ExpiredToken":
    case "TokenRefreshRequired":
      return forbidden(`The temporary key that the bucket service ${host} was shown has expired.`);
    case "InvalidToken":
      return forbidden(`The bucket service ${host} finds AWS_SESSION_TOKEN wrong.`);
    case "RequestTimeTooSkewed": {
      const by =
        clockAheadMs === undefined ? "" : ` by ${Math.round(Math.abs(clockAheadMs) / 60_000)} minutes`;
      return new KnowledgeError(
        "unavailable",
        `The clock of this machine differs from that of the bucket service ${host}${by}, so it takes no request.`,
        { hint: "Set the clock right, then try again." },
      );
    }
    default:
      return undefined;
  }
}

function aboutPlace(
  { status, code, region }: Refusal,
  { host, bucket, region: ours, address, purpose }: Asked,
): KnowledgeError | undefined {
  const isElsewhere = region !== undefined && region !== ours && /^[a-z0-9-]{1,40}$/i.test(region);
  if (isElsewhere && (status === 301 || status === 307 || status === 400)) {
    return new KnowledgeError(
      "invalid_input",
      `The bucket ${bucket} is in the region ${region}, not in ${ours}.`,
      {
        ...{ field: "BACKUP_S3_REGION", valid: [region] },
        hint: `Set BACKUP_S3_REGION to ${region}.`,
      },
    );
  }
  if (code === "NoSuchBucket") {
    return new KnowledgeError("invalid_input", `There is no bucket ${bucket} at ${host}.`, {
      field: "output",
      hint: "Check its name, BACKUP_S3_ENDPOINT and BACKUP_S3_REGION, or make the bucket: that is not done here.",
    });
  }
  if (code === "NoSuchKey" || (status === 404 && purpose === "read"))
    return new KnowledgeError("not_found", `There is no ${address}.`, { hint: "Check the address." });
  if (status === 401 || status === 403) {
    return forbidden(
      `The key of AWS_ACCESS_KEY_ID may not ${purpose} in the bucket ${bucket} at ${host}${codeIn(code)}.`,
      "Give it the rights to list the bucket and to get, put and delete its objects.",
    );
  }
  return undefined;
}

function unexplained({ status, code }: Refusal, { host, address, purpose }: Asked): KnowledgeError {
  return new KnowledgeError(
    "unavailable",
    `The bucket service ${host} answered ${status}${codeIn(code)} when it was asked to ${purpose} ${address}.`,
    { hint: "Check BACKUP_S3_ENDPOINT and BACKUP_S3_PATH_STYLE, or try again later." },
  );
}

function codeIn(code: string): string {
  return code === "" ? "" : ` (${code})`;
}

function forbidden(
  message: string,
  hint = "Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.",
) {
  return new KnowledgeError("forbidden", message, { hint });
}

/** No answer came at all. */
export function unreached(reason: string, { host }: Pick<Asked, "host">, cause: unknown): KnowledgeError {
  return new KnowledgeError("unavailable", `The bucket service ${host} ${reason}.`, {
    hint: "Check BACKUP_S3_ENDPOINT and the network, then try again.",
    cause,
  });
}
