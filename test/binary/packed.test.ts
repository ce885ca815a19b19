import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { ROOT, textOf } from "../house/tree.ts";

// What npm would pack, listed only. `npm run smoke` packs, installs and uses it.

interface Listing {
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

function listPack(): Listing {
  const args = ["pack", "--dry-run", "--json", "--ignore-scripts"];
  const { stdout, stderr } = spawnSync("npm", args, {
    cwd: ROOT,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  const listings: readonly Listing[] = JSON.parse(stdout);
  const [listing] = listings;
  if (listing === undefined) throw new Error(`npm pack listed nothing: ${stderr}`);
  return listing;
}

describe("the package", () => {
  let listing: Listing;
  let paths: readonly string[];

  beforeAll(() => {
    listing = listPack();
    paths = listing.files.map(({ path }) => path);
  });

  it.each([
    "dist/lib/cli/main.js",
    "dist/lib/index.js",
    "dist/lib/index.d.ts",
    "dist/flat/thread.js",
    "dist/flat/model-process.js",
    "dist/flat/LICENSES.txt",
    "dist/kernel/scan.wasm",
    "schema/sqlite/000001_rows.sql",
    "model/all-MiniLM-L6-v2/model.int8.onnx",
    "model/all-MiniLM-L6-v2/tokenizer.json",
    "model/all-MiniLM-L6-v2/LICENSE",
    "model/all-MiniLM-L6-v2/NOTICE",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
  ])("holds %s", (path) => {
    expect(paths).toContain(path);
  });

  it("holds the runtime of the model with its licence", () => {
    const runtime = paths.filter((path) => path.startsWith("model/runtime/"));
    expect(runtime.some((path) => path.endsWith(".wasm"))).toBe(true);
    expect(runtime.some((path) => /licen[cs]e/i.test(path))).toBe(true);
  });

  it("holds no test, script, source or stray file", () => {
    const odd = paths.filter(
      (path) =>
        /^(test|scripts|docs|\.cache)\//.test(path) || (path.endsWith(".ts") && !path.endsWith(".d.ts")),
    );
    expect(odd).toEqual([]);
  });

  it("unpacks to at most 60 MB", () => {
    expect(listing.unpackedSize).toBeLessThanOrEqual(60_000_000);
  });

  it("has a program that can be started as it lies there", () => {
    expect(textOf("dist/lib/cli/main.js")).toMatch(/^#!\/usr\/bin\/env node\n/);
    if (process.platform !== "win32")
      expect(statSync(join(ROOT, "dist/lib/cli/main.js")).mode & 0o111).not.toBe(0);
  });
});
