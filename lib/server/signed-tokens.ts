import {
  decodeJwt,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
  SignJWT,
} from "jose";
import type { FirstPartySettings, ProviderSettings } from "../credential-settings.ts";
import { KnowledgeError } from "../domain/error.ts";
import type { ProjectId } from "../domain/ids.ts";
import type { TokenScope } from "../domain/token.ts";
import { ASK } from "./bearer.ts";
import { type Caller, NotAuthenticated } from "./caller.ts";
import { type ClaimNames, callerOfClaims, type FindTenant } from "./claims.ts";
import { providerKeys } from "./provider-keys.ts";

/** Checks the tokens of one issuer. */
export interface SignedTokens {
  readonly issuer: string;
  /** @throws NotAuthenticated; KnowledgeError `forbidden`, or `unavailable` when the issuer's keys cannot be had. */
  callerOf(token: string): Promise<Caller>;
}

interface CheckDeps {
  readonly clock: () => number;
  readonly findTenant: FindTenant;
}

/** For how long a token may be valid, and what is said of one that is for longer. */
interface Span {
  readonly seconds: number;
  readonly sentence: string;
  readonly hint: string;
}

/** Clocks of two machines may differ by so much. */
const TOLERANCE_S = 30;
/** Minutes that a first-party token may count: it cannot be taken back, so it must end soon by itself. */
export const LONGEST_MINUTES = 60;
const OWN_SPAN: Span = {
  seconds: LONGEST_MINUTES * 60,
  sentence: "This token is valid for more than an hour; first-party tokens count for an hour at the most.",
  hint: "Sign one that ends sooner: `aiknowsys token jwt --minutes 15`.",
};
/** Those of a provider that are for longer are not meant for calls. */
const PROVIDED_SPAN: Span = {
  seconds: 24 * 3_600,
  sentence: "This token is valid for more than a day; tokens of a provider count for a day at the most.",
  hint: "Ask the provider for one that ends sooner, or its owner to make access tokens for less than a day.",
};
const OWN_CLAIMS: ClaimNames = { tenant: "tenant", scope: "scope", projects: "projects" };

/** Tokens signed with our own secret: HS256 and nothing else, for an hour at the most. */
export function openFirstParty(
  { secret, issuer, audience }: FirstPartySettings,
  deps: CheckDeps,
): SignedTokens {
  const key: JWTVerifyGetKey = async () => secret;
  const options = { issuer, audience, algorithms: ["HS256"], requiredClaims: ["exp", "iat", "sub"] };
  return {
    issuer,
    callerOf: async (token) => {
      const payload = await verified(token, key, options, deps.clock());
      checkSpan(payload, deps.clock(), OWN_SPAN);
      return callerOfClaims(payload, OWN_CLAIMS, deps.findTenant);
    },
  };
}

/** What a first-party token says of its holder. */
export interface FirstPartyClaims {
  readonly name: string;
  /** Its name. */
  readonly tenant: string;
  readonly scope: TokenScope;
  readonly projects: "all" | readonly ProjectId[];
}

/** Signs a token that counts until a moment: such as {@link openFirstParty} takes. Times in ms since 1970. */
export function signFirstParty(
  { secret, issuer, audience }: FirstPartySettings,
  { name, tenant, scope, projects }: FirstPartyClaims,
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
): Promise<string> {
  return new SignJWT({ tenant, scope, ...(projects !== "all" && { projects: [...projects] }) })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setSubject(name)
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt(Math.floor(fromMs / 1_000))
    .setExpirationTime(Math.floor(untilMs / 1_000))
    .sign(secret);
}

/** Tokens of an OpenID Connect provider: signatures by its published keys, meant for us alone. */
export function openProvider(settings: ProviderSettings, deps: CheckDeps): SignedTokens {
  const { issuer, audience, algorithms, claims } = settings;
  const keys = providerKeys(settings);
  const options = { issuer, audience, algorithms: [...algorithms], requiredClaims: ["exp", "sub"] };
  return {
    issuer,
    callerOf: async (token) => {
      const payload = await verified(token, keys, options, deps.clock());
      checkSpan(payload, deps.clock(), PROVIDED_SPAN);
      return callerOfClaims(payload, claims, deps.findTenant);
    },
  };
}

/** What an unchecked token says of its issuer: tells only who is to check it. */
export function claimedIssuer(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

async function verified(
  token: string,
  key: JWTVerifyGetKey,
  options: JWTVerifyOptions,
  now: number,
): Promise<JWTPayload> {
  try {
    const times = { clockTolerance: TOLERANCE_S, currentDate: new Date(now) };
    const { payload } = await jwtVerify(token, key, { ...options, ...times });
    if (typeof payload.sub === "string" && payload.sub.trim() !== "") return payload;
  } catch (cause) {
    throw asRefusal(cause);
  }
  throw refused("This token does not say whose it is: its claim sub is no text.");
}

/** Nobody can take a signed token back, so none may count for long. */
function checkSpan({ exp = 0, iat }: JWTPayload, nowMs: number, most: Span): void {
  const now = nowMs / 1_000;
  if (iat !== undefined && iat > now + TOLERANCE_S) throw refused("This token comes from the future.");
  if (exp - (iat ?? now) > most.seconds + (iat === undefined ? TOLERANCE_S : 0))
    throw new NotAuthenticated(most.sentence, most.hint);
}

function asRefusal(cause: unknown): KnowledgeError {
  if (cause instanceof KnowledgeError) return cause;
  if (cause instanceof errors.JWTExpired) return refused("This token has expired.", cause);
  const isTheirs =
    cause instanceof errors.JWTClaimValidationFailed ||
    cause instanceof errors.JWTInvalid ||
    cause instanceof errors.JWSInvalid ||
    cause instanceof errors.JWSSignatureVerificationFailed ||
    cause instanceof errors.JOSEAlgNotAllowed ||
    cause instanceof errors.JOSENotSupported ||
    cause instanceof errors.JWKSNoMatchingKey ||
    cause instanceof errors.JWKSMultipleMatchingKeys;
  if (isTheirs) return refused("This token does not count here.", cause);
  return new KnowledgeError("unavailable", "The keys that this token is signed with cannot be had now.", {
    hint: "Try again in a moment; OIDC_JWKS_URL and the provider's state are the owner's matter.",
    cause,
  });
}

function refused(sentence: string, cause?: unknown): NotAuthenticated {
  return new NotAuthenticated(sentence, ASK, cause);
}
