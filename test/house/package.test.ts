import { existsSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { ROOT, sourceFiles, textOf } from "./tree.ts";

interface Manifest {
  readonly name: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly files: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const manifest: Manifest = JSON.parse(textOf("package.json"));

/** Package names that the shipped sources import, statically or by `import()`. */
function importedPackages(): ReadonlySet<string> {
  const shipped = sourceFiles().filter((path) => /^(lib|mcp-server)\//.test(path));
  const specifiers = shipped.flatMap((path) =>
    ts.preProcessFile(textOf(path)).importedFiles.map(({ fileName }) => fileName),
  );
  const outside = specifiers.filter((name) => !name.startsWith(".") && !name.startsWith("node:"));
  return new Set(outside.filter((name) => !builtinModules.includes(name)).map(packageOf));
}

function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

describe("package.json", () => {
  const targets = Object.values(manifest.exports).flatMap((entry) =>
    typeof entry === "string" ? [entry] : Object.values(entry),
  );

  it.each([...targets, ...Object.values(manifest.bin)])("points to a built file: %s", (target) => {
    expect(existsSync(join(ROOT, target)), `${target} is missing: run npm run build`).toBe(true);
  });

  it("opens as a package, under its own name, with the names it promises", async () => {
    const library: Record<string, unknown> = await import(manifest.name);
    expect(Object.keys(library)).toContain("createStorageAdapter");
  });

  it("ships every folder that is read at run time", () => {
    for (const needed of ["dist", "schema", "model"]) expect(manifest.files).toContain(needed);
    for (const listed of manifest.files) expect(existsSync(join(ROOT, listed)), listed).toBe(true);
  });

  it("has no dependency that the shipped sources do not import", () => {
    const imported = importedPackages();
    expect(Object.keys(manifest.dependencies).filter((name) => !imported.has(name))).toEqual([]);
  });

  it("lists every package that the shipped sources import", () => {
    // The native runtime is used where a user installed it; it is nobody's dependency.
    const optional = ["onnxruntime-node", ...Object.keys(manifest.optionalDependencies)];
    const known = [...Object.keys(manifest.dependencies), ...optional];
    expect([...importedPackages()].filter((name) => !known.includes(name))).toEqual([]);
  });
});

interface LockEntry {
  readonly version?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

describe("package-lock.json", () => {
  const lock: { readonly packages: Readonly<Record<string, LockEntry>> } = JSON.parse(
    textOf("package-lock.json"),
  );

  it("has the optional packages of every platform, or `npm ci` refuses it", () => {
    const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter((name) => !isLocked(path, name)),
    );
    expect(missing).toEqual([]);
  });

  /** As Node looks for it: below the package that asks, then in every node_modules above. */
  function isLocked(path: string, name: string): boolean {
    if (lock.packages[path === "" ? `node_modules/${name}` : `${path}/node_modules/${name}`] !== undefined)
      return true;
    return path !== "" && isLocked(path.replace(/(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/, ""), name);
  }
});
