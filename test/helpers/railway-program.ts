import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import { makeTempFolder } from "./store.ts";

/** A value that Railway puts in: an output of another resource. */
interface Reference {
  readonly of: string;
  readonly output: string;
}

interface Service {
  readonly kind: "service";
  readonly name: string;
  readonly build: { readonly builder: string; readonly dockerfilePath: string };
  readonly start: string;
  readonly preDeploy: string;
  readonly healthcheck: string;
  readonly healthcheckTimeout: number;
  readonly deploy: Readonly<Record<string, string | number>>;
  readonly env: Readonly<Record<string, string | Reference>>;
}

interface Project {
  readonly name: string;
  readonly resources: readonly (Service | { readonly kind: "postgres"; readonly name: string })[];
}

/** What `.railway/railway.ts` says, run with a stand-in for Railway's library; `npm run smoke` runs it with the real one. */
export async function railwayProject(): Promise<Project> {
  const { folder, remove } = makeTempFolder();
  try {
    const library = join(folder, "node_modules", "railway");
    put(join(library, "package.json"), '{ "type": "module", "exports": { "./iac": "./iac.js" } }');
    put(join(library, "iac.js"), STAND_IN);
    const source = readFileSync(join(import.meta.dirname, "..", "..", ".railway", "railway.ts"), "utf8");
    const { outputText } = ts.transpileModule(source, { compilerOptions: { module: ts.ModuleKind.ESNext } });
    const file = join(folder, "railway.mjs");
    put(file, outputText);
    const { default: program } = await import(pathToFileURL(file).href);
    return await program({ environment: "production" });
  } finally {
    remove();
  }
}

const STAND_IN = `
const outputs = (of) => new Proxy({}, { get: (_, output) => ({ of, output }) });
export const defineRailway = (program) => program;
export const project = (name, { resources }) => ({ name, resources });
export const postgres = (name) => ({ kind: "postgres", name, env: outputs(name) });
export const service = (name, said) => ({ kind: "service", name, ...said });
`;

function put(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
