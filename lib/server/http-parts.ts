import type { ProviderSettings } from "../credential-settings.ts";
import type { ExchangeRequest } from "../domain/document-exchange.ts";
import type { Logger } from "../knowledge/deps.ts";
import type { ServerSettings } from "../server-settings.ts";
import type { Authenticator, Caller } from "./caller.ts";
import type { Readiness } from "./health.ts";
import type { InFlight } from "./in-flight.ts";
import type { Metrics, Reading } from "./metrics.ts";
import type { RateLimit } from "./rate-limit.ts";
import type { Refusal } from "./refusal.ts";
import type { StrangerLimit } from "./stranger-limit.ts";
import type { TokenSlots } from "./token-slots.ts";

/** One message, or a list of them, of a caller that is known. */
export interface McpCall {
  readonly caller: Caller;
  /** The parsed body. */
  readonly message: unknown;
  /** Head of the request, without credentials; its signal ends when the client goes or time is up. */
  readonly request: Request;
}

/** What the HTTP door is made of. */
export interface HttpParts {
  readonly settings: ServerSettings;
  readonly authenticator: Authenticator;
  /** Whose tokens count besides our own; absent: nobody's. */
  readonly provider: ProviderSettings | undefined;
  readonly rateLimit: RateLimit;
  /** Credentials that do not count, of each address. */
  readonly strangers: StrangerLimit;
  readonly inFlight: InFlight;
  /** Calls under way of each token. */
  readonly callsOf: TokenSlots;
  readonly metrics: Metrics;
  readonly readings: () => Promise<readonly Reading[]>;
  readonly look: (isDraining: boolean) => Promise<Readiness>;
  /** Serves the protocol. */
  readonly mcp: (call: McpCall) => Promise<Response | Refusal>;
  /** Takes one step of an index run on another machine. @throws KnowledgeError */
  readonly documents: (caller: Caller, step: ExchangeRequest) => Promise<object>;
  readonly log: Logger;
  /** Milliseconds that one call may take. */
  readonly callTimeoutMs: number;
  /** Bytes of the largest body. */
  readonly mostBodyBytes: number;
}

/** One request on its way through the door. */
export interface Exchange {
  /** Set once it is known, for the log. */
  tokenId?: string | undefined;
  /** Whether the server is about to end. */
  readonly isDraining: () => boolean;
  /** Ends with the reason when the client goes away. */
  readonly gone: AbortSignal;
  /** Tells that this exchange is a stream that ends only when one side wants it to. */
  readonly onStream: (end: () => void) => void;
}
