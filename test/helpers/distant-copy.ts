import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { makeCommandLine } from "./command-line.ts";

const ORIGIN = "git@git.example.com:team/harbour.git";

/** A machine of its own with a clone of a project, and what `index --remote` says there. */
export function distantCopy(url: URL, token: string, origin: string | undefined = ORIGIN) {
  const { put, type, folderOf } = makeCommandLine();
  if (origin !== undefined) put("project/.git/config", `[remote "origin"]\n\turl = ${origin}\n`);
  const env = { AIKNOWSYS_REMOTE_URL: url.href, AIKNOWSYS_TOKEN: token };
  const send = async (...more: readonly string[]) => {
    const { status, out, err } = await type(["index", "--remote", "--json", ...more], { env });
    return { status, err, body: JSON.parse(out === "" ? err : out) };
  };
  return {
    folder: folderOf("project"),
    put: (path: string, text: string | Uint8Array): void => put(join("project", path), text),
    remove: (path: string): void => rmSync(join(folderOf("project"), path)),
    type: (args: readonly string[]) => type(args, { env }),
    send,
    /** The report of a run that must end well. */
    sent: async (...more: readonly string[]) => {
      const { status, body } = await send(...more);
      expect(status, JSON.stringify(body)).toBe(0);
      const { found, indexed, unchanged, skipped, failed, removed } = body;
      expect(found).toBe(indexed + unchanged + skipped + failed);
      return { indexed, unchanged, skipped, failed, removed };
    },
  };
}
