import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { showDocument } from "../../lib/knowledge/detail.ts";
import { freshen } from "../../lib/knowledge/freshness.ts";
import { getHistory } from "../../lib/knowledge/history.ts";
import { learnPattern } from "../../lib/knowledge/learn.ts";
import { queryPatterns, queryPlans, querySessions } from "../../lib/knowledge/query.ts";
import { recordEvent, recordEvents } from "../../lib/knowledge/record-event.ts";
import { retract } from "../../lib/knowledge/retract.ts";
import { createPlan, updatePlan } from "../../lib/knowledge/write-plan.ts";
import { createSession, updateSession } from "../../lib/knowledge/write-session.ts";
import { openWorkbench, type Workbench } from "../helpers/knowledge.ts";

const SECRET = `ghp_${"aB3x".repeat(9)}`;
const MARK = "[redacted:github-token]";
const said = (text: string): string => `${text} ${SECRET}`;

/** Every byte that the store keeps on disk, without regard to case: the word index folds it. */
function storeBytes({ root }: Workbench): string {
  const file = join(dirname(root), "knowledge.db");
  const parts = [file, `${file}-wal`].filter((path) => existsSync(path));
  return parts
    .map((path) => readFileSync(path, "latin1"))
    .join("")
    .toLowerCase();
}

async function expectNoSecret(bench: Workbench, ids: readonly string[]): Promise<void> {
  expect(storeBytes(bench)).not.toContain(SECRET.toLowerCase());
  for (const id of ids) {
    const history = await getHistory(bench.deps, bench.scope, { id, asOf: "today" });
    expect(JSON.stringify(history)).not.toContain(SECRET);
  }
}

describe("a secret in what is written", () => {
  it("stays out of every field of a plan, its slug and its history, when it is made and when it is changed", async () => {
    const bench = await openWorkbench();
    const plan = await createPlan(bench.deps, bench.project, {
      title: said("Rotate"),
      author: said("anna"),
      topics: [said("keys"), "port"],
      description: said("why"),
    });
    expect(plan).toMatchObject({
      title: `Rotate ${MARK}`,
      slug: "PLAN_rotate_redacted_github_token",
      author: `anna ${MARK}`,
      topics: [`keys ${MARK}`, "port"],
      description: `why ${MARK}`,
      redacted: ["github-token"],
    });
    const changed = await updatePlan(bench.deps, bench.scope, {
      id: plan.ref,
      title: said("Turn"),
      author: said("ben"),
      topics: said("locks"),
      description: said("how"),
    });
    expect(changed).toMatchObject({
      title: `Turn ${MARK}`,
      author: `ben ${MARK}`,
      redacted: ["github-token"],
    });
    expect((await showDocument(bench.deps, bench.scope, { id: plan.ref })).content).toContain(
      `# Turn ${MARK}`,
    );
    await expectNoSecret(bench, [plan.ref]);
  });

  it("stays out of every field of a session, when it is made and when it is changed", async () => {
    const bench = await openWorkbench();
    const session = await createSession(bench.deps, bench.project, {
      title: said("Morning"),
      plan: said("PLAN_a"),
      topics: said("keys"),
      author: said("anna"),
    });
    expect(session).toMatchObject({
      title: `Morning ${MARK}`,
      plan: `PLAN_a ${MARK}`,
      redacted: ["github-token"],
    });
    const changed = await updateSession(bench.deps, bench.scope, {
      id: session.ref,
      addFile: [`src/${SECRET}.ts`],
      addTopic: said("locks"),
      plan: said("PLAN_b"),
    });
    expect(changed).toMatchObject({
      files: [`src/${MARK}.ts`],
      topics: [`keys ${MARK}`, `locks ${MARK}`],
      redacted: ["github-token"],
    });
    await expectNoSecret(bench, [session.ref]);
  });

  it("stays out of every field of a pattern and of an event, keys of its data included", async () => {
    const bench = await openWorkbench();
    const pattern = await learnPattern(bench.deps, bench.project, {
      title: said("Mirror"),
      content: "Use it.",
      category: said("ops"),
      triggers: said("mirror"),
      author: said("anna"),
    });
    expect(pattern).toMatchObject({ slug: "mirror_redacted_github_token", redacted: ["github-token"] });
    const event = await recordEvent(bench.deps, bench.project, {
      type: "decision_made",
      data: { decision: said("Use"), [SECRET]: "kept", nested: { list: [said("deep")] } },
      tags: said("tag"),
      plan: said("p"),
      session: said("s"),
      commit: SECRET,
      files: said("f"),
      author: said("anna"),
      agent: said("bot"),
    });
    expect(event).toMatchObject({
      summary: `Use ${MARK}`,
      data: { decision: `Use ${MARK}`, [MARK]: "kept", nested: { list: [`deep ${MARK}`] } },
      tags: [`tag ${MARK}`],
      commit: MARK,
      agent: `bot ${MARK}`,
      redacted: ["github-token"],
    });
    await retract(bench.deps, bench.scope, { id: event.ref, why: said("wrong") });
    await expectNoSecret(bench, [pattern.ref, event.ref]);
  });

  it("is not half kept where a summary is cut from the data", async () => {
    const bench = await openWorkbench();
    const event = await recordEvent(bench.deps, bench.project, {
      type: "note",
      data: { text: `${"word ".repeat(36)}${SECRET} and more words` },
    });
    expect(event.summary).not.toContain(SECRET.slice(0, 8));
  });

  it("does not go into a new file either, nor into its name", async () => {
    const bench = await openWorkbench();
    const plan = await createPlan(bench.deps, bench.project, {
      title: said("Rotate"),
      topics: said("keys"),
      asFile: true,
    });
    expect(plan).toMatchObject({
      path: ".aiknowsys/plans/PLAN_rotate_redacted_github_token.md",
      title: `Rotate ${MARK}`,
      topics: [`keys ${MARK}`],
    });
    const session = await createSession(bench.deps, bench.project, { title: said("Day"), asFile: true });
    await updateSession(bench.deps, bench.scope, { id: session.ref, append: said("Saw") });
    for (const path of [plan.path, session.path]) {
      expect(readFileSync(join(bench.root, String(path)), "utf8")).not.toContain(SECRET);
    }
    expect(await bench.index()).toMatchObject({ found: 2, unchanged: 2, failed: 0 });
    await expectNoSecret(bench, [plan.ref, session.ref]);
  });
});

describe("a secret in an indexed file", () => {
  it("stays out of title, labels, links, status and warnings, and its file is left as it is", async () => {
    const text = `---\ntitle: Rotate ${SECRET}\nstatus: waiting for ${SECRET}\nauthor: ${SECRET}\ntopics: [port, ${SECRET}]\ndepends_on: ${SECRET}\n---\n\n# Rotate\n\n**Author:** other ${SECRET}\n`;
    const bench = await openWorkbench({ "plans/a.md": text });
    const report = await bench.index();
    expect(JSON.stringify(report)).not.toContain(SECRET);
    expect(report.warnings).toContainEqual({
      item: "plans/a.md",
      line: 11,
      reason: `The body says Author "other ${MARK}", the frontmatter author "${MARK}"; the frontmatter counts.`,
    });
    expect(report.warnings).toContainEqual({
      item: "plans/a.md",
      reason: expect.stringMatching(/^Secrets were left out of the store: .*github-token/),
    });
    const [plan] = (await queryPlans(bench.deps, bench.scope, {})).plans;
    expect(plan).toMatchObject({
      title: `Rotate ${MARK}`,
      author: MARK,
      topics: ["port", MARK],
      statusText: `waiting for ${MARK}`,
      links: [{ rel: "depends_on", target: MARK }],
    });
    expect(readFileSync(join(bench.root, "plans/a.md"), "utf8")).toBe(text);
    await expectNoSecret(bench, ["a"]);
  });

  it("leaves a mark that YAML would read as a list or refuse, and the other fields as they were meant", async () => {
    const bench = await openWorkbench({
      "plans/a.md": `---\napi_key: 9f8e7d6c5b4a\nauthor: ${SECRET}\ntitle: ${SECRET} is to go\nstatus: ACTIVE\ntopics: [port, steel]\n---\n\nWords.\n`,
      "plans/b.md": `---\nauthor: ${SECRET}\ntopics:\n  - ${SECRET}\n  - steel\n---\n\n# B\n`,
    });
    const report = await bench.index();
    expect(report.warnings.map(({ reason }) => reason)).toEqual([
      "Secrets were left out of the store: assigned-secret, github-token (keep them with --no-redact).",
      "Secrets were left out of the store: github-token (keep them with --no-redact).",
    ]);
    const { plans } = await queryPlans(bench.deps, bench.scope, { sort: "title" });
    expect(plans).toMatchObject([
      { title: `${MARK} is to go`, author: MARK, status: "ACTIVE", topics: ["port", "steel"] },
      { title: "B", author: MARK, topics: [MARK, "steel"] },
    ]);
    expect((await showDocument(bench.deps, bench.scope, { id: "a", detail: "full" })).content).toContain(
      "api_key: [redacted:assigned-secret]",
    );
  });

  it("is not half kept where a long title is cut", async () => {
    const bench = await openWorkbench({ "plans/a.md": `# ${"word ".repeat(36)}${SECRET} end\n\nWords.\n` });
    await bench.index();
    const [plan] = (await queryPlans(bench.deps, bench.scope, {})).plans;
    expect(plan?.title).not.toContain(SECRET.slice(0, 8));
    expect(storeBytes(bench)).not.toContain(SECRET.slice(0, 20).toLowerCase());
  });

  it("keeps a file out whose path is the secret, and says so without telling it", async () => {
    const bench = await openWorkbench({ [`plans/${SECRET}.md`]: "# A\n", "plans/b.md": "# B\n" });
    const report = await bench.index();
    expect(report).toMatchObject({ found: 2, indexed: 1, skipped: 1, failed: 0 });
    expect(report.warnings).toEqual([
      { item: `plans/${MARK}.md`, reason: expect.stringContaining("rename it") },
    ]);
    bench.put(`plans/${SECRET}/c.md`, "# C\n");
    expect(await bench.index()).toMatchObject({ found: 3, unchanged: 1, skipped: 2 });
    bench.put(`plans/d/${SECRET}/e.md`, "# E\n");
    bench.wait(31_000);
    expect(await queryPlans(bench.deps, bench.scope, {})).toMatchObject({ count: 1 });
    expect(await freshen(bench.deps, bench.scope)).toBe(false);
    await expectNoSecret(bench, ["b"]);
    bench.remove(`plans/${SECRET}`);
    bench.remove("plans/d");
    expect(await bench.index({ redact: false })).toMatchObject({ indexed: 1 });
    expect((await queryPlans(bench.deps, bench.scope, {})).plans.map(({ slug }) => slug)).toContain(SECRET);
  });

  it("is found again by its section's heading as shown or as written, and no error tells it", async () => {
    const text = `# A\n\n## Use ${SECRET}\n\nold\n\n## Use ${SECRET}\n\nsecond\n`;
    const bench = await openWorkbench({ "plans/a.md": text });
    await bench.index();
    const wrong = updatePlan(bench.deps, bench.scope, { id: "a", section: `No ${SECRET}`, append: "x" });
    const error: unknown = await wrong.catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "not_found", valid: ["A", `Use ${MARK}`, `Use ${MARK}`] });
    const several: unknown = await updatePlan(bench.deps, bench.scope, {
      id: "a",
      section: `Use ${SECRET}`,
      append: "x",
    }).catch((cause: unknown) => cause);
    expect(several).toMatchObject({ code: "invalid_input", field: "section" });
    expect(
      `${String(error)} ${JSON.stringify(error)} ${String(several)} ${JSON.stringify(several)}`,
    ).not.toContain(SECRET);
    await updatePlan(bench.deps, bench.scope, { id: "a", section: `Use ${MARK}#2`, append: "third" });
    expect(readFileSync(join(bench.root, "plans/a.md"), "utf8")).toBe(`${text}\nthird\n`);
  });

  it("is not overwritten in the file by its own mark when labels are added", async () => {
    const file = "sessions/2026-02-14-session.md";
    const bench = await openWorkbench({
      [file]: `---\ntopics: [port, ${SECRET}]\n---\n\n# Day of ${SECRET}\n\n**Files:** a.ts, ${SECRET}.ts\n`,
    });
    await bench.index();
    await updateSession(bench.deps, bench.scope, {
      id: "latest",
      addTopic: "steel",
      addFile: "b.ts",
      title: "Day of tides",
    });
    const after = readFileSync(join(bench.root, file), "utf8");
    expect(after).toContain(`topics: [port, ${SECRET}, steel]`);
    expect(after).toContain(`**Files:** a.ts, ${SECRET}.ts, b.ts`);
    expect(after).toContain("# Day of tides");
    await expectNoSecret(bench, ["2026-02-14-session"]);
  });
});

describe("--no-redact", () => {
  it("stores the text as it came, for everything that writes", async () => {
    const bench = await openWorkbench({ "learned/c.md": `# C ${SECRET}\n\n## ${SECRET}\n` });
    const { deps, project, scope } = bench;
    const redact = false;
    const plan = await createPlan(deps, project, { title: said("Plan"), content: said("text"), redact });
    const session = await createSession(deps, project, { title: said("Day"), content: said("text"), redact });
    const file = await createPlan(deps, project, {
      title: said("File"),
      topics: SECRET,
      asFile: true,
      redact,
    });
    expect(file).toMatchObject({ title: said("File"), topics: [SECRET] });
    const pattern = await learnPattern(deps, project, { title: said("P"), content: said("text"), redact });
    const data = { text: said("note"), [SECRET]: { password: "hunter2-Correct" } };
    const event = await recordEvent(deps, project, { type: "note", data, tags: SECRET, redact });
    const [other] = await recordEvents(deps, project, [{ type: "note", data, redact }]);
    await updatePlan(deps, scope, { id: plan.ref, append: said("more"), author: SECRET, redact });
    await updateSession(deps, scope, { id: session.ref, append: said("more"), addTopic: SECRET, redact });
    const written = await updatePlan(deps, scope, { id: file.ref, append: said("more"), redact });
    expect(await bench.index({ redact })).toMatchObject({ failed: 0 });
    expect(await queryPatterns(deps, scope, { topic: "C " })).toMatchObject({
      patterns: [{ title: `C ${SECRET}` }],
    });
    expect(event).toMatchObject({ data, tags: [SECRET], summary: said("note") });
    expect(other).toMatchObject({ data });
    for (const { ref } of [plan, session, pattern, written]) {
      const { content } = await showDocument(deps, scope, { id: ref, detail: "full" });
      expect(content).toContain(SECRET);
      expect(content).not.toContain("[redacted");
    }
    expect((await queryPlans(deps, scope, { author: SECRET })).plans).toMatchObject([{ ref: plan.ref }]);
    expect((await querySessions(deps, scope, { topic: SECRET })).sessions).toMatchObject([
      { ref: session.ref },
    ]);
    expect(readFileSync(join(bench.root, String(file.path)), "utf8")).toContain(said("more"));
  });

  it("is not undone by a later change to the same row, whose new words are still redacted", async () => {
    const bench = await openWorkbench();
    const { ref } = await createPlan(bench.deps, bench.project, {
      title: "A",
      content: said("kept"),
      redact: false,
    });
    const after = await updatePlan(bench.deps, bench.scope, {
      id: ref,
      status: "active",
      append: `new ${SECRET}`,
    });
    expect(after.redacted).toEqual(["github-token"]);
    const { content } = await showDocument(bench.deps, bench.scope, { id: ref, detail: "full" });
    expect(content).toContain(said("kept"));
    expect(content).toContain(`new ${MARK}`);
  });
});
