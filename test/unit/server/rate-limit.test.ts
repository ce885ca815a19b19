import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openInFlight } from "../../../lib/server/in-flight.ts";
import { openRateLimit } from "../../../lib/server/rate-limit.ts";
import { readJson } from "../../../lib/server/read-json.ts";

describe("a rate limit", () => {
  it("never lets more through than its rate and its burst, whatever the pattern", () => {
    const steps = fc.array(fc.tuple(fc.nat(5_000), fc.integer({ min: 1, max: 5 })), { maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600 }), steps, (perMinute, pattern) => {
        let now = 0;
        const limit = openRateLimit(perMinute, () => now);
        const burst = Math.max(1, Math.ceil(perMinute / 6));
        let through = 0;
        for (const [waitMs, count] of pattern) {
          now += waitMs;
          if (limit.take("a", count) === undefined) through += Math.min(count, burst);
        }
        return through <= burst + (now / 60_000) * perMinute + 1e-6;
      }),
    );
  });

  it("lets through whoever waits as long as it said", () => {
    let now = 0;
    const limit = openRateLimit(60, () => now);
    while (limit.take("a", 1) === undefined);
    const seconds = limit.take("a", 1) ?? 0;
    now += seconds * 1_000;
    expect(seconds).toBeGreaterThan(0);
    expect(limit.take("a", 1)).toBeUndefined();
  });

  it("counts callers apart", () => {
    const limit = openRateLimit(6, () => 0);
    expect(limit.take("a", 1)).toBeUndefined();
    expect(limit.take("a", 1)).toBeDefined();
    expect(limit.take("b", 1)).toBeUndefined();
  });

  it("remembers who has used it up when it forgets the others", () => {
    let now = 0;
    const limit = openRateLimit(6, () => now);
    for (let n = 0; n < 10_000; n++) limit.take(`early ${n}`, 1);
    now = 9_999;
    limit.take("late", 1);
    expect(limit.take("late", 1)).toBeDefined();
    expect(limit.take("early 1", 1)).toBeDefined();
  });

  it("remembers ten thousand callers and no more, so that strangers cannot fill the memory", () => {
    const limit = openRateLimit(6, () => 0);
    for (let n = 0; n <= 10_000; n++) limit.take(`caller ${n}`, 1);
    expect(limit.take("caller 1", 1)).toBeDefined();
    expect(limit.take("caller 0", 1)).toBeUndefined();
  });

  it("gives back what was taken, up to what there was", () => {
    const limit = openRateLimit(6, () => 0);
    limit.take("a", 1);
    limit.give("a", 5);
    expect(limit.take("a", 1)).toBeUndefined();
    expect(limit.take("a", 1)).toBeDefined();
  });
});

describe("calls under way", () => {
  const pool = (waiting: number) => () => ({ inUse: 10, idle: 0, waiting, most: 10 });

  it("are refused where ten stand in line for each connection", () => {
    expect(openInFlight(pool(99)).refusal()).toBeUndefined();
    expect(openInFlight(pool(100)).refusal()).toMatchObject({ status: 503, headers: { "retry-after": "1" } });
  });

  it("are refused beyond 256, and taken again when one has left", () => {
    const inFlight = openInFlight(() => undefined);
    for (let n = 0; n < 256; n++) inFlight.enter();
    expect(inFlight.refusal()).toMatchObject({ status: 503, code: "unavailable" });
    inFlight.leave();
    expect(inFlight.refusal()).toBeUndefined();
  });

  it("are waited for until the last has left", async () => {
    const inFlight = openInFlight(() => undefined);
    inFlight.enter();
    inFlight.enter();
    let isSettled = false;
    const settled = inFlight.settled().then(() => {
      isSettled = true;
    });
    inFlight.leave();
    await Promise.resolve();
    expect(isSettled).toBe(false);
    inFlight.leave();
    await settled;
  });
});

describe("JSON of a request", () => {
  it("is what JSON.parse makes of it, when it is not too deep", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 20 }), (text) => {
        expect(readJson(text)).toEqual({ value: JSON.parse(text) });
      }),
    );
  });

  it("may be 200 levels deep, brackets in texts not counted", () => {
    const nested = (levels: number) =>
      `${"[".repeat(levels)}${JSON.stringify('[[["\\')}${"]".repeat(levels)}`;
    expect(readJson(nested(200))).toHaveProperty("value");
    expect(readJson(nested(201))).toMatchObject({ status: 400 });
    expect(readJson(JSON.stringify(`${"[".repeat(5_000)}"`))).toHaveProperty("value");
  });
});
