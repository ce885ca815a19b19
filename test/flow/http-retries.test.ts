import { describe, expect, it } from "vitest";
import { callersOf, callOver, startService, type TestService, WRITER } from "../helpers/http-service.ts";
import { newProject } from "../helpers/store.ts";

const CALLERS = callersOf({ w: WRITER, o: { ...WRITER, name: "other", tokenId: "tok_other" } });

async function start() {
  const service = await startService({ authenticator: CALLERS });
  return { service, project: await newProject(service.storage) };
}

/** What recording a note answers; `key` is its retry key. */
async function record(
  service: TestService,
  { token = "w", key, project, text }: { token?: string; key?: string; project: string; text: string },
) {
  const args = { type: "note", data: { text }, project };
  const headers: Record<string, string> = key === undefined ? {} : { "idempotency-key": key };
  const answer = await (await callOver(service, token, "record_event", args, "core", headers)).text();
  return /"ref":"([^"]+)"/.exec(answer)?.[1] ?? answer;
}

async function count(service: TestService, project: string): Promise<number> {
  const answer = await (await callOver(service, "w", "query_events", { project, limit: 50 })).text();
  return new Set([...answer.matchAll(/"ref":"([^"\\]+)"/g)].map(([, ref]) => ref)).size;
}

describe("a call to record an event that is sent again", () => {
  it("is recorded once under its key, also when both come at once", async () => {
    const { service, project } = await start();
    const again = { key: "k-1", project, text: "The pier holds." };
    const first = await record(service, again);
    expect(first).toMatch(/^\S{3,20}$/);
    expect(await record(service, again)).toBe(first);
    const both = { ...again, key: "k-2" };
    const [one, other] = await Promise.all([record(service, both), record(service, both)]);
    expect([one === first, one === other]).toEqual([false, true]);
    expect(await count(service, project)).toBe(2);
  });

  it("is another one under another key, without a key, and with another token", async () => {
    const { service, project } = await start();
    const said = { project, text: "The pier holds." };
    const calls = [{ key: "k-1" }, { key: "k-2" }, {}, {}, { key: "k-1", token: "o" }];
    for (const each of calls) await record(service, { ...said, ...each });
    expect(await count(service, project)).toBe(5);
  });

  it("is a conflict when its key was used for something else", async () => {
    const { service, project } = await start();
    await record(service, { key: "k-1", project, text: "The pier holds." });
    const refused = await record(service, { key: "k-1", project, text: "The pier is down." });
    expect(refused).toContain("This retry key was used for another event");
    expect(await count(service, project)).toBe(1);
  });
});
