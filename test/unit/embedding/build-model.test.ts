import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LOCAL_SPACE, MODEL_SHA256 } from "../../../lib/embedding/model-identity.ts";
import { packageRoot } from "../../../lib/embedding/package-root.ts";

const ROOT = packageRoot(import.meta.url);

interface Scripts {
  readonly putInPlace: (finished: string, place: string, isCurrent: () => boolean) => void;
  readonly writeManifest: (folder: string, recipe: string) => void;
  readonly isBuilt: (folder: string, recipe: string, options?: { readonly thorough: boolean }) => boolean;
  readonly quantiseColumns: Quantise;
  readonly quantiseRows: Quantise;
}
type Quantise = (
  matrix: Float32Array,
  rows: number,
  columns: number,
) => { readonly values: Int8Array; readonly scales: Float32Array };

describe("building the model", () => {
  let folder: string;
  let scripts: Scripts;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "aiknowsys-build-"));
    const names = ["put-in-place", "manifest", "quantise"];
    const urls = names.map((name) => pathToFileURL(join(ROOT, "scripts", "minilm", `${name}.mjs`)).href);
    // SAFETY: the scripts are plain JavaScript; a member that is missing fails the test that calls it.
    scripts = Object.assign({}, ...(await Promise.all(urls.map((url) => import(url))))) as Scripts;
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function madeFolder(name: string, files: Readonly<Record<string, string>>): string {
    const path = join(folder, name);
    mkdirSync(join(path, "inner"), { recursive: true });
    for (const [file, content] of Object.entries(files)) writeFileSync(join(path, file), content);
    return path;
  }

  it("made the model that vectors are named after", () => {
    const model = readFileSync(join(ROOT, "model", LOCAL_SPACE.model, "model.int8.onnx"));
    expect(createHash("sha256").update(model).digest("hex")).toBe(MODEL_SHA256);
    expect(readFileSync(join(ROOT, "scripts", "minilm", "pins.mjs"), "utf8")).toContain(MODEL_SHA256);
    expect(MODEL_SHA256.startsWith(LOCAL_SPACE.revision)).toBe(true);
  });

  it("does nothing, in no time, where all is built", () => {
    const built = statSync(join(ROOT, "model", "manifest.json")).mtimeMs;
    const run = spawnSync(process.execPath, ["scripts/build-model.mjs", "--verify"], {
      cwd: ROOT,
      encoding: "utf8",
    });
    expect(run).toMatchObject({ status: 0, stdout: "", stderr: "" });
    expect(statSync(join(ROOT, "model", "manifest.json")).mtimeMs).toBe(built);
  });

  it("leaves the tokenizer without padding and truncation, and says what was changed", () => {
    const model = join(ROOT, "model", LOCAL_SPACE.model);
    expect(JSON.parse(readFileSync(join(model, "tokenizer.json"), "utf8"))).toMatchObject({
      padding: null,
      truncation: null,
    });
    expect(readFileSync(join(model, "LICENSE"), "utf8")).toContain("Apache License");
    expect(readFileSync(join(model, "NOTICE"), "utf8")).toContain("Changes made");
    expect(readFileSync(join(ROOT, "model", "runtime", "LICENSE"), "utf8")).toContain("Microsoft");
  });

  it("takes a folder for built only with the same recipe and all its files", () => {
    const { isBuilt, writeManifest } = scripts;
    const made = madeFolder("made", { "inner/a": "one", b: "two" });
    expect(isBuilt(made, "recipe")).toBe(false);
    writeManifest(made, "recipe");
    expect(isBuilt(made, "recipe", { thorough: true })).toBe(true);
    expect(isBuilt(made, "other recipe")).toBe(false);
    writeFileSync(join(made, "inner", "a"), "eno");
    expect(isBuilt(made, "recipe")).toBe(true);
    expect(isBuilt(made, "recipe", { thorough: true })).toBe(false);
    writeFileSync(join(made, "inner", "a"), "on");
    expect(isBuilt(made, "recipe")).toBe(false);
    rmSync(join(made, "inner", "a"));
    expect(isBuilt(made, "recipe")).toBe(false);
  });

  it("replaces what was there and leaves nothing beside it", () => {
    const place = madeFolder("place", { old: "old" });
    scripts.putInPlace(madeFolder("new", { new: "new" }), place, () => false);
    expect(readdirSync(place)).toEqual(["inner", "new"]);
    expect(readdirSync(folder).filter((name) => name.startsWith("new"))).toEqual([]);
  });

  it("gives way to another process that was quicker", () => {
    const place = madeFolder("taken", { theirs: "theirs" });
    const late = madeFolder("late", { ours: "ours" });
    scripts.putInPlace(late, place, () => true);
    expect(readdirSync(place)).toEqual(["inner", "theirs"]);
    expect(readdirSync(folder)).not.toContain("late");
  });

  it("quantises to within half a step of each value, one scale a column or row", () => {
    const matrix = Float32Array.of(1, -100, 0.5, 3, 0, 25.4);
    for (const [quantise, groupOf] of [
      [scripts.quantiseColumns, (at: number) => at % 3],
      [scripts.quantiseRows, (at: number) => Math.floor(at / 3)],
    ] as const) {
      const { values, scales } = quantise(matrix, 2, 3);
      matrix.forEach((value, at) => {
        const scale = scales[groupOf(at)] ?? 0;
        expect(Math.abs((values[at] ?? 0) * scale - value)).toBeLessThanOrEqual(scale * 0.5001);
      });
      expect(Math.max(...values.map(Math.abs))).toBe(127);
    }
  });
});
