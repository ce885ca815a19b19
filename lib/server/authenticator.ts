import type { CredentialSettings } from "../credential-settings.ts";
import type { Logger } from "../knowledge/deps.ts";
import type { StorageAdapter } from "../storage/adapter.ts";
import { ASK, bearerToken } from "./bearer.ts";
import { type Authenticator, NotAuthenticated } from "./caller.ts";
import { openOpaqueTokens } from "./opaque-tokens.ts";
import type { SignedTokens } from "./signed-tokens.ts";
import { openTenantNames } from "./tenant-names.ts";

export interface AuthenticatorOptions {
  /** Kinds of credentials that count: token, jwt, oidc. */
  readonly kinds: readonly string[];
  readonly credentials: CredentialSettings;
  /** The store as its owner opened it, not as some caller has it. */
  readonly storage: Pick<StorageAdapter, "tokens" | "tenancy">;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly log: Pick<Logger, "warn">;
}

/** Checks the kinds of credentials that count here. */
export async function openAuthenticator(options: AuthenticatorOptions): Promise<Authenticator> {
  const { kinds, storage, clock, log } = options;
  const onLost = (error: unknown): void =>
    log.warn("The use of a token was not noted.", { cause: String(error) });
  const opaque = openOpaqueTokens({ tokens: storage.tokens, clock, onLost });
  const signed = await openSigned(options);
  return {
    authenticate: async (authorization) => {
      const token = bearerToken(authorization);
      if (token.startsWith("aiks_") && kinds.includes("token")) return opaque.callerOf(token);
      const issuer = signed?.claimedIssuer(token);
      const known = signed?.issuers.find((each) => each.issuer === issuer);
      if (known !== undefined) return known.callerOf(token);
      throw new NotAuthenticated("Credentials of this kind do not count here.", ASK);
    },
    close: () => opaque.settle(),
  };
}

interface Signed {
  readonly issuers: readonly SignedTokens[];
  readonly claimedIssuer: (token: string) => string | undefined;
}

/** The library for signatures is loaded only where they count. */
async function openSigned({
  credentials,
  storage,
  clock,
}: AuthenticatorOptions): Promise<Signed | undefined> {
  const { jwt, oidc } = credentials;
  if (jwt === undefined && oidc === undefined) return undefined;
  const { claimedIssuer, openFirstParty, openProvider } = await import("./signed-tokens.ts");
  const deps = { clock, findTenant: openTenantNames(storage.tenancy) };
  const issuers = [
    ...(jwt === undefined ? [] : [openFirstParty(jwt, deps)]),
    ...(oidc === undefined ? [] : [openProvider(oidc, deps)]),
  ];
  return { issuers, claimedIssuer };
}
