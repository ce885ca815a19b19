import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { run } from "../../lib/cli/run.ts";
import { columnsOf } from "../../lib/cli/terminal-text.ts";
import { tempFolder } from "../helpers/store.ts";
import { fakeDoor } from "../unit/cli/fake-door.ts";

const WIDTH = 80;

/** The command line in this process, on a terminal of 80 columns unless told otherwise. */
function makeTerminal() {
  const folder = tempFolder();
  const cwd = join(folder, "project");
  mkdirSync(cwd);
  const env = {
    HOME: folder,
    AIKNOWSYS_HOME: join(folder, "home"),
    EMBEDDING_PROVIDER: "none",
    USER: "tester",
  };
  const aiknowsys = async (args: readonly string[], options: Parameters<typeof fakeDoor>[0] = {}) => {
    const { door, said } = fakeDoor({
      cwd,
      env: { ...env, NO_COLOR: "1", ...options.env },
      columns: WIDTH,
      ...options,
    });
    const status = await run(args, { ...door, env: { ...env, NO_COLOR: "1", ...options.env } });
    return { status, ...said };
  };
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(cwd, path)), { recursive: true });
    writeFileSync(join(cwd, path), text);
  };
  return { aiknowsys, put };
}

const LONG =
  "A title that goes on and on about the rework of the whole login and everything behind it, and then some more";

describe("on a terminal of 80 columns", () => {
  it("every line of a list, a search, a resume and a status fits", async () => {
    const { aiknowsys, put } = makeTerminal();
    put(
      "plans/PLAN_long.md",
      `---\ntitle: ${LONG}\nstatus: active\ntopics: [${"topic-with-a-name, ".repeat(9)}end]\n---\n\n# ${LONG}\n\n- [ ] ${LONG}\n`,
    );
    put("plans/PLAN_wide.md", `---\nstatus: active\n---\n\n# ${"漢字の計画".repeat(12)}\n\nlogin 漢字\n`);
    put("sessions/2026-02-14-session.md", `# ${LONG}\n\n${"login words ".repeat(80)}\n`);
    expect((await aiknowsys(["index", "--quiet"])).status).toBe(0);
    await aiknowsys([
      "record-event",
      "--type",
      "decision_made",
      "--data",
      JSON.stringify({ decision: LONG }),
    ]);
    await aiknowsys(["learn", "--title", LONG, "--content", LONG, "--triggers", "one,two,three"]);
    for (const args of [
      ["query-plans"],
      ["query-sessions"],
      ["query-events"],
      ["query-patterns"],
      ["search", "login"],
      ["resume"],
      ["history", "PLAN_long"],
    ]) {
      const { status, out } = await aiknowsys(args);
      expect(status, args.join(" ")).toBe(0);
      expect(out.trim(), args.join(" ")).not.toBe("");
      for (const line of out.split("\n")) expect(columnsOf(line), line).toBeLessThanOrEqual(WIDTH);
    }
  });

  it("cuts with … there, and not where there is no terminal", async () => {
    const { aiknowsys } = makeTerminal();
    await aiknowsys(["create-plan", "--title", LONG]);
    expect((await aiknowsys(["query-plans"])).out).toContain("…");
    const env = {};
    const { out } = await aiknowsys(["query-plans"], { columns: undefined, env });
    expect(out).toContain(LONG);
  });

  it("keeps escape sequences of stored text away from the terminal", async () => {
    const { aiknowsys } = makeTerminal();
    const evil = "red \u001b[31m and \u001b]0;title\u0007";
    const made = await aiknowsys(["create-plan", "--title", evil, "-", "--status", "active", "--json"], {
      stdin: [`# T\n\n${evil}\n`],
    });
    for (const args of [["query-plans"], ["show", JSON.parse(made.out).ref], ["resume"], ["search", "red"]]) {
      const { status, out, err } = await aiknowsys(args);
      expect({ status, steers: `${out}${err}`.includes("\u001b") }, args.join(" ")).toEqual({
        status: 0,
        steers: false,
      });
      expect(out).toContain("red");
    }
  });

  it("uses colours, and none with NO_COLOR", async () => {
    const { aiknowsys } = makeTerminal();
    await aiknowsys(["create-plan", "--title", "One"]);
    expect((await aiknowsys(["query-plans"], { env: { NO_COLOR: "" } })).out).toContain("\u001b[1m");
    expect((await aiknowsys(["query-plans"])).out).not.toContain("\u001b");
  });
});

describe("Ctrl-C while a folder is read", () => {
  it("keeps what was read, says so, ends with 130, and the next run goes on", async () => {
    const { aiknowsys, put } = makeTerminal();
    for (let at = 0; at < 160; at++) put(`plans/PLAN_${at}.md`, `# Plan ${at}\n\nText ${at}.\n`);
    const first = await aiknowsys(["index", "--json"], { interruptAt: 2 });
    expect(first.status).toBe(130);
    const report = JSON.parse(first.out);
    expect(report.indexed).toBeGreaterThan(0);
    expect(report.indexed).toBeLessThan(160);
    const second = JSON.parse((await aiknowsys(["index", "--json"])).out);
    expect(second).toMatchObject({ found: 160, unchanged: report.indexed, indexed: 160 - report.indexed });
  });

  it("says what is kept", async () => {
    const { aiknowsys, put } = makeTerminal();
    for (let at = 0; at < 160; at++) put(`plans/PLAN_${at}.md`, `# Plan ${at}\n`);
    const { err } = await aiknowsys(["index"], { interruptAt: 2, columns: undefined });
    expect(err).toContain("Stopping after the step that is under way; press Ctrl-C again to end at once.\n");
    expect(err).toContain("Interrupted. What was read is kept; run the same command again to go on.\n");
  });
});

describe("restore", () => {
  it("shows how far it is, with a bar on a terminal and nothing of it where stderr is read by a program", async () => {
    const { aiknowsys } = makeTerminal();
    await aiknowsys(["create-plan", "--title", "Build a pier"]);
    const { path } = JSON.parse((await aiknowsys(["backup", "--json"])).out);
    const shown = await aiknowsys(["restore", path, "--into", "shown.db"]);
    expect(shown.err).toMatch(/Bytes +[█░]+ 100%/);
    expect(shown.out).toContain("Restored ");
    const quiet = await aiknowsys(["restore", path, "--into", "quiet.db", "--quiet"]);
    expect(quiet).toMatchObject({ status: 0, err: "" });
    const piped = await aiknowsys(["restore", path, "--into", "piped.db"], { columns: undefined });
    expect(piped).toMatchObject({ status: 0, err: "" });
  });
});
