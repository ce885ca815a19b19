import { expect, it } from "vitest";
import { type AuditedCall, NO_ONE_PROJECT } from "../../../lib/domain/audit.ts";
import { DEFAULT_TENANT, type ProjectId } from "../../../lib/domain/ids.ts";
import { FIRST_SEAL, sealHash } from "../../../lib/domain/seal.ts";
import {
  context,
  eventDraft,
  newProject,
  nextProjectId,
  after as second,
  write,
} from "../../helpers/store.ts";
import type { Store } from "./describe-storage.ts";

function call(project: ProjectId, over: Partial<AuditedCall> = {}): AuditedCall {
  const who = { actor: "Grüße \u2400", token: "tok", tool: "semantic_search" };
  return { at: second(1), ...who, project, outcome: "ok", durationMs: 0.123, rows: 7, ...over };
}

export function describeAudit(store: Store): void {
  const record = (...calls: readonly AuditedCall[]) => store().audit.record(DEFAULT_TENANT, calls);
  const chainOf = async (project: ProjectId, log = "calls") =>
    (await store().audit.chains()).find((chain) => chain.project === project && chain.log === log);

  it("keeps calls about one project and about none, and numbers them when they are sealed", async () => {
    const project = nextProjectId();
    const failed = call(project, { outcome: "not_found", rows: undefined, at: second(2) });
    await record(call(project), call(NO_ONE_PROJECT), failed);
    expect(await chainOf(project)).toEqual({ log: "calls", project, numbered: 0, unsealed: 2 });
    expect(await store().audit.seal({ tenant: DEFAULT_TENANT, project }, second(3))).toBe(true);
    expect(await chainOf(project)).toEqual({ log: "calls", project, numbered: 2, unsealed: 0 });
    const { rows: _, ...withoutRows } = failed;
    const lines = [
      { seq: 1, ...call(project) },
      { seq: 2, ...withoutRows },
    ];
    expect(await store().audit.lines("calls", project, { fromSeq: 1, toSeq: 9 })).toEqual(lines);
    expect(await store().audit.seals("calls", project)).toEqual([
      { fromSeq: 1, toSeq: 2, previous: FIRST_SEAL, hash: sealHash(FIRST_SEAL, lines), at: second(3) },
    ]);
    expect(await chainOf(NO_ONE_PROJECT)).toMatchObject({ unsealed: expect.any(Number) });
  });

  it("ties each seal to the one before, and makes none where nothing is new", async () => {
    const project = nextProjectId();
    for (const n of [1, 2, 3]) {
      await record(call(project, { tool: `tool ${n}` }));
      await store().audit.seal({ project }, second(n));
      await store().audit.seal({ project }, second(n + 10));
    }
    const seals = await store().audit.seals("calls", project);
    expect(seals.map(({ fromSeq, toSeq, at }) => [fromSeq, toSeq, at])).toEqual([
      [1, 1, second(1)],
      [2, 2, second(2)],
      [3, 3, second(3)],
    ]);
    expect(seals.map(({ previous }) => previous)).toEqual([
      FIRST_SEAL,
      ...seals.slice(0, 2).map(({ hash }) => hash),
    ]);
  });

  it("keeps text that a database cannot hold by the same rule as everywhere", async () => {
    const project = nextProjectId();
    await record(call(project, { actor: "nul \0 and \ud800" }));
    await store().audit.seal({ project }, second(1));
    const [line] = await store().audit.lines("calls", project, { fromSeq: 1, toSeq: 1 });
    expect(line?.actor).toBe("nul \u2400 and \ufffd");
  });

  it("shows the change log's lines and seals as they were sealed", async () => {
    const project = await newProject(store());
    await store().transaction(context(project), [write(eventDraft(project)), write(eventDraft(project))]);
    expect(await chainOf(project, "changes")).toEqual({ log: "changes", project, numbered: 0, unsealed: 2 });
    await store().changes.seal(project, second(1));
    const [seal] = await store().audit.seals("changes", project);
    const lines = await store().audit.lines("changes", project, { fromSeq: 1, toSeq: 2 });
    expect(lines).toEqual(await store().changes.since(project, 0, 9));
    expect(seal).toMatchObject({ fromSeq: 1, toSeq: 2, hash: sealHash(FIRST_SEAL, lines) });
  });
}
