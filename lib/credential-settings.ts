import { KnowledgeError } from "./domain/error.ts";

/** What of the environment says which signed credentials count. Read by `serve` alone. */
export const CREDENTIAL_VARIABLES = {
  AIKNOWSYS_JWT_SECRET: "secret of first-party JSON Web Tokens (HS256), at least 32 bytes",
  AIKNOWSYS_JWT_ISSUER: "their issuer, `iss` (default aiknowsys)",
  AIKNOWSYS_JWT_AUDIENCE: "their audience, `aud` (default aiknowsys)",
  OIDC_ISSUER: "address of an OpenID Connect provider whose access tokens count",
  OIDC_AUDIENCE: "the audience, `aud`, that its tokens must have",
  OIDC_JWKS_URL: "where its keys are (default: what its discovery document says)",
  OIDC_ALGORITHMS: "signatures that count, a list (default RS256,PS256,ES256,EdDSA)",
  OIDC_TENANT_CLAIM: "claim that names the tenant (default tenant)",
  OIDC_SCOPE_CLAIM: "claim that holds read, write or admin (default scope)",
  OIDC_PROJECTS_CLAIM:
    "claim with the ids of granted projects (default projects; without it all of the tenant)",
} as const;

type Read = (name: keyof typeof CREDENTIAL_VARIABLES) => string | undefined;

/** Tokens that a service of ours signs with a secret that this server has, too. */
export interface FirstPartySettings {
  readonly secret: Uint8Array;
  readonly issuer: string;
  readonly audience: string;
}

/** Tokens of a provider, checked with its public keys. */
export interface ProviderSettings {
  readonly issuer: string;
  readonly audience: string;
  /** Absent: asked of the provider. */
  readonly jwksUrl?: string | undefined;
  readonly algorithms: readonly string[];
  readonly claims: { readonly tenant: string; readonly scope: string; readonly projects: string };
}

/** Which signed credentials count; absent kinds do not. */
export interface CredentialSettings {
  readonly jwt?: FirstPartySettings | undefined;
  readonly oidc?: ProviderSettings | undefined;
}

/** RFC 7518, 3.2: a key for HS256 must have at least the size of its hash. */
const LEAST_SECRET_BYTES = 32;
/** Of 16 random bytes in hex fewer than so many different digits are not to be expected in a lifetime of secrets. */
const LEAST_SIGNS = 8;
/** Public keys only: with a shared secret the provider's published key would be one. */
const ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];

/** @throws KnowledgeError `invalid_input` for a setting that is missing or malformed. */
export function credentialSettings(kinds: readonly string[], read: Read): CredentialSettings {
  return Object.freeze({
    ...(kinds.includes("jwt") && { jwt: firstPartySettings(read, "AIKNOWSYS_AUTH names jwt") }),
    ...(kinds.includes("oidc") && { oidc: provider(read) }),
  });
}

/**
 * @param why what needs them, as the beginning of a sentence
 * @throws KnowledgeError `invalid_input` for a secret that is missing, or that could be guessed
 */
export function firstPartySettings(read: Read, why: string): FirstPartySettings {
  const text = needed("AIKNOWSYS_JWT_SECRET", why, read);
  const secret = new TextEncoder().encode(text);
  if (secret.length < LEAST_SECRET_BYTES)
    throw weak(`has ${secret.length} bytes; at least ${LEAST_SECRET_BYTES} are needed`);
  if (new Set(text).size < LEAST_SIGNS)
    throw weak(`repeats fewer than ${LEAST_SIGNS} different characters; that can be guessed`);
  const issuer = read("AIKNOWSYS_JWT_ISSUER") ?? "aiknowsys";
  return { secret, issuer, audience: read("AIKNOWSYS_JWT_AUDIENCE") ?? "aiknowsys" };
}

function weak(how: string): KnowledgeError {
  const hint = "Make one with: openssl rand -base64 48";
  return malformed("AIKNOWSYS_JWT_SECRET", `AIKNOWSYS_JWT_SECRET ${how}.`, hint);
}

function provider(read: Read): ProviderSettings {
  const why = "AIKNOWSYS_AUTH names oidc";
  const issuer = address("OIDC_ISSUER", needed("OIDC_ISSUER", why, read));
  const jwksUrl = read("OIDC_JWKS_URL");
  return {
    issuer,
    audience: needed("OIDC_AUDIENCE", why, read),
    ...(jwksUrl !== undefined && { jwksUrl: address("OIDC_JWKS_URL", jwksUrl) }),
    algorithms: algorithms(read("OIDC_ALGORITHMS")),
    claims: {
      tenant: read("OIDC_TENANT_CLAIM") ?? "tenant",
      scope: read("OIDC_SCOPE_CLAIM") ?? "scope",
      projects: read("OIDC_PROJECTS_CLAIM") ?? "projects",
    },
  };
}

function needed(name: keyof typeof CREDENTIAL_VARIABLES, why: string, read: Read): string {
  const value = read(name)?.trim();
  if (value !== undefined && value !== "") return value;
  throw malformed(
    name,
    `${why}, but ${name} is not set.`,
    `Set ${name}; docs/tokens.md says what it is for.`,
  );
}

/** As given: an issuer is compared letter by letter. Keys that come over a plain connection can be anybody's. */
function address(name: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLocal = url !== undefined && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  if (url?.protocol === "https:" || (url?.protocol === "http:" && isLocal)) return text;
  throw malformed(
    name,
    `${name} is "${text.slice(0, 80)}", which is no https address.`,
    "Give it as https://login.example.com",
  );
}

function algorithms(list: string | undefined): readonly string[] {
  const names = (list ?? "RS256,PS256,ES256,EdDSA").split(",").map((name) => name.trim());
  const strange = names.find((name) => !ALGORITHMS.includes(name));
  if (strange === undefined) return names;
  throw malformed(
    "OIDC_ALGORITHMS",
    `OIDC_ALGORITHMS holds "${strange.slice(0, 20)}", which is no signature by a key pair.`,
    `Use a list of ${ALGORITHMS.join(", ")}.`,
  );
}

function malformed(field: string, message: string, hint: string): KnowledgeError {
  return new KnowledgeError("invalid_input", message, { field, hint });
}
