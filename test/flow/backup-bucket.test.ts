import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Asked, openBucketService, type ServiceOptions } from "../helpers/bucket-service.ts";
import { makeCommandLine } from "../helpers/command-line.ts";

const PLACE = "s3://depot/team/backups";
const SECRET = "a-secret/with+signs=";
const TOKEN = "session-token-of-the-tests";

/** A store with some documents, and a service with a bucket. */
async function filled(options: ServiceOptions = {}) {
  const cli = makeCommandLine();
  const service = await openBucketService(options);
  const home = join(cli.env.AIKNOWSYS_HOME);
  let said = "";
  const json = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const { status, out, err } = await cli.type([...args, "--json", "--verbose"], {
      env: { ...service.env, ...env },
    });
    said += `${out}${err}`;
    return { status, ...JSON.parse(out) };
  };
  const lock = (await json(["create-plan", "--title", "Build a lock"])).ref;
  const names = () => [...service.objects.keys()].map((key) => key.replace("depot/team/backups/", "")).sort();
  const backups = join(home, "backups");
  const left = () => (existsSync(backups) ? readdirSync(backups) : []).filter((name) => name.startsWith("."));
  const at = (name: string) => join(cli.folderOf("project"), name);
  return { ...cli, ...service, home, json, lock, names, left, at, said: () => said };
}

describe("backup into a bucket", () => {
  it("stands there with its checksum, restores from there, and leaves nothing on the way", async () => {
    const { json, names, left, objects, lock, at } = await filled();
    const report = await json(["backup", "--output", PLACE]);
    expect(report).toMatchObject({ status: 0, ok: true, rows: { plans: 1 }, deleted: [], warnings: [] });
    expect(report.path).toMatch(
      /^s3:\/\/depot\/team\/backups\/aiknowsys-\d{8}T\d{9}Z-sqlite-[0-9a-f]{8}\.db$/,
    );
    const name = report.path.replace(`${PLACE}/`, "");
    expect(names()).toEqual([name, `${name}.sha256`]);
    expect(objects.get(`depot/team/backups/${name}.sha256`)?.toString()).toBe(`${report.sha256}  ${name}\n`);
    expect(left()).toEqual([]);
    const restored = await json(["restore", report.path, "--into", "drill.db"]);
    expect(restored).toMatchObject({ status: 0, ok: true, backup: report.path, into: at("drill.db") });
    expect(await json(["verify", "--against", "drill.db"])).toMatchObject({ status: 0, equal: true });
    expect((await json(["show", lock, "--db", "drill.db"])).title).toBe("Build a lock");
    expect(left()).toEqual([]);
  });

  it("removes what killed processes left on the way, but not what another one works with", async () => {
    const { json, left, home } = await filled();
    const [abandoned, inUse] = [".bucket-kill9a", ".bucket-inuse1"];
    for (const name of [abandoned, inUse]) {
      mkdirSync(join(home, "backups", name), { recursive: true });
      writeFileSync(join(home, "backups", name, "half-a-backup.db"), "half");
    }
    const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000);
    utimesSync(join(home, "backups", abandoned), hoursAgo(25), hoursAgo(25));
    utimesSync(join(home, "backups", inUse), hoursAgo(23), hoursAgo(23));
    expect(await json(["backup", "--output", PLACE])).toMatchObject({ status: 0 });
    expect(left()).toEqual([inUse]);
  });

  it("keeps as many as asked of this store, and never deletes what it did not write", async () => {
    const { json, names, objects } = await filled({ pageSize: 3 });
    const [first, second] = [
      await json(["backup", "--output", PLACE]),
      await json(["backup", "--output", PLACE]),
    ];
    const foreign = [
      "notes.db",
      "aiknowsys-20200101T000000000Z-sqlite-00000000.db",
      "aiknowsys-20200101T000000000Z-sqlite-00000000.db.sha256",
      // As ours are named: one that was broken off, and one whose checksum is that of another.
      first.path.replace(/.*aiknowsys-\d{8}/, "aiknowsys-20200101"),
      first.path.replace(/.*aiknowsys-\d{8}/, "aiknowsys-20200102"),
      `${first.path.replace(/.*aiknowsys-\d{8}/, "aiknowsys-20200102")}.sha256`,
    ];
    for (const name of foreign) objects.set(`depot/team/backups/${name}`, Buffer.from("not ours"));
    const third = await json(["backup", "--output", PLACE, "--keep", "2"]);
    expect(third).toMatchObject({ status: 0, deleted: [first.path], warnings: [] });
    const kept = [second.path, third.path].map((path) => path.replace(`${PLACE}/`, ""));
    expect(names()).toEqual([...foreign, ...kept, ...kept.map((name) => `${name}.sha256`)].sort());
  });

  it("names what may not be deleted, and ends with 6", async () => {
    const { json } = await filled({
      fault: ({ method }) =>
        method === "DELETE" ? { is: "refuse", status: 403, code: "AccessDenied" } : undefined,
    });
    const first = await json(["backup", "--output", PLACE]);
    expect(await json(["backup", "--output", PLACE, "--keep", "1"])).toMatchObject({
      ...{ status: 6, ok: true, deleted: [] },
      warnings: [{ item: first.path, reason: expect.stringContaining("may not delete in the bucket depot") }],
    });
  });

  it("lists what is there, in a bucket and in a folder", async () => {
    const { json, type, env } = await filled();
    expect(await json(["backup", "--list", "--output", PLACE])).toEqual({
      status: 0,
      place: PLACE,
      backups: [],
    });
    const first = await json(["backup", "--output", PLACE]);
    const second = await json(["backup", "--output", PLACE]);
    const listed = await json(["backup", "--list", "--output", PLACE]);
    expect(listed.backups).toMatchObject([
      { path: first.path, bytes: first.bytes, engine: "sqlite" },
      { path: second.path, bytes: second.bytes, engine: "sqlite" },
    ]);
    const here = await json(["backup"]);
    expect((await json(["backup", "--list"])).backups).toMatchObject([
      { path: here.path, bytes: here.bytes },
    ]);
    expect((await type(["backup", "--list"], { env })).out).toContain(here.path);
    expect((await type(["backup", "--list", "--output", "empty"])).out).toMatch(
      /^No backups in .*empty\.\n$/,
    );
  });

  it("is deleted again when something else comes back than was sent", async () => {
    const isObject = ({ method, key }: Asked) => method === "GET" && key.endsWith(".db");
    const { json, names } = await filled({
      fault: (asked) => (isObject(asked) ? { is: "text", text: "something else" } : undefined),
    });
    expect(await json(["backup", "--output", PLACE])).toMatchObject({
      status: 5,
      error: {
        code: "corrupt",
        message: expect.stringMatching(/^Something else than was sent can be read from s3:/),
      },
    });
    expect(names()).toEqual([]);
  });
});

describe("restore from a bucket", () => {
  it("refuses a damaged backup, one without a checksum, and one that is not there; nothing is changed", async () => {
    const { json, objects, names, left, at } = await filled();
    const { path } = await json(["backup", "--output", PLACE]);
    const [name = "", checksum = ""] = names();
    const object = objects.get(`depot/team/backups/${name}`) ?? Buffer.of();
    const text = objects.get(`depot/team/backups/${checksum}`) ?? Buffer.of();
    const restore = () => json(["restore", path, "--into", "drill.db"]);
    const refusal = (code: string, says: string) => ({
      error: { code, message: expect.stringContaining(says) },
    });
    for (const place of [0, object.length >> 1, object.length - 1]) {
      const flipped = Buffer.from(object);
      flipped[place] = (flipped[place] ?? 0) ^ 1;
      objects.set(`depot/team/backups/${name}`, flipped);
      expect(await restore()).toMatchObject({
        status: 5,
        ...refusal("corrupt", `The backup ${path} is damaged`),
      });
    }
    objects.set(`depot/team/backups/${name}`, object.subarray(0, -1));
    expect(await restore()).toMatchObject({ status: 5, ...refusal("corrupt", "is damaged") });
    objects.set(`depot/team/backups/${checksum}`, Buffer.from(`0${text.toString()}`));
    expect(await restore()).toMatchObject({ status: 5, ...refusal("corrupt", `${path}.sha256 is damaged`) });
    objects.delete(`depot/team/backups/${checksum}`);
    expect(await restore()).toMatchObject({ status: 5, ...refusal("corrupt", "has no checksum beside it") });
    objects.delete(`depot/team/backups/${name}`);
    expect(await restore()).toMatchObject({
      status: 3,
      ...refusal("not_found", `There is no backup ${path}.`),
    });
    expect(left()).toEqual([]);
    expect(readdirSync(at("."))).toEqual([]);
  });

  it("never overwrites a store, and fetches nothing to find that out", async () => {
    const { json, asked, home } = await filled();
    const { path } = await json(["backup", "--output", PLACE]);
    const [store, before] = [join(home, "knowledge.db"), asked.length];
    const bytes = readFileSync(store);
    expect(await json(["restore", path])).toMatchObject({ status: 4, error: { code: "conflict" } });
    expect(asked).toHaveLength(before);
    expect(readFileSync(store).equals(bytes)).toBe(true);
    expect(await json(["restore", path, "--force"])).toMatchObject({ status: 0, kept: expect.any(String) });
  });
});

describe("what is wrong with a bucket is said in one sentence", () => {
  const skewed = { aheadMs: 3_600_000 };
  it.each<[string, ServiceOptions, Readonly<Record<string, string>>, number, string]>([
    [
      "an unknown key",
      {},
      { AWS_ACCESS_KEY_ID: "AKIDOTHER" },
      2,
      "does not know the key of AWS_ACCESS_KEY_ID.",
    ],
    ["a wrong secret", {}, { AWS_SECRET_ACCESS_KEY: `${SECRET}x` }, 2, "finds the signature wrong"],
    ["a token too many", {}, { AWS_SESSION_TOKEN: TOKEN }, 2, "finds AWS_SESSION_TOKEN wrong."],
    ["no such bucket", { buckets: ["other"] }, {}, 2, "There is no bucket depot at 127.0.0.1:"],
    [
      "another region",
      { region: "eu-west-1" },
      { BACKUP_S3_REGION: "us-east-1" },
      2,
      "The bucket depot is in the region eu-west-1, not in us-east-1.",
    ],
    ["a clock that is wrong", skewed, {}, 5, "by 60 minutes"],
    ["no key", {}, { AWS_ACCESS_KEY_ID: "" }, 2, "AWS_ACCESS_KEY_ID is not set."],
    [
      "no rights",
      { fault: () => ({ is: "refuse", status: 403, code: "AccessDenied" }) },
      {},
      2,
      "may not list in the bucket depot",
    ],
    [
      "another region, as a redirect",
      {
        fault: () => ({
          is: "refuse",
          status: 301,
          code: "PermanentRedirect",
          headers: { "x-amz-bucket-region": "eu-west-1" },
        }),
      },
      {},
      2,
      "is in the region eu-west-1",
    ],
    [
      "a temporary key that has expired",
      { fault: () => ({ is: "refuse", status: 400, code: "ExpiredToken" }) },
      {},
      2,
      "has expired.",
    ],
    [
      "something that is no such service",
      { fault: () => ({ is: "text", text: "<html>Welcome</html>" }) },
      {},
      5,
      "is no S3-compatible service",
    ],
    [
      "an operation that the service does not have",
      { fault: () => ({ is: "refuse", status: 501, code: "NotImplemented" }) },
      {},
      5,
      "answered 501 (NotImplemented)",
    ],
  ])("%s", async (_, options, env, status, says) => {
    const { json, asked, said, left } = await filled(options);
    const refused = await json(["backup", "--output", PLACE], env);
    expect(refused).toMatchObject({
      status,
      error: { message: expect.stringContaining(says), hint: expect.stringMatching(/\.$/) },
    });
    expect(refused.error.message).toMatch(/^[A-Z][^\n]*\.$/);
    expect(asked.length).toBeLessThanOrEqual(1);
    expect(left()).toEqual([]);
    for (const secret of [SECRET, TOKEN, "Signature=", "AWS4-HMAC"]) expect(said()).not.toContain(secret);
  });

  it("a name that nobody has, and a port where nobody listens", async () => {
    const { json } = await filled();
    const unreached = async (endpoint: string) =>
      json(["backup", "--output", PLACE], { BACKUP_S3_ENDPOINT: endpoint });
    expect(await unreached("http://nowhere.invalid")).toMatchObject({
      status: 5,
      error: {
        code: "unavailable",
        message: expect.stringMatching(/^The bucket service nowhere\.invalid cannot be reached/),
      },
    });
    expect(await unreached("http://127.0.0.1:1")).toMatchObject({
      status: 5,
      error: { code: "unavailable" },
    });
  });

  it("an address of a bucket without a name of a backup", async () => {
    const { json } = await filled();
    for (const address of ["s3://depot", "s3://depot/"])
      expect(await json(["restore", address, "--into", "drill.db"])).toMatchObject({ status: 2 });
  });
});
