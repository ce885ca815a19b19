import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BrokenHouse, buildBrokenHouse } from "./broken-house.ts";
import { runTool } from "./run-tool.ts";
import { ROOT, SOURCE_FOLDERS, sourceFiles } from "./tree.ts";

interface CruiseReport {
  readonly modules: readonly { readonly source: string }[];
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
  };
}

/** For each rule: a file of the house and the import in it that the rule forbids. */
const BREAKS: Readonly<Record<string, readonly [file: string, imported: string | undefined]>> = {
  "no-cycles": ["lib/knowledge/planted-cycle-a.ts", "./planted-cycle-b.ts"],
  "no-unresolved": ["lib/knowledge/planted-unresolved.ts", "./planted-nowhere.ts"],
  "no-orphans": ["lib/knowledge/planted-orphan.ts", undefined],
  "domain-imports-domain-and-zod": ["lib/domain/planted.ts", "node:fs"],
  "adapter-interface-is-types-over-domain": ["lib/storage/contract/planted.ts", "zod"],
  "ranking-is-pure-over-domain": ["lib/ranking/planted.ts", "../config.ts"],
  "dialects-are-strangers": ["lib/storage/postgres/planted.ts", "../sqlite/driver.ts"],
  "dialects-see-adapter-migrate-ranking-domain": ["lib/storage/sqlite/planted.ts", "../../config.ts"],
  "what-engines-share-knows-no-engine": ["lib/storage/neutral/planted.ts", "../sqlite/driver.ts"],
  "only-the-factory-knows-dialects": ["lib/knowledge/planted-dialect.ts", "../storage/sqlite/driver.ts"],
  "only-compose-opens-things": ["lib/knowledge/planted-opener.ts", "../storage/factory.ts"],
  "only-compose-opens-buckets": ["lib/knowledge/planted-bucket.ts", "../bucket/open-bucket.ts"],
  "buckets-see-domain": ["lib/bucket/planted.ts", "../config.ts"],
  "markdown-and-embedding-see-domain": ["lib/markdown/planted.ts", "../config.ts"],
  "knowledge-never-opens-or-prints": ["lib/knowledge/planted-config.ts", "../config.ts"],
  "doors-are-leaves": ["lib/planted-leaf.ts", "./cli/door.ts"],
  "doors-ignore-each-other": ["mcp-server/planted-door.ts", "../lib/cli/door.ts"],
  "doors-use-knowledge-not-storage": ["mcp-server/planted-storage.ts", "../lib/storage/adapter.ts"],
  "source-never-imports-test": ["lib/knowledge/planted-test.ts", "../../test/planted.ts"],
  "sqlite-driver-stays-home": ["lib/knowledge/planted-sqlite.ts", "better-sqlite3"],
  "postgres-driver-stays-home": ["lib/knowledge/planted-postgres.ts", "pg"],
  "mcp-sdk-stays-home": ["lib/cli/planted-sdk.ts", "@modelcontextprotocol/server"],
  "model-runtime-stays-home": ["lib/knowledge/planted-runtime.ts", "onnxruntime-web"],
  "signatures-stay-home": ["lib/knowledge/planted-signature.ts", "jose"],
  "bucket-client-stays-home": ["lib/knowledge/planted-client.ts", "aws4fetch"],
  "yaml-stays-home": ["lib/knowledge/planted-yaml.ts", "yaml"],
};

const BESIDE_THEM = {
  "lib/knowledge/planted-cycle-b.ts": importing("./planted-cycle-a.ts"),
  "test/planted.ts": "export const planted = 1;\n",
};

function importing(specifier: string | undefined): string {
  return specifier === undefined ? "export const planted = 1;\n" : `import "${specifier}";\n`;
}

function cruise(folder: string): CruiseReport {
  const folders = SOURCE_FOLDERS.filter((name) => existsSync(join(folder, name)));
  const args = [...folders, "--config", ".dependency-cruiser.cjs", "--output-type", "json"];
  const { stdout, stderr } = runTool("dependency-cruiser/bin/dependency-cruise.mjs", args, folder);
  expect(stdout, stderr).toMatch(/^\{/);
  return JSON.parse(stdout);
}

describe("the import rules", () => {
  let house: BrokenHouse;
  let violations: ReadonlySet<string>;

  beforeAll(() => {
    const planted = Object.values(BREAKS).map(([file, imported]) => [file, importing(imported)]);
    house = buildBrokenHouse({ ...Object.fromEntries(planted), ...BESIDE_THEM }, ["pg"]);
    violations = new Set(
      cruise(house.folder).summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`),
    );
  });
  afterAll(() => house.close());

  it("are read for every source file, not for none because of a TypeScript the cruiser does not know", () => {
    const read = cruise(ROOT).modules.map(({ source }) => source);
    const missed = sourceFiles().filter((file) => !read.includes(file));
    expect(missed).toEqual([]);
  });

  it("are each broken once below", () => {
    const { forbidden }: { forbidden: readonly { name: string }[] } = createRequire(import.meta.url)(
      join(ROOT, ".dependency-cruiser.cjs"),
    );
    expect(Object.keys(BREAKS).sort()).toEqual(forbidden.map(({ name }) => name).sort());
  });

  it.each(Object.entries(BREAKS))("catch what breaks %s", (rule, [file]) => {
    expect(violations).toContain(`${rule}: ${file}`);
  });
});
