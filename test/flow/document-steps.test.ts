import { describe, expect, it } from "vitest";
import { exchangeSchema } from "../../lib/domain/document-exchange.ts";
import { callersOf, startService, WRITER } from "../helpers/http-service.ts";

describe("a step of sending documents", () => {
  const file = { path: "a.md", kind: "plan", fileHash: "0".repeat(64), size: 1, modifiedMs: 1, redact: true };
  const place = { project: { keys: ["git:git.example.com/a"], name: "a" }, copy: "ci" };
  const compare = { ...place, step: "compare", files: [file] };

  it("is what the schema says", () => {
    expect(exchangeSchema.safeParse(compare).success).toBe(true);
  });

  it.each([
    ["a\u001b]0;x\u0007\nb", "a ]0;x b"],
    ["\u202etxt\u0000", "txt"],
    ["\n", "project"],
  ])("names a project on one plain line: %j", (name, plain) => {
    const parsed = exchangeSchema.parse({ ...compare, project: { ...place.project, name } });
    expect(parsed.project.name).toBe(plain);
  });

  it("says that a text was not kept as it came", async () => {
    const { url } = await startService({ authenticator: callersOf({ w: WRITER }) });
    const sent = { ...file, text: "# A\u0000\n", redact: true };
    const response = await fetch(new URL("/documents", url), {
      method: "POST",
      headers: { authorization: "Bearer w", "content-type": "application/json" },
      body: JSON.stringify({
        ...place,
        step: "store",
        documents: [sent, { ...sent, path: "b.md", text: "# B" }],
      }),
    });
    expect(await response.json()).toMatchObject({
      outcomes: [
        { state: "indexed", warnings: [{ item: "a.md", reason: expect.stringContaining("U+2400") }] },
        { state: "indexed", warnings: [] },
      ],
    });
  });

  it.each([
    ["a way up", { files: [{ ...file, path: "../a.md" }] }],
    ["a way up in the middle", { files: [{ ...file, path: "a/../../b.md" }] }],
    ["an absolute path", { files: [{ ...file, path: "/etc/passwd" }] }],
    ["a doubled slash", { files: [{ ...file, path: "a//b.md" }] }],
    ["a path with a zero", { files: [{ ...file, path: "a\0.md" }] }],
    ["a path that steers a terminal", { files: [{ ...file, path: "a\u001b[31m.md" }] }],
    ["a path of two lines", { files: [{ ...file, path: "a\n.md" }] }],
    ["a way up on Windows", { files: [{ ...file, path: "..\\..\\x.md" }] }],
    ["an absolute path of Windows", { files: [{ ...file, path: "C:/x.md" }] }],
    ["a path that is too long", { files: [{ ...file, path: "é".repeat(501) }] }],
    ["a hash that is none", { files: [{ ...file, fileHash: "x" }] }],
    ["a time that is none", { files: [{ ...file, modifiedMs: 1e308 }] }],
    ["a kind that has no file", { files: [{ ...file, kind: "event" }] }],
    ["a copy that is a path", { copy: "/home/me" }],
    ["a key that is a folder", { project: { keys: ["path:/home/me"], name: "a" } }],
    ["a remote that steers a terminal", { project: { keys: ["git:a.example/\u001b[31m"], name: "a" } }],
    ["a remote that is a folder", { project: { keys: ["git:/srv/git"], name: "a" } }],
    ["a remote that is a folder of Windows", { project: { keys: ["git:c:\\git\\a"], name: "a" } }],
    ["too many files", { files: Array(501).fill(file) }],
    ["a step that there is none of", { step: "burn" }],
  ])("refuses %s", (_what, change) => {
    expect(exchangeSchema.safeParse({ ...compare, ...change }).success).toBe(false);
  });
});
