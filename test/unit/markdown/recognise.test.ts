import { describe, expect, it } from "vitest";
import { recogniseDocument } from "../../../lib/markdown/recognise.ts";

describe("recogniseDocument", () => {
  it("believes the user's glob, then the frontmatter's type, then the name", () => {
    const path = "sessions/2026-02-14-session.md";
    expect(recogniseDocument({ path, frontmatterType: "plan", given: "pattern" })).toMatchObject({
      kind: "pattern",
    });
    expect(recogniseDocument({ path, frontmatterType: "RFC" })).toMatchObject({
      kind: "plan",
      because: 'frontmatter type "RFC"',
    });
    expect(recogniseDocument({ path, frontmatterType: "feature" })).toMatchObject({
      kind: "session",
      because: 'folder "sessions"',
    });
  });

  it.each([
    ".aiknowsys/PLAN_auth_rework.md",
    ".aiknowsys/archived/plans/2026-Q1/PLAN_x.md",
    ".aiknowsys/plans/active-ann.md",
    "docs/adr/0001-use-x.md",
    "docs/architecture/decisions/0002-y.md",
    "text/0123-some-rfc.md",
    "rfcs/0001.md",
    "openspec/changes/add-login/proposal.md",
    "openspec/changes/add-login/specs/cli/spec.md",
    "openspec/specs/cli/spec.md",
    "backlog/tasks/back-1 - do it.md",
    "docs/plans/2026-02-14-001-feat-x-plan.md",
    "docs/2026-02-14-login-design.md",
    "notes/PROPOSAL_x.md",
    "ADR-0007.md",
    "TODO.md",
    "docs/rfc-12-storage.md",
  ])("takes %s for a plan", (path) => {
    expect(recogniseDocument({ path }).kind).toBe("plan");
  });

  it.each([
    ".aiknowsys/sessions/2026-02-14-session.md",
    ".aiknowsys/archived/sessions/2025/x.md",
    "journal/monday.md",
    "2026-02-14.md",
    "docs/2026-02-14-notes.md",
    "20260214.md",
    "notes/session-12.md",
    "handoffs\\x.md",
  ])("takes %s for a session", (path) => {
    expect(recogniseDocument({ path }).kind).toBe("session");
  });

  it.each([
    [".aiknowsys/learned/plan-management.md", undefined],
    [".aiknowsys/learned/testing/mocks.md", "testing"],
    [".aiknowsys/personal/ann/x.md", undefined],
    [".aiknowsys/archived/reviews/2026-Q1/2026-02-01-docs-review.md", "review"],
    ["docs/solutions/Best Practices/x.md", "best-practices"],
    [".aiknowsys/learned/README.md", "reference"],
    [".aiknowsys/plans/README.md", "reference"],
    [".aiknowsys/CURRENT_PLAN.md", "reference"],
    ["docs/adr/index.md", "reference"],
    ["docs/adr/0000-TEMPLATE.md", "reference"],
    ["README.md", "reference"],
    ["docs/guide.md", "reference"],
    ["docs/logger.md", "reference"],
    ["sqlite/git-log.md", "reference"],
    ["commands/task.md", "reference"],
    ["planning.md", "reference"],
  ])("takes %s for a pattern of category %s", (path, category) => {
    const recognised = recogniseDocument({ path });
    expect(recognised.kind).toBe("pattern");
    expect(recognised.category).toBe(category);
  });
});
