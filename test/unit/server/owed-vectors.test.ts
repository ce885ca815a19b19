import { afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { LOCAL_SPACE } from "../../../lib/embedding/model-identity.ts";
import type { Deps } from "../../../lib/knowledge/deps.ts";
import { openOwedVectors } from "../../../lib/server/owed-vectors.ts";

const TEAM = { tenant: "team" };

/** A store whose passages get their vectors when the test lets the model answer. */
function slowModel() {
  const owed = ["first"];
  let looks = 0;
  let reading = 0;
  let most = 0;
  const answers: (() => void)[] = [];
  const deps = {
    storage: {
      chunks: {
        owed: async () => {
          looks += 1;
          return owed.map((text, id) => ({ id, textHash: text, heading: "", text }));
        },
        coverage: async () => ({ chunks: owed.length, embedded: 0 }),
        putVectors: async () => owed.splice(0).length,
      },
    },
    embedder: {
      space: LOCAL_SPACE,
      embed: async () => {
        reading += 1;
        most = Math.max(most, reading);
        await new Promise<void>((resolve) => answers.push(resolve));
        reading -= 1;
        return [new Float32Array(LOCAL_SPACE.dimensions)];
      },
    },
  };
  return {
    // SAFETY: nothing else of them is used here.
    deps: deps as unknown as Deps,
    owed,
    looks: () => looks,
    most: () => most,
    answer: () => answers.splice(0).forEach((resolve) => void resolve()),
  };
}

function start({ deps, answer }: ReturnType<typeof slowModel>) {
  const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const vectors = openOwedVectors({ depsFor: () => deps, log, clock: Date.now });
  onTestFinished(async () => {
    answer();
    await vectors.stop();
  });
  return vectors;
}

describe("vectors that are owed", () => {
  // Loaded late by the turn, which timers that stand still would not wait for.
  beforeAll(() => import("../../../lib/knowledge/embed-owed.ts"));
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("are made by one turn at a time, however often it is asked for", async () => {
    const model = slowModel();
    const vectors = start(model);
    for (let n = 0; n < 5; n++) {
      vectors.wake(TEAM);
      await vi.advanceTimersByTimeAsync(2_000);
    }
    expect([model.looks(), model.most()]).toEqual([1, 1]);
  });

  it("are looked for again when something came during a turn", async () => {
    const model = slowModel();
    const vectors = start(model);
    vectors.wake(TEAM);
    await vi.advanceTimersByTimeAsync(2_000);
    vectors.wake(TEAM);
    model.answer();
    await vi.advanceTimersByTimeAsync(0);
    model.owed.push("second");
    await vi.advanceTimersByTimeAsync(2_000);
    expect(model.looks()).toBe(2);
    expect(vectors.figures().owed).toBe(0);
    model.answer();
    await vi.advanceTimersByTimeAsync(10_000);
    expect([model.looks(), model.owed.length]).toEqual([2, 0]);
  });
});
