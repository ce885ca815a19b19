import { describe, expect, it } from "vitest";
import { urlOf } from "../../../lib/bucket/send-request.ts";
import { bucketSettings, parseBucketAddress } from "../../../lib/bucket-settings.ts";

const KEYS = { AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "secret" };
type Env = Readonly<Record<string, string>>;
const reading = (env: Env) => (name: string) => ({ ...KEYS, ...env })[name];

function urlFor(address: string, env: Env): string {
  const place = parseBucketAddress(address, reading(env));
  const settings = bucketSettings(place, reading(env));
  const service = {
    settings,
    place,
    clock: () => 0,
    chance: () => 0,
    timing: { answerMs: 1, slowestBytesPerSecond: 1, pauseMs: 1 },
  };
  return urlOf(service, { purpose: "read", method: "GET", key: "a/b c", query: { x: "1" } }).href;
}

describe("where an object is asked for", () => {
  it.each<[string, string, Env, string]>([
    ["Amazon S3", "s3://depot", {}, "https://depot.s3.us-east-1.amazonaws.com/a/b%20c?x=1"],
    [
      "another region",
      "s3://depot",
      { BACKUP_S3_REGION: "eu-central-1" },
      "https://depot.s3.eu-central-1.amazonaws.com/a/b%20c?x=1",
    ],
    [
      "China",
      "s3://depot",
      { BACKUP_S3_REGION: "cn-north-1" },
      "https://depot.s3.cn-north-1.amazonaws.com.cn/a/b%20c?x=1",
    ],
    ["a name with dots", "s3://my.depot", {}, "https://s3.us-east-1.amazonaws.com/my.depot/a/b%20c?x=1"],
    [
      "an endpoint",
      "s3://depot",
      { BACKUP_S3_ENDPOINT: "http://minio:9000" },
      "http://minio:9000/depot/a/b%20c?x=1",
    ],
    [
      "an endpoint with the bucket in the host name",
      "s3://depot",
      { BACKUP_S3_ENDPOINT: "https://objects.example", BACKUP_S3_PATH_STYLE: "false" },
      "https://depot.objects.example/a/b%20c?x=1",
    ],
  ])("%s", (_, address, env, url) => {
    expect(urlFor(address, env)).toBe(url);
  });

  it("is the bucket of the settings where the address names none", () => {
    const read = reading({ BACKUP_S3_BUCKET: "depot" });
    expect(parseBucketAddress("s3:///some/place/", read)).toEqual({ bucket: "depot", prefix: "some/place" });
    expect(parseBucketAddress("s3://", read)).toEqual({ bucket: "depot", prefix: "" });
    expect(parseBucketAddress("S3://other", read)).toEqual({ bucket: "other", prefix: "" });
  });
});

describe("a setting that is wrong", () => {
  it.each<[string, string, Env, string]>([
    ["no bucket", "s3://", {}, "The address s3:/// names no bucket, and BACKUP_S3_BUCKET is not set."],
    ["no address", "s3:depot", {}, '"s3:depot" is no address of a bucket.'],
    ["a name that no bucket has", "s3://De_pot", {}, '"De_pot" cannot be the name of a bucket'],
    ["a way out of the place", "s3://depot/a/../b", {}, '"a/../b" cannot be a place in a bucket'],
    ["nothing between two slashes", "s3://depot/a//b", {}, '"a//b" cannot be a place in a bucket'],
    ["no key", "s3://depot", { AWS_ACCESS_KEY_ID: "" }, "AWS_ACCESS_KEY_ID is not set."],
    [
      "a key with a line end",
      "s3://depot",
      { AWS_SESSION_TOKEN: "abc\nhidden" },
      "AWS_SESSION_TOKEN holds characters",
    ],
    [
      "an endpoint without a scheme",
      "s3://depot",
      { BACKUP_S3_ENDPOINT: "minio:9000" },
      "BACKUP_S3_ENDPOINT is not an address",
    ],
    [
      "an endpoint with credentials",
      "s3://depot",
      { BACKUP_S3_ENDPOINT: "https://me:hidden@host" },
      "BACKUP_S3_ENDPOINT holds more than a host",
    ],
    [
      "a region",
      "s3://depot",
      { BACKUP_S3_REGION: "eu central" },
      'BACKUP_S3_REGION is "eu central", which is no region.',
    ],
    ["a style", "s3://depot", { BACKUP_S3_PATH_STYLE: "yes" }, 'BACKUP_S3_PATH_STYLE is "yes"'],
  ])("is told in one sentence: %s", (_, address, env, says) => {
    const read = (name: string) => reading(env)(name) || undefined;
    const open = () => bucketSettings(parseBucketAddress(address, read), read);
    expect(open).toThrow(says);
    expect(open).toThrow(
      expect.objectContaining({ code: "invalid_input", hint: expect.stringMatching(/\w/) }),
    );
    expect(open).not.toThrow("hidden");
  });
});
