import { expect, it } from "vitest";
import { slugCandidates } from "../../../lib/markdown/slug.ts";

it("offers the basename first, then one more folder each time", () => {
  expect(slugCandidates(".aiknowsys/archived/plans/PLAN_auth.md")).toEqual([
    "PLAN_auth",
    "plans/PLAN_auth",
    "archived/plans/PLAN_auth",
    ".aiknowsys/archived/plans/PLAN_auth",
  ]);
});

it("begins with the folder where the basename is generic", () => {
  expect(slugCandidates("changes/add-login/tasks.md")).toEqual([
    "add-login/tasks",
    "changes/add-login/tasks",
  ]);
  expect(slugCandidates("docs\\README.md")).toEqual(["docs/README"]);
  expect(slugCandidates("README.md")).toEqual(["README"]);
});

it("keeps dots that are no extension", () => {
  expect(slugCandidates("PLAN_fixes_v0.10.0.md")).toEqual(["PLAN_fixes_v0.10.0"]);
  expect(slugCandidates(".hidden")).toEqual([".hidden"]);
});
