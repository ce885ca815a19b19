import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { redactJson, redactText } from "../../../lib/knowledge/redact.ts";
import { SECRET_PATTERNS } from "../../../lib/knowledge/secret-patterns.ts";

const run = (characters: string, length: number): string =>
  characters.repeat(Math.ceil(length / characters.length)).slice(0, length);

/** One made-up secret a pattern: what stands around it must stay. */
const SAMPLES: readonly {
  readonly name: string;
  readonly secret: string;
  readonly around?: (secret: string) => string;
}[] = [
  {
    name: "private-key",
    secret: `-----BEGIN RSA ${"PRIVATE"} KEY-----\n${run("MIIEow", 64)}\n${run("aB3+/=", 64)}\n-----END RSA ${"PRIVATE"} KEY-----`,
  },
  {
    name: "private-key",
    secret: `-----BEGIN OPENSSH ${"PRIVATE"} KEY-----\n${run("b3BlbnNz", 70)}\n${run("aC1rZXkt", 70)}`,
  },
  { name: "aws-access-key", secret: `AKIA${run("Q7Z3", 16)}` },
  {
    name: "aws-secret-key",
    secret: run("aB3/x+9Z", 40),
    around: (secret) => `aws_secret_access_key = "${secret}"`,
  },
  { name: "github-token", secret: `ghp_${run("aB3x", 36)}` },
  { name: "github-token", secret: `github_pat_${run("11AB_c", 40)}` },
  { name: "gitlab-token", secret: `glpat-${run("xY7-", 20)}` },
  { name: "anthropic-key", secret: `sk-ant-api03-${run("aB3_", 40)}` },
  { name: "openai-key", secret: `sk-proj-${run("aB3d", 40)}` },
  { name: "stripe-key", secret: `sk_live_${run("4eC3", 24)}` },
  { name: "slack-token", secret: `xoxb-${run("1234567890-", 33)}abc` },
  { name: "slack-webhook", secret: `https://hooks.slack.com/services/T0000/B0000/${run("aB3x", 24)}` },
  { name: "google-api-key", secret: `AIza${run("SyB3-", 35)}` },
  { name: "google-oauth-secret", secret: `GOCSPX-${run("aB3x", 28)}` },
  { name: "npm-token", secret: `npm_${run("aB3x", 36)}` },
  { name: "pypi-token", secret: `pypi-${run("AgEIcHlwaS5vcmc", 60)}` },
  { name: "sendgrid-key", secret: `SG.${run("aB3x", 22)}.${run("zY9w", 43)}` },
  { name: "twilio-key", secret: `SK${run("0a1b", 32)}` },
  { name: "huggingface-token", secret: `hf_${run("aBcD", 34)}` },
  { name: "digitalocean-token", secret: `dop_v1_${run("0a1b", 64)}` },
  { name: "aiknowsys-token", secret: `aiks_tok1_${run("aB3x", 32)}_9f` },
  {
    name: "azure-storage-key",
    secret: `${run("aB3/", 86)}==`,
    around: (secret) => `AccountName=x;AccountKey=${secret};EndpointSuffix=y`,
  },
  { name: "json-web-token", secret: `eyJ${run("hbGc", 20)}.eyJ${run("zdWI", 24)}.${run("sIg_", 30)}` },
  {
    name: "connection-string",
    secret: "s3cr3t!pw",
    around: (secret) => `postgres://app:${secret}@db.example.org:5432/main`,
  },
  {
    name: "bearer-token",
    secret: run("aB3x", 32),
    around: (secret) => `curl -H "Authorization: Bearer ${secret}"`,
  },
  {
    name: "basic-credentials",
    secret: "dXNlcjpodW50ZXIyMg==",
    around: (secret) => `Authorization: Basic ${secret}`,
  },
  { name: "assigned-secret", secret: "hunter2-Correct", around: (secret) => `DB_PASSWORD=${secret}` },
  { name: "assigned-secret", secret: "9f8e7d6c5b4a", around: (secret) => `api_key: "${secret}"` },
];

describe("redactText", () => {
  it.each(SAMPLES)(
    "takes out a secret of the kind $name and leaves what stands around it",
    ({ name, secret, around = (text) => `before ${text} after` }) => {
      const { text, found } = redactText(around(secret));
      expect(found).toEqual([name]);
      expect(text).toBe(around(`[redacted:${name}]`));
    },
  );

  it("has a sample for every pattern", () => {
    const sampled = new Set(SAMPLES.map(({ name }) => name));
    expect(SECRET_PATTERNS.map(({ name }) => name).filter((name) => !sampled.has(name))).toEqual([]);
  });

  it.each([
    "The password: please ask Anna for it.",
    "token: string; secret?: boolean",
    "const apiKey = process.env.API_KEY;",
    `password=${"$"}{DB_PASSWORD}`,
    "postgres://user:password@localhost/db",
    "postgres://app@db/main and https://example.org:8080/path@v2",
    "secret = <your-secret>",
    "api_key: YOUR_API_KEY_HERE",
    "Use max_tokens: 2000 and token_count=12345678",
    "the sk-learn library, task-force-one and disk-usage-report-by-folder",
    "sha256 6638f625a0a60bdaa1e34c5fee0a17c705f13b98b43a7973e9d366106a55273d",
    "key: lib/storage/adapter.ts",
  ])("leaves alone what only looks like a secret: %s", (text) => {
    expect(redactText(text)).toEqual({ text, found: [] });
  });

  it("finds nothing more in what it has redacted", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string(),
            fc.constantFrom(...SAMPLES.map(({ secret, around }) => around?.(secret) ?? secret)),
          ),
        ),
        (parts) => {
          const once = redactText(parts.join("\n"));
          expect(redactText(once.text).text).toBe(once.text);
        },
      ),
    );
  });

  it("reads ten million characters without a secret in linear time", () => {
    const text = "password: passwordpasswordpassword sk- eyJ bearer -----BEGIN ".repeat(170_000);
    expect(redactText(text).text.length).toBeGreaterThan(1_000_000);
  });
});

describe("redactJson", () => {
  it("takes secrets out of nested strings and keeps keys, numbers and shape", () => {
    const secret = `ghp_${run("aB3x", 36)}`;
    const { value, found } = redactJson({
      a: [`use ${secret}`],
      n: 1,
      deep: { password: "hunter2-Correct", none: null },
    });
    expect(value).toEqual({
      a: ["use [redacted:github-token]"],
      n: 1,
      deep: { password: "[redacted:assigned-secret]", none: null },
    });
    expect(found).toEqual(["assigned-secret", "github-token"]);
  });
});
