import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planCandidates } from "../../../lib/ranking/candidates.ts";

const term = (name: string, df: number) => ({ term: name, weight: 1, df });

describe("planCandidates", () => {
  test("reads rare terms first, ties by term, and drops what occurs nowhere", () => {
    const plan = planCandidates([term("b", 5), term("none", 0), term("a", 5), term("rare", 1)], 100);
    expect(plan).toEqual({
      read: [{ term: "rare" }, { term: "a" }, { term: "b" }],
      unread: [],
      bounded: false,
    });
  });

  test("reads terms whole until their sum has passed the cap", () => {
    const plan = planCandidates([term("a", 600), term("b", 700), term("c", 800)], 1000);
    expect(plan).toEqual({ read: [{ term: "a" }, { term: "b" }], unread: ["c"], bounded: false });
  });

  test("leaves a term above the cap unread where rarer ones bring enough", () => {
    const plan = planCandidates([term("a", 100), term("huge", 50_000)]);
    expect(plan).toEqual({ read: [{ term: "a" }], unread: ["huge"], bounded: false });
  });

  test("reads the newest of one common term where rarer ones bring too little, and says so", () => {
    const plan = planCandidates([term("huge", 50_000), term("huger", 60_000), term("a", 3)]);
    expect(plan).toEqual({
      read: [{ term: "a" }, { term: "huge", limit: 10_000 }],
      unread: ["huger"],
      bounded: true,
    });
  });

  test("never reads twice the cap, and names every known term once, in any order of the query", () => {
    const terms = fc.uniqueArray(fc.record({ term: fc.stringMatching(/^[a-z]{1,4}$/), df: fc.nat(3000) }), {
      selector: ({ term: name }) => name,
    });
    fc.assert(
      fc.property(terms, (drawn) => {
        const all = drawn.map((item) => ({ ...item, weight: 1 }));
        const plan = planCandidates(all, 1000);
        const frequency = new Map(all.map((item) => [item.term, item.df]));
        const sum = plan.read.reduce((n, item) => n + (item.limit ?? frequency.get(item.term) ?? 0), 0);
        expect(sum).toBeLessThan(2000);
        const named = [...plan.read.map((item) => item.term), ...plan.unread].sort();
        expect(named).toEqual(
          all
            .filter(({ df }) => df > 0)
            .map((item) => item.term)
            .sort(),
        );
        expect(planCandidates([...all].reverse(), 1000)).toEqual(plan);
      }),
    );
  });
});
