import { createHash, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openBucket } from "../../../lib/bucket/open-bucket.ts";
import { bucketSettings, parseBucketAddress } from "../../../lib/bucket-settings.ts";
import {
  type Asked,
  type Fault,
  openBucketService,
  type ServiceOptions,
} from "../../helpers/bucket-service.ts";
import { tempFolder } from "../../helpers/store.ts";

const MIB = 1024 * 1024;

/** A bucket of a service in this process, with short pauses. */
async function opened(options: ServiceOptions = {}, env: Readonly<Record<string, string>> = {}) {
  const service = await openBucketService(options);
  const read = (name: string) => ({ ...service.env, ...env })[name as keyof typeof service.env];
  const place = parseBucketAddress("s3://depot/some/place", read);
  const timing = { answerMs: 600, slowestBytesPerSecond: 1e9, pauseMs: 2 };
  const bucket = openBucket({
    ...{ settings: bucketSettings(place, read), place, timing },
    ...{ clock: Date.now, chance: () => 0.5 },
  });
  return { ...service, bucket };
}

function file(bytes: number): { readonly path: string; readonly content: Buffer } {
  const content = randomBytes(bytes);
  const path = join(tempFolder(), "file");
  writeFileSync(path, content);
  return { path, content };
}

async function readAll(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of pieces) hash.update(piece);
  return hash.digest("hex");
}

function hashOf(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Gives a fault to the first few requests that it is meant for. */
function first(times: number, isMeant: (asked: Asked) => boolean, fault: Fault) {
  let left = times;
  return (asked: Asked): Fault | undefined => {
    if (left === 0 || !isMeant(asked)) return undefined;
    left -= 1;
    return fault;
  };
}

const isPart = ({ query }: Asked) => query.has("partNumber");
const isPut = ({ method }: Asked) => method === "PUT";
const isGet = ({ method, query }: Asked) => method === "GET" && !query.has("list-type");

describe("a transfer to a bucket and back", () => {
  it.each([0, 1, 8 * MIB, 8 * MIB + 1, 20 * MIB + 7])("carries a file of %d bytes", async (size) => {
    const { bucket, objects, uploads, asked } = await opened();
    const { path, content } = file(size);
    const seen: number[] = [];
    await bucket.upload(path, "a name", { onProgress: (done) => seen.push(done) });
    expect(objects.get("depot/some/place/a name")?.equals(content)).toBe(true);
    expect(seen.at(-1)).toBe(size);
    expect(Math.max(...asked.map(({ bytes }) => bytes))).toBeLessThanOrEqual(8 * MIB);
    expect(await readAll(bucket.read("a name"))).toBe(hashOf(content));
    expect(uploads.size).toBe(0);
  });

  it("signs names that have to be spelt otherwise in an address, and shows the session's token", async () => {
    const key = { accessKeyId: "ASIATEMP", secretAccessKey: "s/+=", sessionToken: "token/with+signs==" };
    const { bucket, objects } = await opened({ key });
    const name = "it's (a) b+c=d!*,@:.txt";
    await bucket.putText(name, "here");
    expect([...objects.keys()]).toEqual([`depot/some/place/${name}`]);
    expect(await bucket.getText(name)).toBe("here");
    expect(await bucket.list()).toEqual([{ name, bytes: 4 }]);
    await bucket.remove(name);
    await bucket.remove(name);
    expect(await bucket.getText(name)).toBeUndefined();
  });

  it("lists page by page what stands in the place itself", async () => {
    const { bucket, objects } = await opened({ pageSize: 2 });
    for (const name of ["b", "a", "d&e", "c", "below/x"])
      objects.set(`depot/some/place/${name}`, Buffer.of(1));
    objects.set("depot/some/placeholder", Buffer.of(1));
    expect((await bucket.list()).map(({ name }) => name)).toEqual(["a", "b", "c", "d&e"]);
  });
});

describe("what is sent again", () => {
  const busy: Fault = { is: "refuse", status: 503, code: "SlowDown", headers: { "retry-after": "0" } };
  it.each<[string, Fault]>([
    ["503", busy],
    ["429", { is: "refuse", status: 429, code: "TooManyRequests" }],
    ["500", { is: "refuse", status: 500 }],
    ["a connection that is cut", { is: "cut" }],
    ["an answer that is lost", { is: "lose" }],
    ["an answer that does not come", { is: "hang" }],
    ["an error after 200", { is: "late", code: "InternalError" }],
  ])("every part, the beginning and the end of an upload: %s", async (_, fault) => {
    const { path, content } = file(17 * MIB);
    for (const isMeant of [isPart, isPut, ({ method }: Asked) => method === "POST"]) {
      const { bucket, objects } = await opened({ fault: first(3, isMeant, fault) });
      await bucket.upload(path, "x");
      expect(objects.get("depot/some/place/x")?.equals(content)).toBe(true);
    }
  });

  it("the rest of an object whose connection is cut or falls silent, and only the rest", async () => {
    const { path, content } = file(3 * MIB);
    for (const is of ["cut", "hang"] as const) {
      const { bucket, asked } = await opened({ fault: first(3, isGet, { is, afterBytes: 700_000 }) });
      await bucket.upload(path, "x");
      expect(await readAll(bucket.read("x"))).toBe(hashOf(content));
      const ranges = asked.filter(isGet).map(({ headers }) => headers.range);
      expect(ranges).toHaveLength(4);
      expect(ranges.slice(1).every((range) => /^bytes=[1-9]\d+-$/.test(range ?? ""))).toBe(true);
    }
  });

  it("is not the second half of another object", async () => {
    const { path } = file(3 * MIB);
    const { bucket, objects } = await opened({ fault: first(1, isGet, { is: "cut", afterBytes: 700_000 }) });
    await bucket.upload(path, "x");
    const pieces = bucket.read("x", {
      onProgress: () => objects.set("depot/some/place/x", Buffer.alloc(3 * MIB)),
    });
    await expect(readAll(pieces)).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("an upload that fails", () => {
  it.each<[string, Fault, string]>([
    ["always busy", { is: "refuse", status: 503, code: "SlowDown" }, "answered 503 (SlowDown)"],
    ["not allowed", { is: "refuse", status: 403, code: "AccessDenied" }, "may not write in the bucket depot"],
    ["another ETag than the part's", { is: "etag", etag: '"0123"' }, "answered 400 (InvalidPart)"],
  ])("leaves no parts behind: %s", async (_, fault, says) => {
    const { path } = file(20 * MIB);
    const { bucket, objects, uploads } = await opened({
      fault: (asked) => (isPart(asked) ? fault : undefined),
    });
    await expect(bucket.upload(path, "x")).rejects.toThrow(says);
    expect({ objects: objects.size, uploads: uploads.size }).toEqual({ objects: 0, uploads: 0 });
  });

  it("ends at once when it is interrupted, and leaves no parts behind", async () => {
    const { path } = file(40 * MIB);
    const { bucket, objects, uploads } = await opened();
    const interrupt = new AbortController();
    const sending = bucket.upload(path, "x", {
      onProgress: () => interrupt.abort(new Error("interrupted")),
      signal: interrupt.signal,
    });
    await expect(sending).rejects.toThrow("interrupted");
    expect({ objects: objects.size, uploads: uploads.size }).toEqual({ objects: 0, uploads: 0 });
  });

  it("is not tried again where that cannot help", async () => {
    const { bucket, asked } = await opened({}, { AWS_SECRET_ACCESS_KEY: "another" });
    await expect(bucket.putText("x", "y")).rejects.toMatchObject({ code: "forbidden" });
    expect(asked).toHaveLength(1);
  });
});
