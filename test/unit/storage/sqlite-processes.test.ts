import { chmodSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { SqliteStorage } from "../../../lib/storage/sqlite/adapter.ts";
import { canWorkAs, type NodeProcess, startNode } from "../../helpers/node-process.ts";
import {
  context,
  eventDraft,
  newProject,
  nextProjectId,
  type nextRowId,
  projectDraft,
  tempFolder,
  write,
} from "../../helpers/store.ts";

/** Opens the store of the first argument; the rest of each script uses `storage`. */
const OPEN = `
  const { SqliteStorage } = await dist("lib/storage/sqlite/adapter.js");
  const { createHash, randomBytes } = await import("node:crypto");
  const { rowIdFrom } = await dist("lib/domain/ids.js");
  const { contentHashOf } = await dist("lib/domain/document.js");
  const [file, project] = args;
  const at = "2026-03-01T12:00:00.000Z";
  const rowOf = (summary) => ({ id: rowIdFrom(Date.now(), randomBytes(16)), project, type: "note", summary,
    data: { text: summary }, tags: [], files: [], occurredAt: at, recordedAt: at });
  const hashed = (row) => ({ ...row, contentHash: contentHashOf(row) });
  const event = (summary) => ({
    draft: { kind: "event", row: hashed(rowOf(summary)) },
    operation: "create", expectedRevision: 0, slugs: [],
    chunks: [{ ordinal: 0, heading: "h", text: summary, terms: "common", length: 1,
      textHash: createHash("sha256").update(summary).digest("hex"), date: at, eventType: "note", hidden: false }],
  });
  const open = (options) => SqliteStorage.open({ file, thread: "inline", ...options });
`;

/** The user `nobody` when this test runs as root, whom permissions do not hold back. */
const UNPRIVILEGED = process.getuid?.() === 0 ? 65534 : undefined;

async function storeWithOneEvent() {
  const folder = tempFolder();
  const file = join(folder, "knowledge.db");
  const storage = await SqliteStorage.open({ file, thread: "inline" });
  const project = await newProject(storage);
  const draft = eventDraft(project, { summary: "The one" });
  await storage.transaction(context(project), [write(draft)]);
  await storage.close();
  return { folder, file, project, draft };
}

describe("many processes on one store", () => {
  it("16 of them open an absent file at once, migrate it once and lose no write", async () => {
    const file = join(tempFolder(), "new", "knowledge.db");
    const draft = projectDraft();
    const body = `${OPEN}
      const storage = await open();
      await storage.projects.register({ id: project, name: "P", keys: ["k"], roots: ["/" + args[2]], createdAt: at });
      for (let i = 0; i < 5; i++) await storage.transaction({ project, at, actor: args[2] }, [event(args[2] + i)]);
      await storage.close();
      console.log("done");
    `;
    const processes = Array.from({ length: 16 }, (_, i) => startNode(body, [file, draft.id, `p${i}`]));
    const ends = await Promise.all(processes.map(({ ended }) => ended));
    for (const { output, errors } of ends) expect(`${output}${errors}`).toBe("done\n");
    const storage = await SqliteStorage.open({ file, thread: "inline" });
    onTestFinished(() => storage.close());
    expect(await storage.projects.counts(draft.id)).toMatchObject({ events: 80, chunks: 80 });
    expect((await storage.projects.findById(draft.id))?.roots).toHaveLength(16);
    expect(await storage.changes.seal(draft.id, "2026-03-01T12:00:00.000Z")).toBe(80);
    expect(await storage.upkeep.check()).toEqual([]);
  }, 120_000);

  it("keeps every acknowledged write of a process that is killed", async () => {
    const { file, project } = await storeWithOneEvent();
    const body = `${OPEN}
      const storage = await open();
      for (;;) {
        const [result] = await storage.transaction({ project, at, actor: "x" }, [event("e" + Math.random())]);
        process.stdout.write(result.id + "\\n");
      }
    `;
    const writers = [startNode(body, [file, project]), startNode(body, [file, project])];
    await Promise.all(writers.map((writer) => printed(writer, 30)));
    for (const { child } of writers) child.kill("SIGKILL");
    const ends = await Promise.all(writers.map(({ ended }) => ended));
    const acknowledged = ends.flatMap(({ output }) =>
      output.split("\n").filter((line) => line.length === 36),
    );
    expect(acknowledged.length).toBeGreaterThanOrEqual(60);
    const storage = await SqliteStorage.open({ file, thread: "inline" });
    onTestFinished(() => storage.close());
    const ids = acknowledged.map((id) => id as ReturnType<typeof nextRowId>);
    expect(await storage.events.byIds(project, ids)).toHaveLength(acknowledged.length);
    expect(await storage.upkeep.check()).toEqual([]);
  }, 120_000);
});

describe("a place without write permission", () => {
  const read = `${OPEN}
    const storage = await open();
    const { items } = await storage.events.query({ projects: [project] }, { limit: 5 });
    const seq = await storage.changes.seal(project, at);
    const error = await storage.transaction({ project, at, actor: "x" }, [event("x")]).catch((e) => e);
    await storage.close();
    console.log(JSON.stringify([items.map((item) => item.summary), seq, error.code, error.message]));
  `;

  it.runIf(process.platform !== "win32" && canWorkAs(UNPRIVILEGED)).each([
    ["the file", 0o444, 0o755],
    ["the folder", 0o644, 0o555],
    ["both", 0o444, 0o555],
  ])("still reads when %s is read-only, and refuses to write with a sentence", async (_, file, folder) => {
    const store = await storeWithOneEvent();
    chmodSync(store.file, file);
    chmodSync(store.folder, folder);
    onTestFinished(() => chmodSync(store.folder, 0o700));
    const { output, errors } = await startNode(read, [store.file, store.project], { uid: UNPRIVILEGED })
      .ended;
    expect(errors).toBe("");
    expect(JSON.parse(output)).toEqual([
      ["The one"],
      0,
      "unavailable",
      expect.stringContaining("reading only"),
    ]);
  });

  it.runIf(process.platform !== "win32" && canWorkAs(UNPRIVILEGED))(
    "cannot hold a new store, and says so",
    async () => {
      const folder = tempFolder();
      chmodSync(folder, 0o555);
      onTestFinished(() => chmodSync(folder, 0o700));
      const body = `${OPEN}
      const error = await open().catch((e) => e);
      console.log(JSON.stringify([error.code, error.message]));
    `;
      const { output } = await startNode(body, [join(folder, "knowledge.db"), ""], { uid: UNPRIVILEGED })
        .ended;
      expect(JSON.parse(output)).toEqual(["unavailable", expect.stringContaining("permission is denied")]);
    },
  );
});

describe("the database thread", () => {
  const body = (rest: string) => `${OPEN} const storage = await open({ thread: "worker" }); ${rest}`;

  it("does not keep a process alive that forgets to close", async () => {
    const { file, project } = await storeWithOneEvent();
    const { ended } = startNode(body(`console.log((await storage.projects.list()).length);`), [
      file,
      project,
    ]);
    expect(await ended).toEqual({ code: 0, output: "1\n", errors: "" });
  });

  it("keeps a process alive while a call is under way", async () => {
    const { file, project } = await storeWithOneEvent();
    const rest = `storage.projects.list().then((list) => console.log(list.length));`;
    expect(await startNode(body(rest), [file, project]).ended).toEqual({
      code: 0,
      output: "1\n",
      errors: "",
    });
  });

  it("ends with the store: nothing is left running after close", async () => {
    const { file, project } = await storeWithOneEvent();
    const rest = `await storage.close(); await storage.close();
      const left = process.getActiveResourcesInfo().filter((name) => /Worker|MessagePort|Timeout/.test(name));
      console.log(left.length);`;
    expect(await startNode(body(rest), [file, project]).ended).toEqual({
      code: 0,
      output: "0\n",
      errors: "",
    });
  });

  it("carries errors across with all their fields", async () => {
    const { file, project } = await storeWithOneEvent();
    const storage = await SqliteStorage.open({ file, thread: "worker" });
    onTestFinished(() => storage.close());
    const draft = eventDraft(project);
    await storage.transaction(context(project), [write(draft)]);
    const attempt = storage.transaction(context(project), [write(draft)]);
    await expect(attempt).rejects.toMatchObject({
      name: "KnowledgeError",
      code: "conflict",
      hint: expect.stringContaining("Read it again"),
      current: { id: draft.row.id, revision: 1 },
    });
    const foreign = storage.transaction(context(nextProjectId()), [write(eventDraft(project))]);
    await expect(foreign).rejects.toMatchObject({ code: "not_found", field: "project" });
  });

  it("fails to open with the engine's own sentence", async () => {
    const attempt = SqliteStorage.open({ file: tempFolder(), thread: "worker" });
    await expect(attempt).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("folder"),
    });
  });

  it.each(["inline", "worker"] as const)("refuses calls after close (%s)", async (thread) => {
    const { file } = await storeWithOneEvent();
    const storage = await SqliteStorage.open({ file, thread });
    await storage.close();
    await expect(storage.projects.list()).rejects.toMatchObject({ code: "unavailable" });
  });

  it("fails calls that are under way when the store is closed, and ends soon", async () => {
    const { file } = await storeWithOneEvent();
    const storage = await SqliteStorage.open({ file, thread: "worker" });
    const calls = Array.from({ length: 200 }, () => storage.upkeep.check());
    const outcomes = Promise.allSettled(calls);
    await storage.close();
    const last = (await outcomes).at(-1);
    expect(last).toMatchObject({ status: "rejected", reason: { code: "unavailable" } });
  });
});

/** Waits until a process has printed so many lines. */
async function printed({ output, ended }: NodeProcess, lines: number): Promise<void> {
  let over = false;
  void ended.then(() => {
    over = true;
  });
  while (!over && output().split("\n").length <= lines) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
