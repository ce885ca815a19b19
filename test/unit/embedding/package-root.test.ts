import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../../lib/embedding/package-root.ts";

describe("finding the package's folder", () => {
  it("is the same from a source and from a compiled module", () => {
    const root = packageRoot(import.meta.url);
    expect(existsSync(join(root, "lib", "embedding", "package-root.ts"))).toBe(true);
    for (const path of [
      ["lib", "embedding", "a.ts"],
      ["dist", "lib", "embedding", "a.js"],
      ["model", "runtime", "a.mjs"],
    ]) {
      expect(packageRoot(pathToFileURL(join(root, ...path)).href)).toBe(root);
    }
  });

  it("fails with a sentence outside the package", () => {
    expect(() => packageRoot("file:///nowhere/a.js")).toThrow(expect.objectContaining({ code: "internal" }));
  });
});
