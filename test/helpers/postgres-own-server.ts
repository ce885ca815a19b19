import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { adminClient } from "./postgres.ts";
import { SERVER_SCRIPT } from "./postgres-start.ts";

/** A server that one test file has for itself: it may be killed. */
export interface OwnServer {
  readonly url: string;
  readonly dir: string;
  readonly port: number;
  /** Process number of the server's first process. */
  pid(): number;
  /** Ends the first process by a signal: SIGQUIT is what PostgreSQL calls an immediate shutdown. */
  end(signal: "SIGQUIT" | "SIGKILL"): Promise<void>;
  /** Starts it again on the data it has, and waits until it answers. */
  startAgain(): Promise<void>;
  /** Ends it for good and deletes its folder. */
  remove(): Promise<void>;
}

export interface OwnServerOptions {
  /** True: what was acknowledged survives a crash. */
  readonly durable?: boolean;
  /** Folder of another server: makes a streaming replica of it. */
  readonly replicaOf?: string;
}

/** Starts a server of its own on a free port; its caller removes it. */
export async function startOwnServer({ durable = false, replicaOf }: OwnServerOptions): Promise<OwnServer> {
  const dir = `/tmp/aiknowsys-own-${randomBytes(6).toString("hex")}`;
  const port = 55_000 + (randomBytes(2).readUInt16BE() % 5_000);
  const args = ["start", "--json", "--for", String(process.pid), "--dir", dir, "--port", String(port)];
  const replica = replicaOf === undefined ? [] : ["--replica-of", replicaOf];
  const started: { url: string; port: number } = JSON.parse(
    await runScript([...args, ...replica], { PG_DURABLE: durable ? "1" : "", PG_SHARED_BUFFERS: "64MB" }),
  );
  const data = join(dir, "data");
  const pid = () => Number(readFileSync(join(data, "postmaster.pid"), "utf8").split("\n")[0]);
  return {
    ...{ url: started.url, port: started.port, dir, pid },
    end: (signal) => endProcess(pid(), signal),
    startAgain: () => startAgain(dir, started.url),
    remove: async () => void (await runScript(["stop", "--json", "--dir", dir], {})),
  };
}

/** Switches TLS on with this certificate, for connections that are made from now on. */
export async function speakTls(
  { dir, url }: OwnServer,
  { key, certificate }: { readonly key: string; readonly certificate: string },
): Promise<void> {
  const data = join(dir, "data");
  const { uid, gid } = statSync(data);
  for (const [name, pem] of Object.entries({ "server.key": key, "server.crt": certificate })) {
    writeFileSync(join(data, name), pem, { mode: 0o600 });
    chownSync(join(data, name), uid, gid);
  }
  const client = await adminClient(url);
  await client.query("ALTER SYSTEM SET ssl = on");
  await client.query("SELECT pg_reload_conf()");
  await client.end();
  // Its processes hear of it one after the other.
  await sleep(500);
}

async function endProcess(pid: number, signal: "SIGQUIT" | "SIGKILL"): Promise<void> {
  process.kill(pid, signal);
  for (let waited = 0; isAlive(pid); waited += 20) {
    if (waited > 20_000) throw new Error(`Process ${pid} does not end.`);
    await sleep(20);
  }
}

/** With the options it had; its old children may hold its memory for a moment after its first process was killed. */
async function startAgain(dir: string, url: string): Promise<void> {
  const data = join(dir, "data");
  const { uid, gid } = statSync(data);
  const { bin }: { bin: string } = JSON.parse(readFileSync(join(dir, "about.json"), "utf8"));
  const options = readFileSync(join(data, "postmaster.opts"), "utf8").replace(/^.*?"-D" "[^"]*"/, "");
  const args = ["-D", data, "-w", "-t", "60", "-l", join(dir, "log"), "-o", options.trim(), "start"];
  for (let attempt = 1; ; attempt++) {
    const { status, stdout, stderr } = spawnSync(join(bin, "pg_ctl"), args, {
      ...{ cwd: "/", encoding: "utf8", stdio: ["ignore", "ignore", "ignore"] },
      ...(process.getuid?.() === 0 && { uid, gid }),
    });
    if (status === 0) break;
    if (attempt === 20) throw new Error(`PostgreSQL did not start again: ${stdout}${stderr}`);
    await sleep(250);
  }
  await (await adminClient(url)).end();
}

async function runScript(args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  const child = spawn(process.execPath, [SERVER_SCRIPT, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const [output, errors, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (status !== 0) throw new Error(errors.trim());
  return output;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
