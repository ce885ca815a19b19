import { afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import type { ProjectId } from "../../../lib/domain/ids.ts";
import { LOCAL_SPACE } from "../../../lib/embedding/model-identity.ts";
import type { Deps } from "../../../lib/knowledge/deps.ts";
import { openOwedVectors } from "../../../lib/server/owed-vectors.ts";

/** Milliseconds of the model for one passage. */
const READING_MS = 30;
const IMPORTED = 100_000;

/** A team's store: how many passages of each of its projects have no vector yet, the first project's the oldest. */
function teamOwing(owed: Record<string, number>, isBroken = false) {
  const of = (projects: readonly string[]) => (projects.length === 0 ? Object.keys(owed) : projects);
  const sum = (projects: readonly string[]) => of(projects).reduce((all, name) => all + (owed[name] ?? 0), 0);
  let looks = 0;
  const chunks = {
    owed: async (projects: readonly string[], _space: unknown, limit: number) => {
      looks += 1;
      if (isBroken) throw new Error("This team's store is broken.");
      const oldest = of(projects).flatMap((name) => Array(Math.min(owed[name] ?? 0, limit)).fill(name));
      return oldest.slice(0, limit).map((name, id) => ({ id, textHash: name, heading: "", text: name }));
    },
    coverage: async (projects: readonly string[]) => ({ chunks: sum(projects), embedded: 0 }),
    putVectors: async (_space: unknown, vectors: readonly { readonly textHash: string }[]) => {
      for (const { textHash } of vectors) owed[textHash] = (owed[textHash] ?? 0) - 1;
      return vectors.length;
    },
  };
  const embedder = {
    space: LOCAL_SPACE,
    embed: async (texts: readonly string[]) => {
      await new Promise((resolve) => setTimeout(resolve, texts.length * READING_MS));
      return texts.map(() => new Float32Array(LOCAL_SPACE.dimensions));
    },
  };
  // SAFETY: nothing else of them is used here.
  return { deps: { storage: { chunks }, embedder } as unknown as Deps, owed, looks: () => looks };
}

function serve(teams: Readonly<Record<string, ReturnType<typeof teamOwing>>>) {
  const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const depsFor = (tenant: string) => {
    const team = teams[tenant];
    if (team === undefined) throw new Error(`There is no team ${tenant}.`);
    return team.deps;
  };
  const vectors = openOwedVectors({ depsFor, log, clock: Date.now });
  // Not waited for: the model's time has been taken away by then.
  onTestFinished(() => void vectors.stop());
  return { vectors, log };
}

// SAFETY: the fake stores take any text for a project.
const project = (name: string) => name as ProjectId;

describe("vectors that several owe", () => {
  // Loaded late by the turn, which timers that stand still would not wait for.
  beforeAll(() => import("../../../lib/knowledge/embed-owed.ts"));
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("come to a team's single plan within two seconds, while another team's import is still read", async () => {
    const large = teamOwing({ imported: IMPORTED });
    const small = teamOwing({ plan: 5 });
    const { vectors } = serve({ large, small });
    vectors.wake({ tenant: "large" }, project("imported"));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(large.owed.imported).toBeLessThan(IMPORTED);
    vectors.wake({ tenant: "small" }, project("plan"));
    await vi.advanceTimersByTimeAsync(2_000);
    expect(small.owed.plan).toBe(0);
    expect(large.owed.imported).toBeGreaterThan(IMPORTED - 1_000);
    expect(vectors.figures().owed).toBe(large.owed.imported);
  });

  it("come to a project within two seconds, while its own team's import is still read", async () => {
    const team = teamOwing({ imported: IMPORTED, plan: 0 });
    const { vectors } = serve({ team });
    vectors.wake({ tenant: "team" }, project("imported"));
    await vi.advanceTimersByTimeAsync(10_000);
    team.owed.plan = 5;
    vectors.wake({ tenant: "team" }, project("plan"));
    await vi.advanceTimersByTimeAsync(2_000);
    expect(team.owed.plan).toBe(0);
    expect(team.owed.imported).toBeGreaterThan(IMPORTED - 1_000);
  });

  it("come to projects that nobody names, too", async () => {
    const team = teamOwing({ forgotten: 20, plan: 5 });
    const { vectors } = serve({ team });
    vectors.wake({ tenant: "team" }, project("plan"));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(team.owed).toEqual({ forgotten: 0, plan: 0 });
    expect(vectors.figures().owed).toBe(0);
  });

  it("are tried again after a rest where they failed, without holding up or hurrying the others", async () => {
    const broken = teamOwing({ plan: 1 }, true);
    const large = teamOwing({ imported: IMPORTED });
    const { vectors, log } = serve({ broken, large });
    vectors.wake({ tenant: "broken" });
    await vi.advanceTimersByTimeAsync(2_000);
    vectors.wake({ tenant: "large" });
    await vi.advanceTimersByTimeAsync(12_000);
    expect([broken.looks(), log.warn.mock.calls.length]).toEqual([1, 1]);
    expect(large.owed.imported).toBeLessThan(IMPORTED - 300);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(broken.looks()).toBe(2);
  });
});
