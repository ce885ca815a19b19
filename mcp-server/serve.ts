import { availableParallelism } from "node:os";
import type { Config } from "../lib/config.ts";
import type { CredentialSettings } from "../lib/credential-settings.ts";
import { KnowledgeError } from "../lib/domain/error.ts";
import type { Deps, Logger } from "../lib/knowledge/deps.ts";
import { openAuditLog } from "../lib/server/audit-log.ts";
import { openAuthenticator } from "../lib/server/authenticator.ts";
import type { Authenticator } from "../lib/server/caller.ts";
import { openJsonLog } from "../lib/server/json-log.ts";
import { trustEverybody } from "../lib/server/local-caller.ts";
import { openServingStore } from "../lib/server/serving-store.ts";
import type { ServerSettings } from "../lib/server-settings.ts";
import { openService } from "./service.ts";

export interface ServeRequest {
  readonly config: Config;
  readonly settings: ServerSettings;
  readonly credentials: CredentialSettings;
  /** Whether to bring the store's schema forward before. */
  readonly migrate: boolean;
  /** Told where the server can be reached, once it can. */
  readonly onListening: (address: string) => void;
}

/** From being asked to end to the end, whatever is away: whoever asked kills the process soon after. */
const GRACE_MS = 10_000;
/** Of that, calls under way may take so long; the rest is for writing what is kept. */
const CALLS_MS = 6_000;
const FEW_CORES = 4;

/** Serves until the process is asked to end, then lets calls under way finish. */
export async function serve(request: ServeRequest): Promise<void> {
  const { config, settings, onListening } = request;
  const log = openJsonLog(config.logLevel, process.stderr, Date.now);
  if (request.migrate) await migrate(config, log);
  const { compose } = await import("../lib/compose.ts");
  const opened = await compose(config, { thread: "worker", modelThreads: modelThreads() });
  try {
    const deps = { ...opened.deps, log };
    const { isCurrent, schemaVersion } = await openServingStore(deps).state();
    if (!isCurrent) throw outdated(schemaVersion);
    const authenticator = await authenticatorOf(request, deps);
    const audit = openAuditLog({ ...deps, audit: deps.storage.audit });
    const provider = request.credentials.oidc;
    const service = await openService({ deps, settings, authenticator, provider, audit, log });
    const ending = untilAskedToEnd();
    warnOfNames(settings, log);
    onListening(service.address);
    const signal = await ending;
    log.info("Ending.", { signal });
    // Connections to a database that is away would be waited for longer.
    setTimeout(() => process.exit(0), GRACE_MS).unref();
    await service.close(CALLS_MS);
  } finally {
    await opened.close();
  }
}

/** Its threads wait for each other by spinning: with few cores they would take them from everything else that a call needs. */
function modelThreads(): number | undefined {
  return availableParallelism() < FEW_CORES ? 1 : undefined;
}

async function migrate(config: Config, log: Logger): Promise<void> {
  const { compose } = await import("../lib/compose.ts");
  const { migrateStore } = await import("../lib/knowledge/migrate.ts");
  const opened = await compose(config, { thread: "inline", migrate: false });
  try {
    const { from, to, applied } = await migrateStore(opened.deps, {});
    log.info("The schema is up to date.", { from, to, applied });
  } finally {
    await opened.close();
  }
}

async function authenticatorOf(
  { config, settings, credentials }: ServeRequest,
  deps: Deps,
): Promise<Authenticator> {
  const kinds = settings.auth;
  if (kinds.length > 0) return openAuthenticator({ ...deps, kinds, credentials });
  const tenant = await deps.storage.tenancy.findTenant(config.tenant);
  if (tenant === undefined) throw new KnowledgeError("not_found", `There is no tenant "${config.tenant}".`);
  return trustEverybody(tenant, config.actor);
}

/** Said once at the start: else every call would be refused for a reason that only the manual tells. */
function warnOfNames({ isLoopback, allowedHosts }: ServerSettings, log: Logger): void {
  if (isLoopback || allowedHosts.some((name) => !LOCAL_NAMES.has(name))) return;
  log.warn("Calls by other names than this machine's own are refused.", {
    hint: "Set AIKNOWSYS_ALLOWED_HOSTS to the names by which this server is called.",
  });
}

const LOCAL_NAMES: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

function outdated(schema: number): KnowledgeError {
  return new KnowledgeError("schema_mismatch", `The store's schema (${schema}) is not this program's.`, {
    hint: "Update AIKnowSys if a newer version has changed it; else run `aiknowsys migrate` with a login that owns the schema, or `aiknowsys serve --migrate`.",
    current: { schema },
  });
}

/** The first signal; a second one ends the process at once. */
function untilAskedToEnd(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1));
        resolve(signal);
      });
    }
  });
}
