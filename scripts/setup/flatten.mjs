// Puts the program and the parts of libraries that it uses into few files (dist/lib/cli/main.js and dist/flat): loading
// some 280 small modules is most of the time of a light command, and of the MCP handshake. What is loaded late stays
// late. The library (dist/lib/index.js) remains as it is compiled.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { DIST, ROOT } from "./paths.mjs";

/** What begins a thread or a process. */
const ENTRIES = {
  main: "lib/cli/main.ts",
  thread: "lib/storage/sqlite/thread.ts",
  "model-process": "lib/embedding/model-process.ts",
};

/** Libraries that consist of many modules, or of which little is used; all others are loaded from where they are installed. */
const TAKEN_IN =
  /^(zod|commander|@modelcontextprotocol\/server|@modelcontextprotocol\/core|@cfworker\/json-schema)(\/|$)/;

/** Which sources each file of dist/flat holds. */
const CONTENTS = join(DIST, "flat", "contents.json");

export async function flatten() {
  const { rolldown } = await import("rolldown");
  rmSync(join(DIST, "flat"), { recursive: true, force: true });
  const bundle = await rolldown({
    input: Object.fromEntries(Object.entries(ENTRIES).map(([name, file]) => [name, join(ROOT, file)])),
    platform: "node",
    external: (id) => /^[@\w]/.test(id) && !TAKEN_IN.test(id),
    plugins: [smallValidator()],
  });
  const { output } = await bundle.write({
    dir: DIST,
    format: "esm",
    comments: { legal: true },
    entryFileNames: ({ name }) => (name === "main" ? "lib/cli/main.js" : `flat/${name}.js`),
    chunkFileNames: (chunk) => `flat/${nameOf(chunk)}.js`,
  });
  await bundle.close();
  const { minifySync } = await import("rolldown/utils");
  const chunks = output.filter(({ type }) => type === "chunk");
  for (const { fileName, code } of chunks.filter(holdsLibraries)) {
    writeFileSync(join(DIST, fileName), minifySync(fileName, code, { module: true }).code);
  }
  writeFileSync(join(DIST, "flat", "LICENSES.txt"), licencesOf(chunks.flatMap((chunk) => chunk.moduleIds)));
  writeFileSync(CONTENTS, `${JSON.stringify(contentsOf(chunks), null, 1)}\n`);
}

/** A chunk that is loaded late is named by its path, so that two commands and modules of one name stay apart. */
function nameOf({ name, facadeModuleId }) {
  const path = facadeModuleId && relative(ROOT, facadeModuleId);
  if (!path || path.startsWith("..") || path.startsWith("node_modules")) return name;
  return path.replace(/\.ts$/, "").split(sep).join("-");
}

/** Our own code stays as it is, so that the traces in people's reports can be read. */
function holdsLibraries({ moduleIds }) {
  return moduleIds.some((id) => packageFolder(id) !== undefined);
}

function contentsOf(chunks) {
  const sources = ({ moduleIds }) =>
    moduleIds.map((id) => relative(ROOT, id.replace(/^\0+/, "")).split(sep).join("/"));
  return Object.fromEntries(chunks.map((chunk) => [chunk.fileName, sources(chunk)]));
}

/** The server is handed the small JSON Schema validator (mcp-server/server.ts), so the SDK's large default stays out. */
function smallValidator() {
  const shim = /[\\/]@modelcontextprotocol[\\/]server[\\/]dist[\\/]shimsNode\.mjs$/;
  const code = `import process from "node:process";
    export { CfWorkerJsonSchemaValidator as DefaultJsonSchemaValidator } from "@modelcontextprotocol/server/validators/cf-worker";
    export { process };`;
  return { name: "small-validator", load: (id) => (shim.test(id) ? code : null) };
}
/** The notices of every package that went in, which their licences ask for. */
function licencesOf(modules) {
  const folders = new Set(modules.map(packageFolder).filter((folder) => folder !== undefined));
  const notices = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
    const text = file === undefined ? `Licence: ${license}` : readFileSync(join(folder, file), "utf8");
    return `${name} ${version}\n\n${text.trim()}\n`;
  });
  return `The files in this folder hold parts of these packages:\n\n${notices.join("\n---\n\n")}`;
}

function packageFolder(module) {
  const match = /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(module.replace(/^\0+/, ""));
  return match !== null && existsSync(join(match[1], "package.json")) ? match[1] : undefined;
}
