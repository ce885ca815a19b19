// Streaming replicas: a copy of a running server that follows it through a slot of its own.
import { join } from "node:path";
import { Failure, tail } from "../setup/run.mjs";
import { dataOf, runningIn } from "./folder.mjs";
import { runProgram } from "./program.mjs";

const SUPERUSER = "postgres";

/** Fills a folder with a copy of the server running in `primary`, which follows it by a new slot. */
export async function copyServer({ bin }, primary, dir, slot) {
  const running = runningIn(primary);
  if (running === undefined) throw new Failure(`No server of ours runs in ${primary}: see status.`, 2);
  const args = [...connection(running.port), "-D", dataOf(dir), "-R", "-C", "-S", slot, "-X", "stream"];
  const options = { asServer: true, env: { HOME: dir } };
  const { status, output } = await runProgram(
    join(bin, "pg_basebackup"),
    [...args, "-c", "fast", "--no-sync"],
    options,
  );
  if (status !== 0)
    throw new Failure(`${tail(output, 5)}\n\npg_basebackup failed (its last lines are above).`);
}

/** Gives back the slot of a replica that has ended, so that its server keeps no log for it. */
export async function forgetReplica({ bin, replicaOf, slot }) {
  const running = replicaOf === undefined ? undefined : runningIn(replicaOf);
  if (running === undefined) return;
  const args = [...connection(running.port), "--drop-slot", "-S", slot];
  await runProgram(join(bin, "pg_receivewal"), args, { asServer: true, env: { HOME: replicaOf } });
}

function connection(port) {
  return ["-h", "127.0.0.1", "-p", String(port), "-U", SUPERUSER, "-w"];
}
