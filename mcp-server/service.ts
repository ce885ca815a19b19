import type { CredentialSettings } from "../lib/credential-settings.ts";
import { MOST_BODY_BYTES } from "../lib/domain/document-exchange.ts";
import { timestampOf } from "../lib/domain/timestamp.ts";
import type { Deps, Logger } from "../lib/knowledge/deps.ts";
import type { AuditLog, Authenticator, Caller } from "../lib/server/caller.ts";
import { openClientAddress } from "../lib/server/client-address.ts";
import { openHealth } from "../lib/server/health.ts";
import { openHttpDoor } from "../lib/server/http-door.ts";
import { openInFlight } from "../lib/server/in-flight.ts";
import { type Metrics, openMetrics } from "../lib/server/metrics.ts";
import { type OwedVectors, openOwedVectors } from "../lib/server/owed-vectors.ts";
import { openRateLimit } from "../lib/server/rate-limit.ts";
import { openReadings } from "../lib/server/readings.ts";
import { openServingStore } from "../lib/server/serving-store.ts";
import { openStrangerLimit } from "../lib/server/stranger-limit.ts";
import { openTokenSlots } from "../lib/server/token-slots.ts";
import type { ServerSettings } from "../lib/server-settings.ts";
import { type EndpointOptions, openHttpEndpoint } from "./http-endpoint.ts";
import { packageVersion } from "./package-version.ts";
import type { FinishedCall } from "./server-options.ts";
import { takeStep } from "./take-step.ts";
import { toolsOf } from "./tools.ts";

export interface ServiceOptions {
  /** The opened store; whoever opened it closes it after the service. */
  readonly deps: Deps;
  readonly settings: ServerSettings;
  readonly authenticator: Authenticator;
  /** The provider whose tokens the authenticator takes, which callers are told of. */
  readonly provider?: CredentialSettings["oidc"];
  readonly audit?: AuditLog | undefined;
  readonly log: Logger;
  /** Milliseconds that one call may take. Default 30,000. */
  readonly callTimeoutMs?: number | undefined;
  /** Calls that one token may have under way. Default 64. */
  readonly mostPerToken?: number | undefined;
  readonly build?: EndpointOptions["build"];
}

/** The shared instance while it serves. */
export interface Service {
  readonly address: string;
  /** Lets calls under way finish for `graceMs`, keeps what is to be kept, and ends. */
  close(graceMs: number): Promise<void>;
}

const CALL_TIMEOUT_MS = 30_000;
/** A quarter of what one process takes at once. */
const MOST_PER_TOKEN = 64;

/** Serves the protocol with everything around it. @throws KnowledgeError `unavailable` when the address cannot be had. */
export async function openService(options: ServiceOptions): Promise<Service> {
  const { deps, settings, authenticator, audit, log, mostPerToken = MOST_PER_TOKEN } = options;
  const { clock } = deps;
  const store = openServingStore(deps);
  const metrics = openMetrics();
  const inFlight = openInFlight(store.pool);
  const owner = (tenant: string) => store.depsFor({ tenant, projects: "all", name: deps.actor });
  const owed = openOwedVectors({ depsFor: owner, log, clock });
  const endpoint = openHttpEndpoint({
    version: packageVersion(),
    depsFor: store.depsFor,
    log,
    onCall: (caller, call) => noteCall({ metrics, owed, audit, clock }, caller, call),
    build: options.build,
  });
  const door = await openHttpDoor({
    settings,
    authenticator,
    provider: options.provider,
    rateLimit: openRateLimit(settings.rateLimit, clock),
    strangers: openStrangerLimit(openClientAddress(settings.trustedProxies), clock),
    inFlight,
    callsOf: openTokenSlots(mostPerToken),
    metrics,
    readings: openReadings({ store, inFlight, owed, embedder: deps.embedder, log, clock }),
    look: openHealth(store, clock).look,
    mcp: endpoint.answer,
    documents: (caller, step) =>
      takeStep({ ...store.recordingDepsFor(caller), log }, { caller, step }, (call) =>
        noteCall({ metrics, owed, audit, clock }, caller, call),
      ),
    log,
    callTimeoutMs: options.callTimeoutMs ?? CALL_TIMEOUT_MS,
    mostBodyBytes: MOST_BODY_BYTES,
  });
  return {
    address: door.address,
    close: async (graceMs) => {
      await door.close(graceMs);
      // None of them may hold up the others: time is short, and the store may be away.
      await Promise.all([endpoint.close(), owed.stop(), audit?.flush(), authenticator.close()]);
    },
  };
}

/** Calls after which there may be passages without a vector. */
const OWING: ReadonlySet<string> = new Set([
  "semantic_search",
  "documents/store",
  ...toolsOf("full")
    .filter(({ writes }) => writes)
    .map(({ name }) => name),
]);

interface Noting {
  readonly metrics: Metrics;
  readonly owed: OwedVectors;
  readonly audit: AuditLog | undefined;
  readonly clock: () => number;
}

function noteCall({ metrics, owed, audit, clock }: Noting, caller: Caller, call: FinishedCall): void {
  const { tool, project, outcome, durationMs, rows } = call;
  metrics.count("aiknowsys_tool_calls_total", { tool, outcome });
  metrics.observe("aiknowsys_tool_call_seconds", { tool }, durationMs / 1_000);
  audit?.record({
    at: timestampOf(clock()),
    caller,
    tool,
    ...(project !== undefined && { project }),
    outcome,
    durationMs,
    rows,
  });
  if (outcome === "ok" && OWING.has(tool)) owed.wake(caller, project);
}
