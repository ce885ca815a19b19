import type { Logger } from "../knowledge/deps.ts";
import type { StorageAdapter } from "../storage/adapter.ts";
import { ASK, bearerToken } from "./bearer.ts";
import { type Authenticator, type Caller, NotAuthenticated } from "./caller.ts";
import { openOpaqueTokens } from "./opaque-tokens.ts";

export interface AuthenticatorOptions {
  /** The store as its owner opened it, not as some caller has it. */
  readonly storage: Pick<StorageAdapter, "tokens">;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly log: Pick<Logger, "warn">;
}

/** Checks the kinds of credentials that count here. */
export function openAuthenticator({ storage, clock, log }: AuthenticatorOptions): Authenticator {
  const onLost = (error: unknown): void =>
    log.warn("The use of a token was not noted.", { cause: String(error) });
  const opaque = openOpaqueTokens({ tokens: storage.tokens, clock, onLost });
  return {
    authenticate: async (authorization): Promise<Caller> => {
      const token = bearerToken(authorization);
      if (token.startsWith("aiks_")) return opaque.callerOf(token);
      throw new NotAuthenticated("Credentials of this kind do not count here.", ASK);
    },
    close: () => opaque.settle(),
  };
}
