import { basename } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { repositoryFiles, sourceFiles, textOf } from "./tree.ts";

const LONGEST_FILE = 300;
const VAGUE_NAMES =
  /(^|\/)(utils?|helpers?|common|misc|shared|manager|base|enhanced|new|v2)[/.]|-(utils?|helpers?|manager|v2)\./;

/** Everything in the syntax of a file that the house does without, as `line: what`. */
function escapesIn(path: string, text: string): string[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const lines = text.split("\n");
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const what =
      escapeOf(node) ?? (isUnexplainedCast(file, node, lines) ? "cast without a SAFETY line" : undefined);
    const line = file.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    if (what !== undefined) found.push(`${path}:${line} ${what}`);
    ts.forEachChild(node, visit);
  };
  visit(file);
  lines.forEach((line, at) => {
    if (/@ts-(ignore|nocheck|expect-error)/.test(line))
      found.push(`${path}:${at + 1} switched-off type check`);
  });
  return found;
}

function escapeOf(node: ts.Node): string | undefined {
  if (node.kind === ts.SyntaxKind.AnyKeyword) return "any";
  if (ts.isNonNullExpression(node)) return "non-null assertion";
  if (ts.isEnumDeclaration(node)) return "enum";
  const isDefault = node.kind === ts.SyntaxKind.DefaultKeyword && !ts.isDefaultClause(node.parent);
  return isDefault || ts.isExportAssignment(node) ? "default export" : undefined;
}

function isUnexplainedCast(file: ts.SourceFile, node: ts.Node, lines: readonly string[]): boolean {
  return ts.isAsExpression(node) && !ts.isConstTypeReference(node.type) && !isExplained(file, node, lines);
}

/** Whether the comment above the statement of a cast, or one inside it, gives its reason. */
function isExplained(file: ts.SourceFile, cast: ts.Node, lines: readonly string[]): boolean {
  let statement = cast;
  while (statement.parent !== undefined && !ts.isStatement(statement) && !ts.isClassElement(statement)) {
    statement = statement.parent;
  }
  const lineOf = (position: number): number => file.getLineAndCharacterOfPosition(position).line;
  const first = Math.max(0, lineOf(statement.getStart()) - 4);
  return lines.slice(first, lineOf(cast.getEnd()) + 1).some((line) => /SAFETY[: ]/.test(line));
}

describe("source files", () => {
  const sources = sourceFiles().map((path) => [path, textOf(path)] as const);

  it("are there", () => {
    expect(sources.length).toBeGreaterThan(100);
  });

  it("use no any, no non-null assertion, no default export, no enum, and explain their casts", () => {
    expect(sources.flatMap(([path, text]) => escapesIn(path, text))).toEqual([]);
  });

  it("have at most 300 lines each", () => {
    const scripts = repositoryFiles().filter((path) => /^scripts\/.*\.mjs$/.test(path));
    const long = [...sources, ...scripts.map((path) => [path, textOf(path)] as const)].filter(
      ([, text]) => text.trimEnd().split("\n").length > LONGEST_FILE,
    );
    expect(long.map(([path]) => path)).toEqual([]);
  });

  it("have names that say what is inside", () => {
    expect(sources.map(([path]) => path).filter((path) => VAGUE_NAMES.test(path))).toEqual([]);
  });

  it.each([
    ["export const a = x as any;", ["any", "cast without a SAFETY line"]],
    ["export const a = x!;", ["non-null assertion"]],
    ["export default function f() {}", ["default export"]],
    ["export default 1;", ["default export"]],
    ["// @ts-ignore\nexport const a = 1;", ["switched-off type check"]],
    ["export const a = x as string;", ["cast without a SAFETY line"]],
    ["// SAFETY: it is one.\nexport const a = x as string;", []],
    ["export const a = [1] as const;", []],
    ["switch (1) { default: break; }", []],
  ])("are read well enough to judge %j", (code, expected) => {
    expect(
      escapesIn("x.ts", code)
        .map((line) => line.replace(/^\S+ /, ""))
        .sort(),
    ).toEqual(expected);
  });
});

const TRACES: readonly (readonly [what: string, expression: RegExp])[] = [
  ["a path of one machine", /(^|[\s"'`(=:,])\/(work\/|root\/\.)/m],
  ["a registry or mirror host", /registry\.npmjs|npm(?:mirror)|deb\.debian\.org/],
  ["an address in a lock file", /"resolved": *"http/],
];

describe("files of the repository", () => {
  const texts = repositoryFiles()
    .filter((path) => !/\.(png|gif|ico|db|onnx|wasm|gz|zst)$/.test(path))
    .map((path) => [path, textOf(path)] as const);

  it.each(TRACES)("hold no trace of %s", (_what, expression) => {
    expect(texts.filter(([, text]) => expression.test(text)).map(([path]) => path)).toEqual([]);
  });

  // In pieces, or this file would be the first to be found.
  it.each([
    ["a path of one machine", ["cd /", "work/x"].join("")],
    ["a registry or mirror host", ["https://registry", "npmjs.org/zod"].join(".")],
    ["an address in a lock file", ['"resolved"', '"https://example.org/zod.tgz"'].join(": ")],
  ])("would be found with %s", (what, line) => {
    expect(TRACES.filter(([, expression]) => expression.test(line)).map(([name]) => name)).toContain(what);
  });

  it("hold no database, tarball or build result", () => {
    expect(
      texts.map(([path]) => basename(path)).filter((name) => /\.(db|db-wal|tgz|tsbuildinfo)$/.test(name)),
    ).toEqual([]);
  });
});
