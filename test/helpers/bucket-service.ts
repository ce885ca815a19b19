import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { onTestFinished } from "vitest";
import { faultOfSignature, type KnownKey } from "./bucket-signature.ts";
import { listeningUrl } from "./listening.ts";

/** What a request does not get its ordinary answer for. */
export type Fault =
  | {
      readonly is: "refuse";
      readonly status: number;
      readonly code?: string;
      readonly headers?: Record<string, string>;
    }
  /** The connection ends: before anything is answered, or after so many bytes of an object. */
  | { readonly is: "cut"; readonly afterBytes?: number }
  /** Carried out, but the answer is lost. */
  | { readonly is: "lose" }
  /** Nothing comes any more, after so many bytes of an object. */
  | { readonly is: "hang"; readonly afterBytes?: number }
  /** 200, and then an error in the body. */
  | { readonly is: "late"; readonly code: string }
  | { readonly is: "etag"; readonly etag: string }
  | { readonly is: "text"; readonly text: string };

export interface Asked {
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly bytes: number;
}

export interface ServiceOptions {
  readonly key?: KnownKey;
  readonly region?: string;
  readonly buckets?: readonly string[];
  /** Objects of one page of a list. */
  readonly pageSize?: number;
  /** Milliseconds by which its clock is ahead. */
  readonly aheadMs?: number;
  readonly fault?: (asked: Asked, nth: number) => Fault | undefined;
}

const KEY: KnownKey = { accessKeyId: "AKIDTESTS", secretAccessKey: "a-secret/with+signs=" };
/** Amazon's least size of a part that is not the last. */
const LEAST_PART = 5 * 1024 * 1024;

/** An S3-compatible service over HTTP that verifies every signature: as much of the protocol as backups use, with buckets in the path. */
export async function openBucketService(options: ServiceOptions = {}) {
  const { key = KEY, region = "us-east-1", buckets = ["depot"], aheadMs = 0 } = options;
  const state = { objects: new Map<string, Buffer>(), uploads: new Map<string, Map<number, Buffer>>() };
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then(
      (body) => {
        const one = parse(request, body);
        asked.push(one);
        const now = Date.now() + aheadMs;
        response.setHeader("date", new Date(now).toUTCString());
        const wrong = faultOfSignature(request, body, { key, region, now });
        if (wrong !== undefined) refuse(response, statusOf(wrong), wrong, region);
        else if (!buckets.includes(one.bucket)) refuse(response, 404, "NoSuchBucket", region);
        else
          answer({ response, asked: one, body, state, options, fault: options.fault?.(one, asked.length) });
      },
      () => response.destroy(),
    );
  });
  const url = await listeningUrl(server);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const env = {
    BACKUP_S3_ENDPOINT: url,
    BACKUP_S3_REGION: region,
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    ...(key.sessionToken !== undefined && { AWS_SESSION_TOKEN: key.sessionToken }),
  };
  return { url, env, asked, objects: state.objects, uploads: state.uploads };
}

interface Answering {
  readonly response: ServerResponse;
  readonly asked: Asked;
  readonly body: Buffer;
  readonly state: {
    /** By bucket and key. */
    readonly objects: Map<string, Buffer>;
    readonly uploads: Map<string, Map<number, Buffer>>;
  };
  readonly options: ServiceOptions;
  readonly fault: Fault | undefined;
}

function answer(given: Answering): void {
  const { fault, response } = given;
  if (fault?.is === "refuse") {
    for (const [name, value] of Object.entries(fault.headers ?? {})) response.setHeader(name, value);
    refuse(response, fault.status, fault.code ?? "InternalError");
  } else if (fault?.is === "late")
    response.end(`<?xml version="1.0"?>\n<Error><Code>${fault.code}</Code></Error>`);
  else if (fault?.is === "text") response.end(fault.text);
  else if (fault?.is === "cut" && fault.afterBytes === undefined) response.destroy();
  else if (fault?.is === "hang" && fault.afterBytes === undefined) return;
  else carryOut(given);
}

function carryOut(given: Answering): void {
  const { asked, response } = given;
  const { method, query, key } = asked;
  if (given.fault?.is === "lose") response.end = () => response.destroy();
  if (method === "GET" && query.has("list-type")) list(given);
  else if (method === "GET") send(given);
  else if (method === "POST" && query.has("uploads")) begin(given);
  else if (method === "POST") complete(given);
  else if (method === "PUT") store(given);
  else if (method === "DELETE") {
    if (query.has("uploadId")) given.state.uploads.delete(query.get("uploadId") ?? "");
    else given.state.objects.delete(`${asked.bucket}/${key}`);
    response.writeHead(204).end();
  } else refuse(response, 405, "MethodNotAllowed");
}

function store({ asked, body, state, response, fault }: Answering): void {
  const { query, bucket, key } = asked;
  const upload = query.get("uploadId");
  const parts = state.uploads.get(upload ?? "");
  if (upload !== null && parts === undefined) {
    refuse(response, 404, "NoSuchUpload");
    return;
  }
  if (parts === undefined) state.objects.set(`${bucket}/${key}`, body);
  else parts.set(Number(query.get("partNumber")), body);
  response.writeHead(200, { etag: fault?.is === "etag" ? fault.etag : etagOf(body) }).end();
}

function begin({ asked, state, response }: Answering): void {
  const id = randomUUID();
  state.uploads.set(id, new Map());
  xml(response, "InitiateMultipartUploadResult", `<Key>${asked.key}</Key><UploadId>${id}</UploadId>`);
}

function complete({ asked, body, state, response }: Answering): void {
  const id = asked.query.get("uploadId") ?? "";
  const parts = state.uploads.get(id);
  if (parts === undefined) {
    refuse(response, 404, "NoSuchUpload");
    return;
  }
  const named = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>([^<]*)<\/ETag>/g)];
  const pieces = named.map(([, number, etag = ""]) => {
    const piece = parts.get(Number(number));
    return piece !== undefined && etagOf(piece) === etag.replaceAll("&#34;", '"') ? piece : undefined;
  });
  if (pieces.includes(undefined)) refuse(response, 400, "InvalidPart");
  else if (pieces.slice(0, -1).some((piece) => (piece?.length ?? 0) < LEAST_PART))
    refuse(response, 400, "EntityTooSmall");
  else {
    state.objects.set(
      `${asked.bucket}/${asked.key}`,
      Buffer.concat(pieces.map((piece) => piece ?? Buffer.of())),
    );
    state.uploads.delete(id);
    xml(response, "CompleteMultipartUploadResult", `<Key>${asked.key}</Key>`);
  }
}

function send({ asked, state, response, fault }: Answering): void {
  const object = state.objects.get(`${asked.bucket}/${asked.key}`);
  if (object === undefined) {
    refuse(response, 404, "NoSuchKey");
    return;
  }
  const etag = etagOf(object);
  if (asked.headers["if-match"] !== undefined && asked.headers["if-match"] !== etag) {
    refuse(response, 412, "PreconditionFailed");
    return;
  }
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(asked.headers.range ?? "") ?? [];
  const bytes = from === undefined ? object : object.subarray(Number(from), to ? Number(to) + 1 : undefined);
  response.writeHead(from === undefined ? 200 : 206, { etag, "content-length": bytes.length });
  if (fault?.is !== "cut" && fault?.is !== "hang") {
    response.end(bytes);
    return;
  }
  response.write(bytes.subarray(0, fault.afterBytes), () => {
    if (fault.is === "cut") response.destroy();
  });
}

function list({ asked, state, response, options }: Answering): void {
  const { query, bucket } = asked;
  const prefix = query.get("prefix") ?? "";
  const after = query.get("continuation-token") ?? "";
  const keys = [...state.objects.keys()]
    .filter((path) => path.startsWith(`${bucket}/${prefix}`))
    .map((path) => path.slice(bucket.length + 1))
    .filter((key) => !key.slice(prefix.length).includes(query.get("delimiter") ?? "\0") && key > after)
    .sort();
  const page = keys.slice(0, options.pageSize ?? 1_000);
  const more = page.length < keys.length;
  const contents = page.map((key) => {
    const size = state.objects.get(`${bucket}/${key}`)?.length ?? 0;
    return `<Contents><Key>${key.replaceAll("&", "&amp;")}</Key><Size>${size}</Size></Contents>`;
  });
  const next = more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : "";
  xml(response, "ListBucketResult", `<IsTruncated>${more}</IsTruncated>${next}${contents.join("")}`);
}

function xml(response: ServerResponse, root: string, inside: string): void {
  response.setHeader("content-type", "application/xml");
  const space = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';
  response.end(`<?xml version="1.0" encoding="UTF-8"?>\n<${root} ${space}>${inside}</${root}>`);
}

/** With a message as services write them: it repeats what it was sent. */
function refuse(response: ServerResponse, status: number, code: string, region = ""): void {
  const message = `You sent ${String(response.req.headers.authorization)}`;
  const where = code === "AuthorizationHeaderMalformed" ? `<Region>${region}</Region>` : "";
  response.statusCode = status;
  response.setHeader("content-type", "application/xml");
  response.end(
    `<?xml version="1.0"?>\n<Error><Code>${code}</Code><Message>${message}</Message>${where}</Error>`,
  );
}

function statusOf(code: string): number {
  return code === "AuthorizationHeaderMalformed" || code === "XAmzContentSHA256Mismatch" ? 400 : 403;
}

function parse(request: IncomingMessage, body: Buffer): Asked {
  const url = new URL(request.url ?? "/", "http://service");
  const [, bucket = "", ...key] = url.pathname.split("/").map(decodeURIComponent);
  const { method = "", headers } = request;
  return { method, bucket, key: key.join("/"), query: url.searchParams, headers, bytes: body.length };
}

function etagOf(bytes: Buffer): string {
  return `"${createHash("md5").update(bytes).digest("hex")}"`;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces);
}
