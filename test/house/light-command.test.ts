import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "./tree.ts";

const CLI = join(ROOT, "dist", "lib", "cli", "main.js");

const NOTES = "notes.txt";

const HEAVY: Readonly<Record<string, RegExp>> = {
  "the model": /lib\/embedding\/(local-model|model-process|text-model)/,
  "the ONNX runtime": /onnxruntime|ort[.-]|model\/runtime\//,
  "the MCP SDK": /@modelcontextprotocol\/|mcp-server\//,
  "the other engine": /lib\/storage\/postgres\/|node_modules\/pg\//,
};

/** The sources that went into each file of the built program. */
const CONTENTS: Readonly<Record<string, readonly string[]>> = JSON.parse(
  readFileSync(join(ROOT, "dist", "flat", "contents.json"), "utf8"),
);

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Every file that the process, its threads and its child processes loaded, and the sources it was built from. */
  readonly loaded: readonly string[];
}

describe("a light command", () => {
  let folder: string;

  /**
   * Runs the built program and lists what it loaded, by two witnesses: V8's coverage has each script of the process
   * and its threads, ES module or CommonJS; a hook notes ES modules as they load, in child processes too, which may be
   * killed before they write any coverage.
   */
  function aiknowsys(...args: readonly string[]): Run {
    const traces = mkdtempSync(join(folder, "traces-"));
    const cwd = join(folder, "project");
    mkdirSync(cwd, { recursive: true });
    const env = {
      ...process.env,
      AIKNOWSYS_HOME: join(folder, "home"),
      NODE_V8_COVERAGE: join(traces, "coverage"),
      NODE_OPTIONS: `--import=${noteLoads(traces)}`,
    };
    const options = { cwd, env, encoding: "utf8", input: "" } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], options);
    const files = [...scriptsIn(join(traces, "coverage")), ...notesIn(traces)];
    return { status, stdout, stderr, loaded: files.flatMap((file) => [file, ...sourcesOf(file)]) };
  }

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "aiknowsys-light-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("loads neither the model nor the ONNX runtime nor the MCP SDK", () => {
    const run = aiknowsys("query-plans", "--json");
    expect(run.status, run.stderr).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({ plans: [] });
    // The list is whole: it has the command, and the driver, which a thread loads by require.
    expect(run.loaded.some((file) => file === "lib/cli/commands/query-plans.ts")).toBe(true);
    expect(run.loaded.some((file) => file.includes("/better-sqlite3/"))).toBe(true);
    for (const [what, expression] of Object.entries(HEAVY)) {
      expect(
        run.loaded.filter((file) => expression.test(file)),
        what,
      ).toEqual([]);
    }
  });

  it("is a few files", () => {
    const { loaded } = aiknowsys("query-plans", "--json");
    const own = loaded.filter((file) => /^file:.*\/dist\/.*\.js$/.test(file));
    expect(new Set(own).size).toBeLessThan(80);
  });

  it("loads no other command", () => {
    const { loaded } = aiknowsys("query-plans", "--json");
    const commands = loaded.filter((file) => file.startsWith("lib/cli/commands/"));
    expect([...new Set(commands)]).toEqual(["lib/cli/commands/query-plans.ts"]);
  });

  it("would be seen loading the MCP SDK: `mcp` is", () => {
    const { loaded } = aiknowsys("mcp");
    expect(loaded.some((file) => HEAVY["the MCP SDK"]?.test(file))).toBe(true);
  });

  it("would be seen loading the model and its runtime: `search` is", () => {
    aiknowsys("record-event", "--type", "note", "--data", '{"text":"the cellar floods in spring"}');
    const { loaded } = aiknowsys("search", "water below the house", "--json");
    expect(loaded.some((file) => HEAVY["the model"]?.test(file))).toBe(true);
    expect(loaded.some((file) => HEAVY["the ONNX runtime"]?.test(file))).toBe(true);
  });
});

/** Writes a module that notes every ES module as it is loaded; gives its address. */
function noteLoads(folder: string): string {
  const note = `appendFileSync(${JSON.stringify(join(folder, NOTES))}, url + "\\n");`;
  const hook = `import { appendFileSync } from "node:fs";
    export async function load(url, context, next) { ${note} return next(url, context); }`;
  const preload = join(folder, "preload.mjs");
  writeFileSync(join(folder, "hook.mjs"), hook);
  writeFileSync(preload, 'import { register } from "node:module"; register("./hook.mjs", import.meta.url);');
  return pathToFileURL(preload).href;
}

function sourcesOf(file: string): readonly string[] {
  const [, built] = /\/dist\/(.+)$/.exec(file) ?? [];
  return (built !== undefined && CONTENTS[built]) || [];
}

function notesIn(folder: string): string[] {
  return readFileSync(join(folder, NOTES), "utf8").split("\n");
}

function scriptsIn(folder: string): string[] {
  const urls = readdirSync(folder).flatMap((name) => {
    const report: { result: readonly { url: string }[] } = JSON.parse(
      readFileSync(join(folder, name), "utf8"),
    );
    return report.result.map(({ url }) => url);
  });
  return [...new Set(urls)].filter((url) => url.startsWith("file:")).map((url) => url.replaceAll("\\", "/"));
}
