import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { describeWithServer, newDatabase } from "../helpers/postgres.ts";
import { makePlace, PROGRAM } from "./cli-program.ts";
import { serveAt } from "./serve-program.ts";

describeWithServer("aiknowsys index --remote, to a server on PostgreSQL", () => {
  /** A server with two tenants, and tokens of its owner's making. */
  async function instance() {
    const { url, drop } = await newDatabase();
    onTestFinished(drop);
    const place = makePlace();
    const env = { STORAGE_TYPE: "postgres", POSTGRES_URL: url };
    const json = (...args: readonly string[]) => place.json(args, { env }).body;
    json("migrate");
    json("tenant", "create", "harbour");
    const served = await serveAt(place, env);
    const token = (...more: readonly string[]): string =>
      json("token", "create", "--name", "ci", "--tenant", "harbour", ...more).token;
    return { served, json, token };
  }

  /** A machine with a clone of a project, that has no store of its own. */
  function clone(url: URL, token: string, origin = "git@git.example.com:team/harbour.git") {
    const { put, project, env, json } = makePlace();
    put(".git/config", `[remote "origin"]\n\turl = ${origin}\n`);
    const remote = { AIKNOWSYS_REMOTE_URL: url.origin, AIKNOWSYS_TOKEN: token };
    const send = (...more: readonly string[]) => json(["index", "--remote", ...more], { env: remote });
    return {
      ...{ put, send, project, env: { ...env, ...remote } },
      remove: (path: string) => rmSync(join(project, path)),
    };
  }

  it("makes one project of two machines' clones, in the token's tenant alone", async () => {
    const { served, json, token } = await instance();
    const writer = token("--scope", "write");
    const [one, two] = [clone(served.url, writer), clone(served.url, writer)];
    for (const { put } of [one, two]) put("plans/PLAN_shared.md", "# Mend the pier\n");
    one.put("plans/PLAN_own.md", "# Own\n");
    expect(one.send()).toMatchObject({ status: 0, body: { found: 2, indexed: 2, failed: 0 } });
    expect(two.send()).toMatchObject({ status: 0, body: { found: 1, indexed: 0, unchanged: 1 } });
    one.remove("plans/PLAN_shared.md");
    one.remove("plans/PLAN_own.md");
    expect(one.send()).toMatchObject({ status: 0, body: { found: 0, removed: 1 } });
    const { projects } = json("project", "list", "--tenant", "harbour");
    expect(projects).toMatchObject([{ name: "harbour", roots: [], counts: { plans: 1 } }]);
    expect(json("project", "list").projects).toEqual([]);
    expect(json("audit", "--verify", "--tenant", "harbour")).toMatchObject({ ok: true });
  }, 120_000);

  it("is refused without the scope write, and for a project that the token does not grant", async () => {
    const { served, json, token } = await instance();
    const writer = token("--scope", "write");
    const harbour = clone(served.url, writer);
    harbour.put("plans/PLAN_one.md", "# One\n");
    harbour.send();
    const quarry = "git@git.example.com:team/quarry.git";
    const other = clone(served.url, writer, quarry);
    other.put("plans/PLAN_theirs.md", "# Theirs\n");
    other.send();
    const reader = clone(served.url, token("--scope", "read"));
    expect(reader.send()).toMatchObject({ status: 2, body: { error: { code: "forbidden" } } });
    const limited = token("--scope", "write", "--projects", "harbour");
    const granted = clone(served.url, limited);
    granted.put("plans/PLAN_two.md", "# Two\n");
    expect(granted.send()).toMatchObject({ status: 0, body: { indexed: 1 } });
    // One that is not granted is as one that is not there, and nothing new is made.
    for (const origin of [quarry, "git@git.example.com:team/new.git"]) {
      const foreign = clone(served.url, limited, origin);
      foreign.put("plans/PLAN_x.md", "# X\n");
      const { status, body } = foreign.send();
      expect([status, body.error.code]).toEqual([2, "forbidden"]);
      expect(foreign.send("--project", "quarry")).toMatchObject({ status: 3 });
    }
    const named = json("project", "list", "--tenant", "harbour").projects;
    expect(named.map(({ name, counts }: never) => [name, (counts as { plans: number }).plans])).toEqual([
      ["harbour", 2],
      ["quarry", 1],
    ]);
  }, 120_000);

  it("goes on where a run was killed, and loses and doubles nothing", async () => {
    const { served, json, token } = await instance();
    const copy = clone(served.url, token("--scope", "write"));
    for (let nth = 0; nth < 600; nth++)
      copy.put(`plans/PLAN_${nth}.md`, `# Plan ${nth}\n\n${`Plank ${nth} of the pier. `.repeat(40)}\n`);
    const stored = (): number =>
      json("project", "list", "--tenant", "harbour").projects[0]?.counts.plans ?? 0;
    const args = [PROGRAM, "index", "--remote"];
    const child = spawn(process.execPath, args, { cwd: copy.project, env: copy.env, stdio: "ignore" });
    onTestFinished(() => void child.kill("SIGKILL"));
    for (let waited = 0; waited < 30_000 && stored() === 0; waited += 50) await sleep(50);
    child.kill("SIGKILL");
    await sleep(500);
    const kept = stored();
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThan(600);
    const { body } = copy.send();
    expect(body).toMatchObject({ ok: true, found: 600, failed: 0, skipped: 0 });
    expect(body.indexed + body.unchanged).toBe(600);
    expect(body.unchanged).toBeGreaterThanOrEqual(kept);
    expect(stored()).toBe(600);
    expect(copy.send()).toMatchObject({ body: { indexed: 0, unchanged: 600 } });
  }, 120_000);
});
