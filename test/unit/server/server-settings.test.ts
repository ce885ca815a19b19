import { describe, expect, it } from "vitest";
import { asKnowledgeError } from "../../../lib/domain/error.ts";
import { serverSettings } from "../../../lib/server-settings.ts";

type Variables = Readonly<Record<string, string>>;

function read(env: Variables, flags: { host?: string; port?: string } = {}) {
  return serverSettings(flags, (name) => env[name]);
}

describe("settings of serve", () => {
  it("are those of one's own machine, with tokens, when nothing is said", () => {
    expect(read({})).toEqual({
      host: "127.0.0.1",
      port: 3_000,
      isLoopback: true,
      allowedHosts: ["localhost", "127.0.0.1", "[::1]"],
      allowedOrigins: ["localhost", "127.0.0.1", "[::1]"],
      auth: ["token"],
      rateLimit: 1_200,
      trustedProxies: ["127.0.0.0/8", "::1"],
    });
  });

  it("take flags before the environment", () => {
    const env = { HOST: "0.0.0.0", PORT: "80" };
    expect(read(env)).toMatchObject({ host: "0.0.0.0", port: 80, isLoopback: false });
    expect(read(env, { host: "::1", port: "0" })).toMatchObject({ host: "::1", port: 0, isLoopback: true });
  });

  it("take names and origins as lists, in lower case", () => {
    const { allowedHosts, allowedOrigins } = read({
      AIKNOWSYS_ALLOWED_HOSTS: "KB.example.com, ::1,",
      AIKNOWSYS_ALLOWED_ORIGINS: "https://App.example.com:8443,localhost",
    });
    expect(allowedHosts).toEqual(["kb.example.com", "[::1]"]);
    expect(allowedOrigins).toEqual(["https://app.example.com:8443", "localhost"]);
  });

  it("take proxies as addresses and networks", () => {
    const { trustedProxies } = read({ AIKNOWSYS_TRUSTED_PROXIES: "10.0.0.0/8, 192.0.2.7,fd00::/8" });
    expect(trustedProxies).toEqual(["10.0.0.0/8", "192.0.2.7", "fd00::/8"]);
  });

  it("need no credential only where none but this machine gets in", () => {
    expect(read({ AIKNOWSYS_AUTH: "none" }).auth).toEqual([]);
    expect(read({ AIKNOWSYS_AUTH: "JWT, token,jwt" }).auth).toEqual(["jwt", "token"]);
  });

  it.each<[Variables, RegExp, { port: string }?]>([
    [{ PORT: "80a" }, /^PORT is "80a"/],
    [{ PORT: "70000" }, /^PORT is "70000"/],
    [{ AIKNOWSYS_RATE_LIMIT: "0" }, /AIKNOWSYS_RATE_LIMIT is "0"/],
    [{ AIKNOWSYS_TRUSTED_PROXIES: "*" }, /AIKNOWSYS_TRUSTED_PROXIES holds "\*"/],
    [{ AIKNOWSYS_TRUSTED_PROXIES: "10.0.0.0/33" }, /no address and no network/],
    [{ AIKNOWSYS_TRUSTED_PROXIES: "10.0.0.0/8/8" }, /no address and no network/],
    [{ AIKNOWSYS_TRUSTED_PROXIES: "fd00::/129" }, /no address and no network/],
    [{ AIKNOWSYS_ALLOWED_HOSTS: "*" }, /holds "\*"/],
    [{ AIKNOWSYS_ALLOWED_HOSTS: "kb.example.com:443" }, /not a host name/],
    [{ AIKNOWSYS_ALLOWED_ORIGINS: "https://a.example/path" }, /AIKNOWSYS_ALLOWED_ORIGINS/],
    [{ AIKNOWSYS_AUTH: "none", HOST: "0.0.0.0" }, /reached from other machines/],
    [{ AIKNOWSYS_AUTH: "none", HOST: "127.0.0.1.example.com" }, /reached from other machines/],
    [{ AIKNOWSYS_AUTH: "none,token" }, /AIKNOWSYS_AUTH is "none,token"/],
    [{ AIKNOWSYS_AUTH: "password" }, /AIKNOWSYS_AUTH is "password"/],
    [{ PORT: "80" }, /^--port is "x"/, { port: "x" }],
  ])("refuse %j", (env, sentence, flags) => {
    const thrown = (() => {
      try {
        return read(env, flags);
      } catch (error) {
        return error;
      }
    })();
    expect(asKnowledgeError(thrown)).toMatchObject({
      code: "invalid_input",
      message: expect.stringMatching(sentence),
      hint: expect.any(String),
    });
  });
});
