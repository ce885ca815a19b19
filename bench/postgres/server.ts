import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { environment } from "../../lib/config.ts";
import { KnowledgeError } from "../../lib/domain/error.ts";

const SCRIPT = fileURLToPath(new URL("../../../scripts/postgres-for-tests.mjs", import.meta.url));
/** Away from the tests' server, which does not wait for the disk. */
const PORT = "54397";

/**
 * Address of a login that may create databases: the one given, what POSTGRES_URL names, or a server started for this
 * process that waits for the disk at every commit.
 * @throws KnowledgeError `unavailable` when no server can be had
 */
export function benchServer(
  given: string | undefined = environment().POSTGRES_URL,
  port: string = PORT,
): string {
  if (given !== undefined) return given;
  const args = [SCRIPT, "start", "--json", "--port", port, "--for", String(process.pid)];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    env: { ...environment(), PG_DURABLE: "1", PG_SHARED_BUFFERS: "1GB" },
  });
  if (status !== 0)
    throw new KnowledgeError("unavailable", stderr.trim(), {
      hint: "Name one in POSTGRES_URL whose login may create databases.",
    });
  const { url }: { url: string } = JSON.parse(stdout);
  return url;
}
