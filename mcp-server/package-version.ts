import { existsSync, readFileSync } from "node:fs";

/** The version in the package's own package.json, looked for from this file upwards. */
export function packageVersion(): string {
  for (let folder = new URL(".", import.meta.url); ; folder = new URL("..", folder)) {
    const file = new URL("package.json", folder);
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    const version = /"name":\s*"aiknowsys"[\s\S]*?"version":\s*"([^"]+)"/.exec(text)?.[1];
    if (version !== undefined) return version;
    if (new URL("..", folder).href === folder.href) return "0.0.0";
  }
}
