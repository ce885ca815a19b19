import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { VectorIndex } from "../../../lib/storage/sqlite/vector-index.ts";
import { kernelPath, openMemoryFloor, readKernel } from "../../../lib/storage/sqlite/vector-kernel.ts";
import { buildKernel, rowOf, slotOf, vectorFrom } from "./vector-samples.ts";

beforeAll(buildKernel);

describe("the two engines", () => {
  it("make the same codes of the same vectors in every number of dimensions", () => {
    const cases = fc.property(fc.integer({ min: 1, max: 1_600 }), fc.integer(), (dimensions, seed) => {
      const vector = vectorFrom(seed, dimensions);
      const simd = new VectorIndex({ dimensions }).encode(vector);
      const plain = new VectorIndex({ dimensions, plain: true }).encode(vector);
      expect(simd).toEqual(plain);
      expect(simd.length).toBe(Math.ceil(dimensions / 128) * 16);
    });
    fc.assert(cases, { numRuns: 40 });
  });

  it.each([128, 256, 384, 512, 768, 1024, 1536, 4096])(
    "propose and score alike in %s dimensions",
    (dimensions) => {
      const [simd, plain] = [new VectorIndex({ dimensions }), new VectorIndex({ dimensions, plain: true })];
      const vectors = Array.from({ length: 333 }, (_, at) => vectorFrom(at, dimensions));
      for (const index of [simd, plain]) {
        vectors.forEach((vector, at) => {
          index.add(slotOf(at + 1, { project: at % 5, kind: at % 4, atMs: at }), index.encode(vector));
        });
      }
      const query = vectorFrom(9_999, dimensions);
      for (const filter of [{}, { projects: [2, 3], after: 20 }, { kinds: [1], before: 300 }]) {
        for (const count of [1, 7, 40, 333]) {
          expect(simd.scan(query, count, filter)).toEqual(plain.scan(query, count, filter));
        }
        expect(simd.matching(filter)).toBe(plain.matching(filter));
      }
      expect(simd.rescore(query, vectors.map(rowOf))).toEqual(plain.rescore(query, vectors.map(rowOf)));
    },
  );

  it("keep the code of a known vector, for codes are stored", () => {
    const vector = Float32Array.from({ length: 384 }, (_, at) => Math.fround(Math.sin(at + 1)));
    const code = new VectorIndex({ dimensions: 384, plain: true }).encode(vector);
    expect(Buffer.from(code).toString("hex")).toMatchInlineSnapshot(
      `"5550eb88d4114bb3775c13331b41136eff3442f77dbbe7d741a792d8b642743db99ce0e0c0722aafcbe837105aeda275"`,
    );
  });
});

describe("the kernel", () => {
  const folder = mkdtempSync(join(tmpdir(), "kernel-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
    return dirname(join(folder, path));
  };

  it("is not built again while nothing changed", () => {
    expect(buildKernel()).toBe("");
  });

  it("is found from sources and from what is built of them, past other packages' manifests", () => {
    write("package.json", '{"name": "aiknowsys"}');
    write("dist/package.json", "not JSON");
    const wanted = join(folder, "dist", "kernel", "scan.wasm");
    expect(kernelPath(write("lib/storage/sqlite/a.ts", ""))).toBe(wanted);
    expect(kernelPath(write("dist/lib/storage/sqlite/a.js", ""))).toBe(wanted);
    write("package.json", '{"name": "another"}');
    expect(kernelPath(join(folder, "lib"))).toBeUndefined();
  });

  it("is done without where it is missing, not found or not understood", () => {
    expect(readKernel(join(folder, "none.wasm"))).toBeUndefined();
    expect(readKernel(undefined)).toBeUndefined();
    expect(readKernel(join(write("bad.wasm", "\0asm, but no more"), "bad.wasm"))).toBeUndefined();
  });

  it("is done without where the runtime has no WebAssembly", () => {
    const path = kernelPath(dirname(fileURLToPath(import.meta.url)));
    expect(readKernel(path)).toBeDefined();
    const kept = Object.getOwnPropertyDescriptor(globalThis, "WebAssembly") ?? {};
    Reflect.deleteProperty(globalThis, "WebAssembly");
    try {
      expect(readKernel(path)).toBeUndefined();
    } finally {
      Object.defineProperty(globalThis, "WebAssembly", kept);
    }
  });

  it("reads every byte once when it measures the memory's floor", () => {
    const byteSum = 0x0101010101010101n;
    expect(openMemoryFloor(6_400)?.()).toBe(BigInt.asIntN(64, 800n * byteSum));
    expect(openMemoryFloor(65)?.()).toBe(16n * byteSum);
  });
});
