import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { NO_ONE_PROJECT } from "../../../lib/domain/audit.ts";
import { KnowledgeError } from "../../../lib/domain/error.ts";
import { DEFAULT_TENANT } from "../../../lib/domain/ids.ts";
import { openAuditLog } from "../../../lib/server/audit-log.ts";
import type { CallRecord } from "../../../lib/server/caller.ts";
import { nextProjectId, after as second } from "../../helpers/store.ts";

const OTHER = "5d7b1c1e-0000-4000-8000-00000000000a";

function callBy(tenant: string, over: Partial<CallRecord> = {}): CallRecord {
  const caller = { tenant, name: "bob", tokenId: "t-1", scopes: "read", projects: "all" } as const;
  return { at: second(0), caller, tool: "resume_work", outcome: "ok", durationMs: 1.234_567, ...over };
}

/** An audit that remembers, and fails as long as it is told to. */
function remembering() {
  const written: (readonly [tenant: string, tools: readonly string[]])[] = [];
  const sealed: string[] = [];
  const said: string[] = [];
  const state: { failure: Error | undefined; busy: boolean } = { failure: undefined, busy: false };
  const log = openAuditLog({
    audit: {
      record: async (tenant, calls) => {
        if (state.failure !== undefined) throw state.failure;
        written.push([tenant, calls.map(({ tool }) => tool)]);
      },
      seal: async ({ tenant, project }) => {
        if (!state.busy) sealed.push(`${tenant} ${project}`);
        return !state.busy;
      },
    },
    clock: () => Date.parse(second(5)),
    log: { warn: (text) => void said.push(text), error: (text) => void said.push(text) },
  });
  return { log, written, sealed, said, state };
}

describe("the log of calls", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("writes a second's calls in one batch a tenant, and seals them later", async () => {
    const { log, written, sealed } = remembering();
    const project = nextProjectId();
    log.record(callBy(DEFAULT_TENANT, { tool: "one", project }));
    log.record(callBy(OTHER, { tool: "theirs" }));
    log.record(callBy(DEFAULT_TENANT, { tool: "two", project }));
    expect(written).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(written).toEqual([
      [DEFAULT_TENANT, ["one", "two"]],
      [OTHER, ["theirs"]],
    ]);
    expect(sealed).toEqual([]);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(sealed).toEqual([`${DEFAULT_TENANT} ${project}`, `${OTHER} ${NO_ONE_PROJECT}`]);
    await vi.advanceTimersByTimeAsync(90_000);
    expect(written).toHaveLength(2);
    expect(sealed).toHaveLength(2);
  });

  it("gives a store that is busy at the end some more chances, and gives up in the end", async () => {
    const { log, written, state } = remembering();
    state.failure = new KnowledgeError("unavailable", "The database is too busy.");
    log.record(callBy(DEFAULT_TENANT));
    const flushed = log.flush();
    await vi.advanceTimersByTimeAsync(200);
    expect(written).toEqual([]);
    state.failure = undefined;
    await vi.advanceTimersByTimeAsync(400);
    expect(written).toHaveLength(1);
    await flushed;
    state.failure = new KnowledgeError("unavailable", "The database is away.");
    log.record(callBy(DEFAULT_TENANT));
    const inVain = log.flush();
    await vi.advanceTimersByTimeAsync(5_000);
    await inVain;
    expect(written).toHaveLength(1);
  });

  it("ends within seconds where the store does not answer, and says how many calls are lost", async () => {
    const said: unknown[] = [];
    const log = openAuditLog({
      audit: { record: () => new Promise(() => undefined), seal: async () => true },
      clock: () => Date.parse(second(5)),
      log: { warn: () => undefined, error: (...words) => void said.push(words) },
    });
    log.record(callBy(DEFAULT_TENANT));
    log.record(callBy(OTHER));
    const flushed = log.flush();
    await vi.advanceTimersByTimeAsync(3_000);
    await flushed;
    expect(said).toEqual([["Calls are not in the audit: the store was away at the end.", { calls: 2 }]]);
  });

  it("writes and seals everything at once when it is flushed", async () => {
    const { log, written, sealed } = remembering();
    log.record(callBy(DEFAULT_TENANT));
    await log.flush();
    expect(written).toHaveLength(1);
    expect(sealed).toHaveLength(1);
  });

  it("keeps calls while the store is away, and writes each once when it is back", async () => {
    const { log, written, said, state } = remembering();
    state.failure = new KnowledgeError("unavailable", "Away.");
    log.record(callBy(DEFAULT_TENANT, { tool: "before" }));
    await vi.advanceTimersByTimeAsync(5_000);
    log.record(callBy(DEFAULT_TENANT, { tool: "meanwhile" }));
    expect(written).toEqual([]);
    expect(said.length).toBeGreaterThan(1);
    state.failure = undefined;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(written).toEqual([[DEFAULT_TENANT, ["before", "meanwhile"]]]);
  });

  it("lets go of what the store refuses, and says so, so that nothing else waits for it", async () => {
    const { log, written, said, state } = remembering();
    state.failure = new KnowledgeError("not_found", "No such tenant.");
    log.record(callBy(OTHER));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(said).toEqual(["Calls are not in the audit: the store refuses them."]);
    state.failure = undefined;
    log.record(callBy(DEFAULT_TENANT));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(written).toEqual([[DEFAULT_TENANT, ["resume_work"]]]);
  });

  it("comes back to what another process was sealing", async () => {
    const { log, sealed, state } = remembering();
    state.busy = true;
    log.record(callBy(DEFAULT_TENANT));
    await vi.advanceTimersByTimeAsync(40_000);
    expect(sealed).toEqual([]);
    state.busy = false;
    await vi.advanceTimersByTimeAsync(30_000);
    expect(sealed).toHaveLength(1);
  });
});
