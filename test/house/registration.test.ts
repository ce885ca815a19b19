import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { ROOT, textOf } from "./tree.ts";

/** What `npm start` prints at its end. */
function registration(): string {
  const print =
    'import { registration } from "./scripts/start/registration.mjs"; process.stdout.write(registration());';
  return execFileSync(process.execPath, ["--input-type=module", "--eval", print], {
    cwd: ROOT,
    encoding: "utf8",
  });
}

it("tells how to register the published package in the words of the documents", () => {
  const lines = (text: string) => text.split("\n").map((line) => line.trim());
  const [published] = lines(textOf("README.md")).filter((line) => line.startsWith("claude mcp add"));
  expect(published).toContain("npx -y aiknowsys mcp");
  expect(lines(registration())).toContain(published);
  expect(lines(textOf("docs/mcp.md"))).toContain(published);
});

it("tells how to register this clone for oneself: its path is nobody else's", () => {
  const own = registration()
    .split("\n")
    .filter((line) => line.includes("claude mcp add") && !line.includes("npx"));
  expect(own).toHaveLength(1);
  expect(own[0]).not.toContain("--scope");
});
