import { describe, expect, it } from "vitest";
import { credentialSettings } from "../../lib/credential-settings.ts";
import { callersOf, httpText, rawRequest, startService, WRITER } from "../helpers/http-service.ts";

const ROOT = "/.well-known/oauth-protected-resource";
const ISSUER = "https://login.example.com/";
const AUDIENCE = "https://kb.example.com/mcp";
const PAGE = "https://app.example.com";

/** A service with a provider of tokens; `env` says otherwise than usual. */
function start(env: Readonly<Record<string, string>> = {}) {
  const settings: Readonly<Record<string, string>> = {
    ...{ OIDC_ISSUER: ISSUER, OIDC_AUDIENCE: AUDIENCE },
    ...env,
  };
  return startService({
    authenticator: callersOf({ w: WRITER, r: { ...WRITER, scopes: "read" } }),
    provider: credentialSettings(["oidc"], (name) => settings[name]).oidc,
    settings: { allowedHosts: ["kb.example.com", "localhost"], allowedOrigins: [PAGE] },
  });
}

const read = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  httpText(`GET ${path}`, { Host: "kb.example.com", ...headers });

function call(headers: Readonly<Record<string, string>>, name = "create_plan"): string {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name } });
  const head = { Host: "kb.example.com", "Content-Type": "application/json", ...headers };
  return httpText("POST /mcp", { ...head, "Content-Length": String(body.length) }, body);
}

describe("with a provider of tokens", () => {
  it.each([ROOT, `${ROOT}/mcp`])("%s tells everybody whose tokens count", async (path) => {
    const { port } = await start();
    const { status, headers, body } = await rawRequest(port, read(path));
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("application/json");
    expect(JSON.parse(body)).toEqual({
      resource: AUDIENCE,
      resource_name: "AIKnowSys",
      authorization_servers: [ISSUER],
      bearer_methods_supported: ["header"],
      scopes_supported: ["read", "write"],
    });
  });

  it("names the address that was called where the audience is none, and no scopes where rights are none", async () => {
    const { port } = await start({ OIDC_AUDIENCE: "knowledge", OIDC_SCOPE_CLAIM: "roles" });
    const { body } = await rawRequest(port, read(`${ROOT}/mcp`));
    expect(JSON.parse(body)).toMatchObject({ resource: "https://kb.example.com/mcp" });
    expect(body).not.toContain("scopes_supported");
    const here = await rawRequest(port, read(`${ROOT}/mcp`, { Host: `localhost:${port}` }));
    expect(JSON.parse(here.body)).toMatchObject({ resource: `http://localhost:${port}/mcp` });
  });

  it("leads there whoever is refused for the token", async () => {
    const { port } = await start();
    const where = `resource_metadata="https://kb.example.com${ROOT}/mcp"`;
    const challenges = [
      [{}, `Bearer ${where}`],
      [{ Authorization: "Bearer nobodys" }, `Bearer error="invalid_token", ${where}`],
      [{ Authorization: "Bearer r" }, `Bearer error="insufficient_scope", scope="write", ${where}`],
    ] as const;
    for (const [headers, challenge] of challenges)
      expect((await rawRequest(port, call(headers))).headers.get("www-authenticate")).toBe(challenge);
    // Another audience than its address: the address is the one that was called.
    const other = await start({ OIDC_AUDIENCE: "https://api.example.com/knowledge" });
    const { headers } = await rawRequest(other.port, call({}));
    expect(headers.get("www-authenticate")).toBe(`Bearer ${where}`);
  });

  it("tells it under listed names, to listed pages and for reading only", async () => {
    const { port } = await start();
    for (const [name, value] of [
      ["Host", "evil.example"],
      ["Origin", "https://evil.example"],
    ] as const)
      expect((await rawRequest(port, read(ROOT, { [name]: value }))).status).toBe(403);
    const page = await rawRequest(port, read(ROOT, { Origin: PAGE }));
    expect(page.headers.get("access-control-allow-origin")).toBe(PAGE);
    const written = httpText(`POST ${ROOT}`, { Host: "localhost", "Content-Length": "0" });
    expect((await rawRequest(port, written)).status).toBe(405);
  });
});

describe("without a provider of tokens", () => {
  it("there is no such address, and refusals name none", async () => {
    const { port } = await startService({ authenticator: callersOf({ w: WRITER }) });
    for (const path of [ROOT, `${ROOT}/mcp`])
      expect((await rawRequest(port, read(path, { Host: "localhost" }))).status).toBe(404);
    const { status, headers } = await rawRequest(port, call({ Host: "localhost" }));
    expect({ status, challenge: headers.get("www-authenticate") }).toEqual({
      ...{ status: 401, challenge: "Bearer" },
    });
  });
});
