// Puts the MCP door and what it uses of its libraries into a few files in dist/mcp-server/flat: loading some 140 small
// modules is most of the time to the handshake. What lies in lib/ stays outside, so that a process has one of each.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { DIST, ROOT } from "./paths.mjs";

const FLAT = join(DIST, "mcp-server", "flat");

export async function flattenMcp() {
  const { rolldown } = await import("rolldown");
  rmSync(FLAT, { recursive: true, force: true });
  const bundle = await rolldown({
    input: join(ROOT, "mcp-server", "main.ts"),
    platform: "node",
    plugins: [outsideLib(), smallValidator()],
  });
  const { output } = await bundle.write({
    dir: FLAT,
    format: "esm",
    minify: true,
    comments: { legal: true },
  });
  await bundle.close();
  const modules = output.flatMap((chunk) => (chunk.type === "chunk" ? chunk.moduleIds : []));
  writeFileSync(join(FLAT, "LICENSES.txt"), licencesOf(modules));
  writeFileSync(join(DIST, "mcp-server", "main.js"), 'export { runMcp } from "./flat/main.js";\n');
}

/** Imports of lib/ from the door become imports of the compiled files. */
function outsideLib() {
  const lib = join(ROOT, "lib") + sep;
  return {
    name: "outside-lib",
    resolveId(source, importer) {
      if (importer === undefined || !source.startsWith(".")) return null;
      const file = resolve(dirname(importer), source);
      if (!file.startsWith(lib)) return null;
      const built = join(DIST, relative(ROOT, file)).replace(/\.ts$/, ".js");
      return { id: relative(FLAT, built).split(sep).join("/"), external: true };
    },
  };
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
