import { createServer, type Server } from "node:http";
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { credentialSettings } from "../../../lib/credential-settings.ts";
import { KnowledgeError } from "../../../lib/domain/error.ts";
import { DEFAULT_TENANT, projectIdSchema } from "../../../lib/domain/ids.ts";
import { renderToken } from "../../../lib/domain/token.ts";
import { openAuthenticator } from "../../../lib/server/authenticator.ts";
import { NotAuthenticated } from "../../../lib/server/caller.ts";
import { LONGEST_MINUTES, signFirstParty } from "../../../lib/server/signed-tokens.ts";
import { listeningUrl } from "../../helpers/listening.ts";
import { NOON, nextProjectId } from "../../helpers/store.ts";

const NOW = Date.parse(NOON) / 1_000;
const SECRET = "a secret of this test, long enough for HS256 and for HS512, which it must not be used with";
const HARBOUR = "5d7b1c1e-0000-4000-8000-00000000000a";
const AUDIENCE = "https://kb.example.com/mcp";

/** A provider of tokens on this machine. */
interface Provider {
  readonly server: Server;
  readonly url: string;
  /** How often its keys were asked for. */
  asked: number;
  /** Answers with this status instead. */
  status: number;
}

const pair = await generateKeyPair("ES256");
const strange = await generateKeyPair("ES256");
let provider: Provider | undefined;

beforeAll(async () => {
  const keys = [{ ...(await exportJWK(pair.publicKey)), kid: "k1", alg: "ES256", use: "sig" }];
  const server = createServer((request, response) => {
    if (provider === undefined) return;
    response.statusCode = provider.status;
    const isKeys = request.url === "/keys";
    if (isKeys) provider.asked += 1;
    const discovery = { issuer: provider.url, jwks_uri: `${provider.url}/keys` };
    response.setHeader("content-type", "application/json").end(JSON.stringify(isKeys ? { keys } : discovery));
  });
  provider = { server, url: await listeningUrl(server), asked: 0, status: 200 };
});
afterAll(() => provider?.server.close());

/** An authenticator with settings as they stand in the environment. */
async function checking(kinds: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const settings: Readonly<Record<string, string>> = {
    AIKNOWSYS_JWT_SECRET: SECRET,
    OIDC_ISSUER: provider?.url ?? "",
    OIDC_AUDIENCE: AUDIENCE,
    ...env,
  };
  const unused = async () => expect.fail("The store was asked for an opaque token.");
  const { authenticate } = await openAuthenticator({
    kinds,
    credentials: credentialSettings(kinds, (name) => settings[name]),
    storage: {
      // SAFETY: nothing else of these facets is used by signed tokens.
      tokens: { authenticate: unused, noteUse: unused } as never,
      // SAFETY: as above.
      tenancy: { findTenant: async (name: string) => (name === "harbour" ? HARBOUR : undefined) } as never,
    },
    clock: () => NOW * 1_000,
    log: { warn: () => undefined },
  });
  return (token: string) => authenticate(`Bearer ${token}`);
}

const CLAIMS = { tenant: "harbour", scope: "read write" };

function own(
  claims: Readonly<Record<string, unknown>> = {},
  {
    secret = SECRET,
    alg = "HS256",
    issuer = "aiknowsys",
    audience = "aiknowsys",
    from = NOW,
    to = NOW + 900,
  } = {},
): Promise<string> {
  const key = new TextEncoder().encode(secret);
  const jwt = new SignJWT({ sub: "bob", ...CLAIMS, ...claims }).setProtectedHeader({ alg });
  return jwt.setIssuer(issuer).setAudience(audience).setIssuedAt(from).setExpirationTime(to).sign(key);
}

function theirs(
  claims: Readonly<Record<string, unknown>> = {},
  { kid = "k1", key = pair.privateKey, audience = AUDIENCE, to = NOW + 900 } = {},
): Promise<string> {
  const jwt = new SignJWT({ sub: "u1", ...CLAIMS, ...claims }).setProtectedHeader({ alg: "ES256", kid });
  return jwt
    .setIssuer(provider?.url ?? "")
    .setAudience(audience)
    .setExpirationTime(to)
    .sign(key);
}

const outcomeOf = (call: Promise<unknown>) =>
  call.then(
    () => "served",
    (error: unknown) =>
      error instanceof NotAuthenticated ? 401 : error instanceof KnowledgeError ? error.code : error,
  );

describe("a first-party token", () => {
  it("makes the caller that its claims describe", async () => {
    const check = await checking(["jwt"]);
    expect(await check(await own())).toEqual({
      ...{ tenant: HARBOUR, name: "bob", tokenId: "sub:bob", scopes: "write", projects: "all" },
    });
    const projects = [nextProjectId(), nextProjectId()];
    const named = await own({ name: "Bob", jti: "t-7", scope: ["aiknowsys:admin"], projects });
    expect(await check(named)).toMatchObject({ name: "Bob", tokenId: "jti:t-7", scopes: "admin", projects });
  });

  it("puts nothing into histories and logs that could steer a terminal", async () => {
    const check = await checking(["jwt"]);
    const claims = { sub: "b\u001b]0;x\u0007ob\n", name: "\u0000B\u001b[31mob", jti: "t\n7" };
    expect(await check(await own(claims))).toMatchObject({ name: "B [31mob", tokenId: "jti:t 7" });
    expect(await check(await own({ ...claims, name: "\u0007", jti: 7 }))).toMatchObject({
      ...{ name: "b ]0;x ob", tokenId: "sub:b ]0;x ob" },
    });
  });

  it("is made as it is checked", async () => {
    const check = await checking(["jwt"]);
    const projects = [nextProjectId()];
    const settings = credentialSettings(["jwt"], (name) =>
      name === "AIKNOWSYS_JWT_SECRET" ? SECRET : undefined,
    );
    const claims = { name: "ci", tenant: "harbour", scope: "write", projects } as const;
    const signed = (minutes: number) =>
      signFirstParty(settings.jwt ?? expect.fail(), claims, {
        fromMs: NOW * 1_000,
        untilMs: (NOW + minutes * 60) * 1_000,
      });
    expect(await check(await signed(LONGEST_MINUTES))).toEqual({
      ...{ tenant: HARBOUR, name: "ci", tokenId: "sub:ci", scopes: "write", projects },
    });
    expect(await outcomeOf(check(await signed(LONGEST_MINUTES + 1)))).toBe(401);
  });

  it.each([
    ["signed with another secret", () => own({}, { secret: "another secret, long enough for HS256 too" })],
    ["of another algorithm of the same kind", () => own({}, { alg: "HS512" })],
    ["that has expired", () => own({}, { from: NOW - 900, to: NOW - 31 })],
    ["from the future", () => own({}, { from: NOW + 60 })],
    ["that is valid for too long", () => own({}, { to: NOW + 3_601 })],
    ["without an end", () => own({ exp: undefined }, {}).then((token) => withoutEnd(token))],
    ["for another audience", () => own({}, { audience: AUDIENCE })],
    ["of another issuer", () => own({}, { issuer: "somebody" })],
    ["without a holder", () => own({ sub: undefined })],
    ["whose holder is a number", () => own({ sub: 7 })],
    ["whose holder is a number, but has a name", () => own({ sub: 7, name: "Bob" })],
    ["whose holder is empty", () => own({ sub: " " })],
    ["without a signature", () => Promise.resolve(unsigned())],
    ["whose signature was cut off", async () => (await own()).replace(/[^.]+$/, "")],
    [
      "whose claims were exchanged",
      async () => exchanged(await own({ scope: "read" }), await own({ scope: "admin" })),
    ],
    ["that is none", () => Promise.resolve("not.a.token")],
    ["that is a token of another kind", () => Promise.resolve(renderToken(HARBOUR, new Uint8Array(32)))],
  ])("%s is refused with 401", async (_, token) => {
    const check = await checking(["jwt"]);
    expect(await outcomeOf(check(await token()))).toBe(401);
  });

  it.each([
    ["no tenant", { tenant: undefined }],
    ["a tenant that is not there", { tenant: "quarry" }],
    ["no right", { scope: undefined }],
    ["rights to something else", { scope: "openid profile mail.read" }],
    ["projects that are none", { projects: ["harbour"] }],
    ["an empty list of projects", { projects: [] }],
    ["a project that is no list", { projects: nextProjectId() }],
  ])("that grants %s is refused with 403", async (_, claims) => {
    const check = await checking(["jwt"]);
    expect(await outcomeOf(check(await own(claims)))).toBe("forbidden");
  });

  it("does not count where the owner has not said so", async () => {
    const check = await checking(["token"]);
    expect(await outcomeOf(check(await own()))).toBe(401);
  });
});

describe("a provider's token", () => {
  it("is checked with the keys that its discovery document names, which are fetched once", async () => {
    const check = await checking(["jwt", "oidc"]);
    const asked = provider?.asked ?? 0;
    for (const name of ["u1", "u2"]) {
      const caller = { tenant: HARBOUR, name, tokenId: `sub:${name}`, scopes: "write", projects: "all" };
      expect(await check(await theirs({ sub: name }))).toEqual(caller);
    }
    expect(provider?.asked).toBe(asked + 1);
    expect(await check(await own())).toMatchObject({ name: "bob" });
  });

  it("counts for up to a day", async () => {
    const check = await checking(["oidc"]);
    for (const claims of [{}, { iat: NOW }])
      expect(await outcomeOf(check(await theirs(claims, { to: NOW + 86_400 })))).toBe("served");
  });

  it("is told how long it may be valid, when it is for longer", async () => {
    const check = await checking(["oidc"]);
    await expect(check(await theirs({}, { to: NOW + 7 * 86_400 }))).rejects.toMatchObject({
      message: "This token is valid for more than a day; tokens of a provider count for a day at the most.",
      hint: expect.stringContaining("Ask the provider for one that ends sooner"),
    });
  });

  it("says by the claims that the owner names what its holder may do", async () => {
    const check = await checking(["oidc"], {
      OIDC_TENANT_CLAIM: "https://kb.example.com/team",
      OIDC_SCOPE_CLAIM: "roles",
      OIDC_PROJECTS_CLAIM: "https://kb.example.com/projects",
      OIDC_JWKS_URL: `${provider?.url}/keys`,
    });
    const claims = { tenant: "quarry", scope: "admin", projects: [DEFAULT_TENANT] };
    const others = { "https://kb.example.com/team": "harbour", roles: ["read"] };
    const granted = { "https://kb.example.com/projects": [projectIdSchema.parse(HARBOUR)] };
    expect(await check(await theirs({ ...claims, ...others, ...granted }))).toMatchObject({
      ...{ tenant: HARBOUR, scopes: "read", projects: [HARBOUR] },
    });
  });

  it.each([
    ["for another audience", () => theirs({}, { audience: "https://other.example.com/mcp" })],
    ["signed with a key that is not the provider's", () => theirs({}, { key: strange.privateKey })],
    ["that names a key which is not there", () => theirs({}, { kid: "k2" })],
    ["that has expired", () => theirs({}, { to: NOW - 31 })],
    ["that is valid for a year", () => theirs({}, { to: NOW + 365 * 86_400 })],
    ["that was made to be valid for more than a day", () => theirs({ iat: NOW - 86_400 }, { to: NOW + 60 })],
    ["from the future", () => theirs({ iat: NOW + 60 })],
    ["whose holder is a number", () => theirs({ sub: 7 })],
    ["without a signature", () => Promise.resolve(unsigned(provider?.url, AUDIENCE))],
    ["signed with the published key as a secret", () => signedWithPublicKey()],
    ["signed with our own secret", () => own({}, { issuer: provider?.url ?? "", audience: AUDIENCE })],
  ])("%s is refused with 401", async (_, token) => {
    const check = await checking(["jwt", "oidc"]);
    expect(await outcomeOf(check(await token()))).toBe(401);
  });

  it("is unavailable, not refused, while the provider's keys cannot be had, and counts again later", async () => {
    if (provider === undefined) throw new Error("There is no provider.");
    const check = await checking(["oidc"]);
    const keys = await checking(["oidc"], { OIDC_JWKS_URL: `${provider.url}/keys` });
    provider.status = 503;
    expect(await outcomeOf(check(await theirs()))).toBe("unavailable");
    expect(await outcomeOf(keys(await theirs()))).toBe("unavailable");
    provider.status = 200;
    expect(await outcomeOf(check(await theirs()))).toBe("served");
    const elsewhere = await checking(["oidc"], { OIDC_ISSUER: `${provider.url}/` });
    const token = new SignJWT(CLAIMS)
      .setProtectedHeader({ alg: "ES256", kid: "k1" })
      .setIssuer(`${provider.url}/`);
    const signed = await token
      .setAudience(AUDIENCE)
      .setSubject("u")
      .setExpirationTime(NOW + 9)
      .sign(pair.privateKey);
    expect(await outcomeOf(elsewhere(signed))).toBe("unavailable");
  });
});

describe("settings of credentials", () => {
  it.each([
    [["jwt"], { AIKNOWSYS_JWT_SECRET: "short" }, /5 bytes; at least 32/],
    [["jwt"], { AIKNOWSYS_JWT_SECRET: "" }, /AIKNOWSYS_JWT_SECRET is not set/],
    [["jwt"], { AIKNOWSYS_JWT_SECRET: "abcabca".repeat(9) }, /fewer than 8 different characters/],
    [["oidc"], { OIDC_ISSUER: "" }, /OIDC_ISSUER is not set/],
    [["oidc"], { OIDC_ISSUER: "http://login.example.com" }, /no https address/],
    [["oidc"], { OIDC_ISSUER: "login.example.com" }, /no https address/],
    [["oidc"], { OIDC_AUDIENCE: " " }, /OIDC_AUDIENCE is not set/],
    [["oidc"], { OIDC_JWKS_URL: "file:///keys" }, /no https address/],
    [["oidc"], { OIDC_ALGORITHMS: "ES256,none" }, /"none"/],
    [["oidc"], { OIDC_ALGORITHMS: "HS256" }, /"HS256"/],
  ])("%j with %j are refused when the server starts", async (kinds, env, message) => {
    const refusal: unknown = await checking(kinds, env).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: "invalid_input", message: expect.stringMatching(message) });
    expect(JSON.stringify(refusal)).not.toContain("short");
  });

  it("are not asked for where the kind does not count", () => {
    expect(credentialSettings(["token"], () => undefined)).toEqual({});
  });
});

function unsigned(issuer = "aiknowsys", audience = "aiknowsys"): string {
  const jwt = new UnsecuredJWT({ sub: "x", ...CLAIMS }).setIssuer(issuer).setAudience(audience);
  return jwt
    .setIssuedAt(NOW)
    .setExpirationTime(NOW + 900)
    .encode();
}

/** The first token with the second one's claims. */
function exchanged(one: string, other: string): string {
  const [header, , signature] = one.split(".");
  return [header, other.split(".")[1], signature].join(".");
}

async function withoutEnd(token: string): Promise<string> {
  const [, payload = ""] = token.split(".");
  const { exp: _, ...claims } = JSON.parse(Buffer.from(payload, "base64url").toString());
  return new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(SECRET));
}

/** The classic confusion: a public key is no secret, so nothing that is signed with it may count. */
async function signedWithPublicKey(): Promise<string> {
  const secret = new TextEncoder().encode(JSON.stringify(await exportJWK(pair.publicKey)));
  const jwt = new SignJWT({ sub: "u1", ...CLAIMS }).setProtectedHeader({ alg: "HS256", kid: "k1" });
  return jwt
    .setIssuer(provider?.url ?? "")
    .setAudience(AUDIENCE)
    .setExpirationTime(NOW + 900)
    .sign(secret);
}
