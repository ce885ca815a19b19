import { createRemoteJWKSet, type JWTVerifyGetKey } from "jose";
import type { ProviderSettings } from "../credential-settings.ts";
import { KnowledgeError } from "../domain/error.ts";

/** How long to wait for the provider. */
const TIMEOUT_MS = 5_000;
/** Keys are asked for again after this time, and sooner for a key that is not known, but no sooner than this. */
const KEPT_MS = 600_000;
const COOL_DOWN_MS = 30_000;
/** Tokens that may wait for keys at once: anybody can send some, and each takes the place of a call meanwhile. */
const MOST_WAITING = 32;

/** The provider's public keys, fetched when the first token comes and kept for a while. */
export function providerKeys(settings: Pick<ProviderSettings, "issuer" | "jwksUrl">): JWTVerifyGetKey {
  let keys: Promise<JWTVerifyGetKey> | undefined;
  const open = async (): Promise<JWTVerifyGetKey> => {
    const url = new URL(settings.jwksUrl ?? (await discovered(settings.issuer)));
    return createRemoteJWKSet(url, {
      timeoutDuration: TIMEOUT_MS,
      cacheMaxAge: KEPT_MS,
      cooldownDuration: COOL_DOWN_MS,
    });
  };
  let waiting = 0;
  return async (header, token) => {
    if (waiting >= MOST_WAITING)
      throw new KnowledgeError("unavailable", "Too many tokens wait for the provider's keys.");
    waiting += 1;
    try {
      keys ??= open().catch((error: unknown) => {
        keys = undefined;
        throw error;
      });
      return await (await keys)(header, token);
    } finally {
      waiting -= 1;
    }
  };
}

/** OpenID Connect Discovery 1.0, 4: the document must name the issuer that was asked for. */
async function discovered(issuer: string): Promise<string> {
  const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: "error" });
  const document: unknown = response.ok ? await response.json() : undefined;
  const members = new Map(Object.entries(typeof document === "object" && document !== null ? document : {}));
  const jwksUrl = members.get("jwks_uri");
  if (members.get("issuer") === issuer && typeof jwksUrl === "string" && isSecure(jwksUrl)) return jwksUrl;
  throw new KnowledgeError("unavailable", `The provider ${issuer} does not say where its keys are.`, {
    hint: "Check OIDC_ISSUER letter by letter, or set OIDC_JWKS_URL.",
  });
}

function isSecure(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === "https:" || /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}
