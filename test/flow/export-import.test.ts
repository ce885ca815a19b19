import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { importStore } from "../../lib/knowledge/import-store.ts";
import { SqliteStorage } from "../../lib/storage/sqlite/adapter.ts";
import { makeCommandLine } from "../helpers/command-line.ts";
import { asExport, HASH } from "../helpers/export-lines.ts";

/** A store with some documents, and a second, empty one. */
async function filled() {
  const cli = makeCommandLine();
  cli.put(
    "project/docs/PLAN_pier.md",
    "---\nstatus: ACTIVE\n---\n# Build a pier\n\nStart at the [wall](wall.md).\n",
  );
  cli.put("project/docs/wall.md", "# Learned: walls first\n\nA pier needs a wall.\n");
  await cli.type(["index", "--no-embed"]);
  await cli.type(["record-event", "--type", "note", "--data", '{"text":"low tide","10":1,"9":2}']);
  await cli.type(["update-plan", "PLAN_pier", "--status", "paused"]);
  const other = { env: { AIKNOWSYS_HOME: cli.folderOf("other-home") } };
  const json = async (args: readonly string[], options = {}) => {
    const { status, out } = await cli.type([...args, "--json"], options);
    return { status, ...JSON.parse(out) };
  };
  const file = (name: string) => join(cli.folderOf("project"), name);
  return { ...cli, other, json, file };
}

const lines = (text: string) => text.trimEnd().split("\n");

describe("export-db and import-db", () => {
  it("carry a store into another one, byte for byte, once", async () => {
    const { json, file, other } = await filled();
    const written = await json(["export-db", "--output", "a.jsonl"]);
    expect(written).toMatchObject({ status: 0, ok: true, counts: { project: 1, plan: 1, event: 1 } });
    const read = await json(["import-db", "--input", "a.jsonl"], other);
    expect(read).toMatchObject({
      status: 0,
      ok: true,
      found: written.found,
      done: written.found,
      failed: [],
    });
    await json(["export-db", "--output", "b.jsonl"], other);
    expect(readFileSync(file("b.jsonl"), "utf8")).toBe(readFileSync(file("a.jsonl"), "utf8"));
    const again = await json(["import-db", "--input", "a.jsonl"], other);
    expect(again).toMatchObject({ status: 0, found: written.found, done: 0, unchanged: written.found });
    const { results } = await json(["search", "low tide"], other);
    expect(results).toHaveLength(1);
  });

  it("say nothing of time, tenant or place in the header, and count and hash in the trailer", async () => {
    const { json, file } = await filled();
    await json(["export-db", "--output", "a.jsonl"]);
    const all = lines(readFileSync(file("a.jsonl"), "utf8"));
    expect(all[0]).toBe('{"format":1,"product":"aiknowsys","record":"header"}');
    const end = JSON.parse(all.at(-1) ?? "");
    expect(end).toMatchObject({ record: "end", counts: { project: 1, plan: 1 } });
    expect(Object.keys(end.hashes)).toEqual(Object.keys(end.counts));
  });

  it("pack by the file's ending", async () => {
    const { json, file, other } = await filled();
    await json(["export-db", "--output", "a.jsonl"]);
    await json(["export-db", "--output", "a.jsonl.gz"]);
    expect(gunzipSync(readFileSync(file("a.jsonl.gz"))).equals(readFileSync(file("a.jsonl")))).toBe(true);
    expect(await json(["import-db", "--input", "a.jsonl.gz"], other)).toMatchObject({ status: 0, ok: true });
    const zstd = await json(["export-db", "--output", "a.jsonl.zst"]);
    // Newer versions of Node.js have zstd.
    if (zstd.status !== 0)
      expect(zstd.error).toMatchObject({ code: "unsupported", hint: expect.stringContaining(".gz") });
    else expect(await json(["import-db", "--input", "a.jsonl.zst"])).toMatchObject({ status: 0, done: 0 });
  });

  it.each([["a.jsonl"], ["a.jsonl.gz"]])(
    "take what is whole of a file cut off in the middle: %s",
    async (name) => {
      const { json, file, other } = await filled();
      await json(["export-db", "--output", name]);
      const whole = readFileSync(file(name));
      const plain = name.endsWith(".gz") ? gunzipSync(whole) : whole;
      const keep = plain.subarray(0, plain.lastIndexOf('"record":"passage"'));
      const cut = name.endsWith(".gz") ? gzipSync(keep).subarray(0, -9) : keep;
      writeFileSync(file(name), cut);
      const report = await json(["import-db", "--input", name], other);
      const line = lines(keep.toString()).length;
      expect(report).toMatchObject({ status: 6, ok: false, cut: { line } });
      expect(report.done).toBeGreaterThan(5);
      expect(report.done).toBeLessThanOrEqual(line - 2);
    },
  );

  it.each([
    ["changed", (all: string[]) => all.map((line) => line.replace("low tide", "high tide")), "another hash"],
    ["missing", (all: string[]) => all.filter((line) => !line.includes('"record":"file"')), "counts 2"],
    ["added", (all: string[]) => [...all, "{}"], "after the end"],
  ])("notice lines that were %s since the export", async (_, edit, reason) => {
    const { json, file, other } = await filled();
    await json(["export-db", "--output", "a.jsonl"]);
    const edited = edit(lines(readFileSync(file("a.jsonl"), "utf8")));
    writeFileSync(file("a.jsonl"), `${edited.join("\n")}\n`);
    const report = await json(["import-db", "--input", "a.jsonl"], other);
    expect(report).toMatchObject({ status: 6, ok: false });
    expect(report.failed.map((item: { reason: string }) => item.reason).join()).toContain(reason);
  });

  it("read line ends of another system, a byte order mark and blank lines, and name them, not the lines", async () => {
    const { json, file, other } = await filled();
    const { found } = await json(["export-db", "--output", "a.jsonl"]);
    const text = readFileSync(file("a.jsonl"), "utf8");
    const edited = `\ufeff${text.replaceAll("\n", "\r\n").replace('{"actor"', '\r\n\r\n{"actor"')}\r\n`;
    writeFileSync(file("a.jsonl"), edited);
    const report = await json(["import-db", "--input", "a.jsonl"], other);
    expect(report).toMatchObject({ status: 0, ok: true, found, done: found, failed: [] });
    expect(report.warnings).toEqual([
      { item: "file", reason: expect.stringContaining("CRLF") },
      { item: "file", reason: "has blank lines (3), which were passed over" },
    ]);
    expect(await json(["verify", "--against", "a.jsonl"])).toMatchObject({ status: 0, equal: true });
    writeFileSync(file("a.jsonl"), edited.replace("low tide", "high tide"));
    const changed = await json(["import-db", "--input", "a.jsonl"], { env: { AIKNOWSYS_HOME: "third" } });
    expect(changed).toMatchObject({ status: 6, warnings: [{}, {}] });
    expect(changed.failed.map(({ reason }: { reason: string }) => reason).join()).toContain("another hash");
  });

  it("name a row that stands with other content, and settle it as asked", async () => {
    const { json, other, type } = await filled();
    await json(["export-db", "--output", "a.jsonl"]);
    await json(["import-db", "--input", "a.jsonl"], other);
    const here = { ...other, in: "project" };
    await type(["update-plan", "PLAN_pier", "--title", "Build two piers", "--status", "complete"], here);
    const title = async () => (await json(["show", "PLAN_pier"], here)).title;

    const refused = await json(["import-db", "--input", "a.jsonl"], other);
    expect(refused).toMatchObject({ status: 6, ok: false, done: 0 });
    expect(refused.failed).toHaveLength(1);
    expect(refused.failed[0]).toMatchObject({
      item: expect.stringMatching(/^plan pln_/),
      reason: expect.stringContaining("stands with other content"),
      line: expect.any(Number),
    });
    const kept = await json(["import-db", "--input", "a.jsonl", "--on-conflict", "keep"], other);
    expect(kept).toMatchObject({ status: 0, done: 0, failed: [] });
    const newer = await json(["import-db", "--input", "a.jsonl", "--on-conflict", "newer"], other);
    expect(newer).toMatchObject({ status: 0, done: 0, failed: [] });
    expect(await title()).toBe("Build two piers");

    const dry = await json(
      ["import-db", "--input", "a.jsonl", "--on-conflict", "replace", "--dry-run"],
      other,
    );
    expect(dry).toMatchObject({ status: 0, kinds: { plan: { done: 1 } } });
    expect(await title()).toBe("Build two piers");
    const replaced = await json(["import-db", "--input", "a.jsonl", "--on-conflict", "replace"], other);
    expect(replaced).toMatchObject({ status: 0, kinds: { plan: { done: 1 }, revision: { done: 0 } } });
    expect(await title()).toBe("Build a pier");
    const { entries } = await json(["history", "PLAN_pier"], here);
    expect(entries.map(({ revision }: { revision: number }) => revision)).toEqual([1, 2, 3, 4]);
    expect(await json(["doctor"], other)).toMatchObject({ status: 0, ok: true });
  });

  const EVENT = "aaaaaaaa-0000-7000-8000-00000000000";
  const event = (nth: number, more: object = {}) => ({
    ...{
      record: "event",
      project: "PROJECT",
      id: `${EVENT}${nth}`,
      ref: `evt_aaaaaaa${"abcdefgh"[nth]}`,
      type: "note",
    },
    ...{ summary: "s", data: { text: "t" }, tags: [], files: [], revision: 1, contentHash: HASH },
    ...{ occurredAt: "2026-01-01T00:00:00.000Z", recordedAt: "2026-01-01T00:00:00.000Z", ...more },
  });
  it.each([
    ["a text with U+0000", event(1, { summary: "a\u0000b" }), { warnings: /U\+2400/ }],
    ["half a surrogate pair", event(1, { data: { text: "\ud800" } }), { warnings: /U\+FFFD/ }],
    [
      "a date that there is not",
      event(1, { occurredAt: "2026-02-30T00:00:00.000Z" }),
      { failed: /occurredAt/ },
    ],
    ["a date in another spelling", event(1, { occurredAt: "1 January 2026" }), { failed: /occurredAt/ }],
    ["an unknown type", event(1, { type: "thought" }), { failed: /type/ }],
    ["a member that is not known", event(1, { colour: "red" }), { failed: /colour/ }],
    ["an id in capitals", event(1, { id: `${EVENT}1`.toUpperCase() }), { failed: /id/ }],
    [
      "a project that is not there",
      event(1, { project: `${EVENT}9` }),
      { failed: /project that is not there/ },
    ],
    ["a kind that is not known", { record: "dream" }, { failed: /known kind \(dream\)/ }],
    [
      "history of no row",
      { record: "revision", project: "PROJECT", kind: "event", id: `${EVENT}7`, revision: 1, body: "{}" },
      { failed: /row that is not there/ },
    ],
    [
      "a vector of no space",
      {
        ...{ record: "vector", project: "PROJECT", kind: "event", id: `${EVENT}7`, ordinal: 0 },
        ...{ space: "0".repeat(64), textHash: "t", embedding: "AACAPw==" },
      },
      { failed: /space that is not there/ },
    ],
  ])("take a record by a rule or name it: %s", async (_, record, expected) => {
    const { json, put, file } = await filled();
    await json(["export-db", "--output", "a.jsonl"]);
    const { id } = JSON.parse(lines(readFileSync(file("a.jsonl"), "utf8"))[1] ?? "");
    put("project/hand-made.jsonl", asExport([JSON.parse(JSON.stringify(record).replaceAll("PROJECT", id))]));
    const report = await json(["import-db", "--input", "hand-made.jsonl"]);
    const [list = "", reason = /./] = Object.entries(expected)[0] ?? [];
    expect(report.status).toBe(list === "warnings" ? 0 : 6);
    expect(report[list][0]).toMatchObject({ line: 2, reason: expect.stringMatching(reason) });
  });

  it("say that they were interrupted, and are not ok then", async () => {
    const { json, file } = await filled();
    await json(["export-db", "--output", "a.jsonl"]);
    const storage = await SqliteStorage.open({ file: file("other.db"), thread: "inline" });
    onTestFinished(() => storage.close());
    const request = { input: file("a.jsonl"), signal: AbortSignal.abort() };
    const report = await importStore({ storage, clock: () => 0, actor: "mover" }, request);
    expect(report).toMatchObject({ ok: false, interrupted: true, failed: [] });
    const whole = await importStore({ storage, clock: () => 0, actor: "mover" }, { input: file("a.jsonl") });
    expect(whole).toMatchObject({ ok: true });
    expect(whole).not.toHaveProperty("interrupted");
  });

  it("are proved equal by verify, or told apart", async () => {
    const { json, file, other, type } = await filled();
    const { found } = await json(["export-db", "--output", "a.jsonl.gz"]);
    await json(["import-db", "--input", "a.jsonl.gz"], other);
    const store = join(other.env.AIKNOWSYS_HOME, "knowledge.db");
    for (const place of ["a.jsonl.gz", store]) {
      const same = await json(["verify", "--against", place]);
      expect(same).toMatchObject({ status: 0, equal: true, differences: [] });
      const kinds: readonly { here: number; hashHere: string; hashThere: string }[] = Object.values(
        same.perKind,
      );
      expect(kinds.reduce((sum, { here }) => sum + here, 0)).toBe(found);
      for (const { hashHere, hashThere } of kinds) expect(hashHere).toBe(hashThere);
    }
    await type(["update-plan", "PLAN_pier", "--status", "complete"]);
    for (const place of ["a.jsonl.gz", store]) {
      const { status, equal, perKind, differences } = await json(["verify", "--against", place]);
      expect({ status, equal }).toEqual({ status: 6, equal: false });
      expect(perKind).toMatchObject({
        plan: { differing: 1 },
        revision: { onlyHere: 1 },
        event: { equal: 1 },
      });
      const plan = { kind: "plan", what: "differs", members: expect.arrayContaining(["status"]) };
      expect(differences).toContainEqual(expect.objectContaining(plan));
    }
    writeFileSync(file("cut.jsonl"), gunzipSync(readFileSync(file("a.jsonl.gz"))).subarray(0, -30));
    const cut = await json(["verify", "--against", "cut.jsonl"], other);
    expect(cut).toMatchObject({ status: 6, equal: false, differences: [], faults: [{ line: found + 2 }] });
  });
});
