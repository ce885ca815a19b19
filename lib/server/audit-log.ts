import { type AuditedCall, NO_ONE_PROJECT } from "../domain/audit.ts";
import { asKnowledgeError } from "../domain/error.ts";
import { timestampOf } from "../domain/timestamp.ts";
import type { Logger } from "../knowledge/deps.ts";
import type { Audit, CallChain } from "../storage/contract/audit.ts";
import type { AuditLog, CallRecord } from "./caller.ts";

export interface AuditLogOptions {
  readonly audit: Pick<Audit, "record" | "seal">;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly log: Pick<Logger, "warn" | "error">;
  /** How long calls are gathered before they are written. Default 1,000. */
  readonly writeEveryMs?: number | undefined;
  /** How long lines may stay without a seal. Default 30,000. */
  readonly sealEveryMs?: number | undefined;
}

const WRITE_EVERY_MS = 1_000;
const SEAL_EVERY_MS = 30_000;
const LAST_TRIES = 4;
const LAST_PAUSE_MS = 150;
/** For how long the end waits for all that together: whoever stops the process kills it soon. */
const LAST_MS = 3_000;
/** Calls that wait for a store which is away; more would fill the memory. */
const MOST_WAITING = 50_000;

/** Gathers calls and writes them in batches, seals them in larger ones: no caller waits for either. */
export function openAuditLog(options: AuditLogOptions): AuditLog {
  const { clock, log, writeEveryMs = WRITE_EVERY_MS, sealEveryMs = SEAL_EVERY_MS } = options;
  const keeper = openKeeper(options);
  const sealLater = once(sealEveryMs, async () => {
    await keeper.seal(timestampOf(clock()));
    if (keeper.unsealed() > 0) sealLater();
  });
  const writeLater = once(writeEveryMs, async () => {
    await keeper.write();
    // What could not be kept is tried again.
    if (keeper.waiting() > 0) writeLater();
    if (keeper.unsealed() > 0) sealLater();
  });
  return {
    record: (call) => {
      if (keeper.waiting() >= MOST_WAITING) {
        log.error("A call is not in the audit: too many wait for the store.", { tool: call.tool });
        return;
      }
      keeper.add(call.caller.tenant, auditedOf(call));
      writeLater();
    },
    flush: async () => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, LAST_MS);
      });
      await Promise.race([finish(keeper, clock), late]);
      clearTimeout(timer);
      const calls = keeper.waiting();
      if (calls > 0) log.error("Calls are not in the audit: the store was away at the end.", { calls });
    },
  };
}

async function finish(keeper: Keeper, clock: () => number): Promise<void> {
  await keeper.write();
  // At the end there is no later: a store that is only busy gets some more chances.
  for (let n = 1; keeper.waiting() > 0 && n <= LAST_TRIES; n++) {
    await pause(LAST_PAUSE_MS * n);
    await keeper.write();
  }
  await keeper.seal(timestampOf(clock()));
}

/** What waits to be written, and what was written and waits for its seal. Works one task at a time and never throws. */
interface Keeper {
  add(tenant: string, call: AuditedCall): void;
  waiting(): number;
  unsealed(): number;
  write(): Promise<void>;
  seal(at: string): Promise<void>;
}

function openKeeper({ audit, log }: AuditLogOptions): Keeper {
  const waiting = new Map<string, AuditedCall[]>();
  const unsealed = new Map<string, CallChain>();
  let count = 0;
  let work: Promise<void> = Promise.resolve();
  const inTurn = (task: () => Promise<void>): Promise<void> => {
    work = work.then(task);
    return work;
  };
  const writeOf = async (tenant: string, calls: AuditedCall[]): Promise<void> => {
    const batch = calls.slice();
    if (!(await kept(() => audit.record(tenant, batch), log, batch.length))) return;
    count -= batch.length;
    calls.splice(0, batch.length);
    if (calls.length === 0) waiting.delete(tenant);
    for (const { project } of batch) unsealed.set(`${tenant} ${project}`, { tenant, project });
  };
  return {
    add: (tenant, call) => {
      count += 1;
      const calls = waiting.get(tenant) ?? [];
      calls.push(call);
      waiting.set(tenant, calls);
    },
    waiting: () => count,
    unsealed: () => unsealed.size,
    write: () =>
      inTurn(async () => {
        for (const [tenant, calls] of [...waiting]) await writeOf(tenant, calls);
      }),
    seal: (at) =>
      inTurn(async () => {
        for (const [key, chain] of [...unsealed]) {
          const sealed = await audit.seal(chain, at).catch((error: unknown) => waits(error, log));
          if (sealed) unsealed.delete(key);
        }
      }),
  };
}

/** True when that is settled; false for what is to be tried again, because the store is away. */
async function kept(work: () => Promise<void>, log: AuditLogOptions["log"], calls: number): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (asKnowledgeError(error).code === "unavailable") return waits(error, log);
    // Tried again it would fail again, and keep all others waiting.
    log.error("Calls are not in the audit: the store refuses them.", { calls, cause: String(error) });
    return true;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

function waits(error: unknown, log: AuditLogOptions["log"]): false {
  log.warn("The audit waits for the store.", { cause: String(error) });
  return false;
}

/** Runs a task a while after it was first asked for; asked for again meanwhile it runs once. Keeps no process alive. */
function once(ms: number, task: () => Promise<void>): () => void {
  let isAsked = false;
  return () => {
    if (isAsked) return;
    isAsked = true;
    setTimeout(() => {
      isAsked = false;
      void task();
    }, ms).unref();
  };
}

function auditedOf({ caller, project = NO_ONE_PROJECT, durationMs, ...call }: CallRecord): AuditedCall {
  const { at, tool, outcome, rows } = call;
  // Microseconds are enough, and short.
  const rounded = Math.round(durationMs * 1_000) / 1_000;
  const who = { actor: caller.name, token: caller.tokenId };
  return { at, ...who, tool, project, outcome, durationMs: rounded, ...(rows !== undefined && { rows }) };
}
