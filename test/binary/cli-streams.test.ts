import { spawn } from "node:child_process";
import { describe, expect, it } from "vitest";
import { makePlace, PROGRAM } from "./cli-program.ts";

type Place = ReturnType<typeof makePlace>;

function start(
  { project, env }: Place,
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
) {
  const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: project, env: { ...env, ...settings } });
  const said = { out: "", err: "" };
  child.stdout.on("data", (data) => (said.out += String(data)));
  child.stderr.on("data", (data) => (said.err += String(data)));
  const ended = new Promise<number | null>((resolve) => child.on("close", (status) => resolve(status)));
  return { child, said, ended };
}

/** Waits until the program has said something on stderr. */
async function hears(run: ReturnType<typeof start>, text: string): Promise<void> {
  while (!run.said.err.includes(text)) {
    if (run.child.exitCode !== null) throw new Error(`It ended without saying ${text}: ${run.said.err}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("the program's streams", () => {
  it("hold results only on stdout: notes and progress go to stderr", () => {
    const { put, run } = makePlace();
    for (let at = 0; at < 30; at++) put(`plans/PLAN_${at}.md`, `# Plan ${at}\n`);
    const { stdout, stderr } = run(["index"]);
    expect(stdout).toMatch(/^Found 30 files: 30 indexed.*\nIndexed 30 plans/);
    expect(stderr).toContain("30 documents can be searched by words now.");
    expect(run(["query-plans", "--limit", "2"])).toMatchObject({
      stdout: expect.stringMatching(/^REF.*\npln_.*\npln_.*\n$/),
      stderr: expect.stringMatching(/^2 of 30 plans\. For the next page add --cursor \S+\n$/),
    });
    expect(run(["query-plans", "--quiet"]).stderr).toBe("");
  });

  it("page on with the cursor that was given until nothing is left", () => {
    const { put, run, json } = makePlace();
    for (let at = 0; at < 5; at++) put(`plans/PLAN_${at}.md`, `# Plan ${at}\n`);
    run(["index"]);
    const seen: string[] = [];
    for (let cursor: string | undefined, turns = 0; turns < 9; turns++) {
      const { body } = json([
        "query-plans",
        "--limit",
        "2",
        ...(cursor === undefined ? [] : ["--cursor", cursor]),
      ]);
      expect(body.count).toBe(5);
      seen.push(...body.plans.map(({ ref }: { ref: string }) => ref));
      cursor = body.nextCursor;
      if (cursor === undefined) break;
    }
    expect(new Set(seen).size).toBe(5);
    expect(seen).toHaveLength(5);
  });

  it("may be closed early by the reader, without a word and with the work done", async () => {
    const place = makePlace();
    const text = `${"A line that is long enough to fill a pipe.\n".repeat(20_000)}`;
    place.run(["create-plan", "--title", "Long", "-"], { input: text });
    const reader = start(place, ["show", "PLAN_long"]);
    reader.child.stdout.once("data", () => reader.child.stdout.destroy());
    expect(await reader.ended).toBe(0);
    expect(reader.said.err).toBe("");
    const writer = start(place, ["create-plan", "--title", "Unheard"]);
    writer.child.stdout.destroy();
    expect(await writer.ended).toBe(0);
    expect(place.json(["query-plans"]).body.count).toBe(2);
  });

  it("let Ctrl-C end the making of vectors, with 130 and what was read kept", {
    timeout: 90_000,
  }, async () => {
    const place = makePlace();
    for (let at = 0; at < 400; at++)
      place.put(`plans/PLAN_${at}.md`, `# Plan ${at}\n\n${`word${at} `.repeat(150)}\n`);
    const run = start(place, ["index"], { EMBEDDING_PROVIDER: "local" });
    await hears(run, "can be searched by words now");
    run.child.kill("SIGINT");
    expect(await run.ended, run.said.err).toBe(130);
    expect(run.said.err).toContain(
      "Interrupted. What was read is kept; run the same command again to go on.\n",
    );
    expect(run.said.out).toContain("Found 400 files: 400 indexed");
    expect(place.json(["query-plans"]).body.count).toBe(400);
  });
});
