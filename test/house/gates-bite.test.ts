import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BrokenHouse, buildBrokenHouse } from "./broken-house.ts";
import { runTool } from "./run-tool.ts";
import { textOf } from "./tree.ts";

/** For each Biome rule that carries a habit of the house: code that breaks it. */
const SMELLS: Readonly<Record<string, string>> = {
  noExplicitAny: "export const a: any = 1;",
  noNonNullAssertion: "export const n = [1].at(0)!;",
  noTsIgnore: "// @ts-ignore\nexport const n: string = 1;",
  noProcessEnv: "export const home = process.env.HOME;",
  noConsole: "console.log(1);",
  noDefaultExport: "export default 1;",
  noEnum: "export enum Colour {\n  Red,\n}",
  noFloatingPromises:
    "async function later(): Promise<void> {}\nexport function now(): void {\n  later();\n}",
  useThrowOnlyError: 'export function stop(): never {\n  throw "no";\n}',
  useNodejsImportProtocol: 'import { join } from "path";\nexport const j = join;',
  useImportExtensions: 'import { KnowledgeError } from "../domain/error";\nexport const e = KnowledgeError;',
  noBarrelFile: 'export { KnowledgeError } from "../domain/error.ts";',
  noUndeclaredDependencies: 'import "never-declared";',
  noExcessiveLinesPerFile: `export const big = [\n${"  1,\n".repeat(310)}];`,
  noExcessiveLinesPerFunction: `export function long(): number {\n  let x = 0;\n${"  x += 1;\n".repeat(70)}  return x;\n}`,
  noExcessiveCognitiveComplexity: `export function maze(n: number): number {\n${Array.from(
    { length: 6 },
    (_, i) => `  if (n > ${i}) {\n    if (n < ${i + 9}) {\n      return ${i};\n    }\n  }`,
  ).join("\n")}\n  return 0;\n}`,
};

const fileFor = (rule: string): string => `lib/knowledge/planted-${rule.toLowerCase()}.ts`;

const UNUSED_FILE = "lib/knowledge/planted-unused-file.ts";
const UNUSED_EXPORT = "plantedUnusedExport";
const UNUSED_PACKAGE = "planted-unused-package";

describe("the gates bite", () => {
  let house: BrokenHouse;
  let lint: string;
  let unused: string;

  beforeAll(() => {
    const smells = Object.entries(SMELLS).map(([rule, code]) => [fileFor(rule), `${code}\n`]);
    const manifest = JSON.parse(textOf("package.json"));
    manifest.dependencies[UNUSED_PACKAGE] = "1.0.0";
    house = buildBrokenHouse({
      ...Object.fromEntries(smells),
      "lib/knowledge/PlantedName.ts": "export const name = 1;\n",
      [UNUSED_FILE]: "export const nobody = 1;\n",
      "lib/domain/error.ts": `${textOf("lib/domain/error.ts")}\nexport const ${UNUSED_EXPORT} = 1;\n`,
      "package.json": JSON.stringify(manifest, undefined, 2),
    });
    const biome = ["lint", "--reporter=github", "--max-diagnostics=none", "lib/knowledge"];
    lint = runTool("@biomejs/biome/bin/biome", biome, house.folder).stdout;
    unused = runTool("knip/bin/knip.js", ["--no-progress", "--reporter", "compact"], house.folder).stdout;
  });
  afterAll(() => house.close());

  it.each(Object.keys(SMELLS))("Biome catches %s", (rule) => {
    const caught = lint
      .split("\n")
      .some((line) => line.includes(`/${rule},`) && line.includes(fileFor(rule)));
    expect(caught, `no error ${rule} in ${fileFor(rule)}`).toBe(true);
  });

  it("Biome catches a file name that is not in kebab-case", () => {
    expect(lint).toMatch(/useFilenamingConvention.*PlantedName\.ts/);
  });

  it.each([UNUSED_FILE, UNUSED_EXPORT, UNUSED_PACKAGE])("knip catches %s", (name) => {
    expect(unused).toContain(name);
  });
});
