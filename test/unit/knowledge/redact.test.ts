import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { redactJson, redactText, sealSecrets } from "../../../lib/knowledge/redact.ts";
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
  { name: "assigned-secret", secret: "ab(1),c;d<9>", around: (secret) => `password = "${secret}" # old` },
  { name: "assigned-secret", secret: "hunter2-Correct", around: (secret) => `'password' => '${secret}',` },
  { name: "assigned-secret", secret: "django-1n5ecure_x", around: (secret) => `SECRET_KEY='${secret}'` },
  {
    name: "assigned-secret",
    secret: "hunter2-Correct",
    around: (secret) => `const dbPassword = "${secret}";`,
  },
  {
    name: "assigned-secret",
    secret: "aB3xY9zW7q",
    around: (secret) => `login --api-key ${secret} --verbose`,
  },
  {
    name: "private-key",
    secret: `-----BEGIN RSA ${"PRIVATE"} KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,${run("0A1B", 32)}\n\n${run("MIIEow", 64)}`,
  },
  {
    name: "private-key",
    secret: `-----BEGIN ${"PRIVATE"} KEY-----\\n${run("MIIEvQ", 64)}\\n${run("aB3+/=", 40)}`,
  },
  { name: "gitlab-token", secret: `glpat-${run("xY7a", 27)}.01.${run("0a1b", 9)}` },
  {
    name: "connection-string",
    secret: "p@ss@2w",
    around: (secret) => `postgres://app:${secret}@db.example.org/main`,
  },
  {
    name: "connection-string",
    secret: "%40bc12%2F",
    around: (secret) => `redis://:${secret}@cache:6379/0`,
  },
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
    // Hashes and identifiers.
    "commit 61cbacb0e1d2c3b4a5968778695a4b3c2d1e0f9a and the tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    `aws deploy key, commit: ${run("61cbacb0e1", 40)}`,
    "id 123e4567-e89b-12d3-a456-426614174000, SHA-1 DA39A3EE5E6B4B0D3255BFEF95601890AFD80709",
    `"integrity": "sha512-${run("aB3x/+9Z", 86)}==", "re${""}solved": "https://registry.example.org/a/-/a-1.2.3.tgz"`,
    `checksum: 10c0/${run("0a1b2c3d", 128)}`,
    `pkg@^1.0.0: version "1.0.4" re${""}solved "https://registry.example.org/pkg/-/pkg-1.0.4.tgz#${run("0a1b2c3d", 40)}"`,
    // What documentation prints in a secret's place.
    "AKIAIOSFODNN7EXAMPLE with aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    `ghp_${run("x", 36)} or sk-${run("X", 48)} or npm_${run("0", 36)}`,
    "xoxb-your-token-here, github_pat_your_token_goes_here_now, sk-ant-your-key-goes-right-here",
    "postgres://user:%s@host/db, postgres://app:DB_PASSWORD@host/db, mysql://{{user}}:{{password}}@{{host}}/db",
    "https://example.org:8080?mail=anna@example.org",
    `-----BEGIN ${"PRIVATE"} KEY-----\n...\n-----END ${"PRIVATE"} KEY-----`,
    `It begins with -----BEGIN RSA ${"PRIVATE"} KEY----- and ends with -----END RSA ${"PRIVATE"} KEY----- as ever.`,
    // Words, folders, days and versions.
    "sk-loading-placeholder-item and sk-estimator-checks-for-pipelines",
    "pypi-publishing-workflow-for-trusted-publishers-of-packages",
    "Bearer authentication-middleware-rewrite, bearer authenticationTokenProvider",
    "Authorization: Basic authentication is used",
    "PWD=/home/anna/project2 and OLDPWD=~/project-1",
    "password: 2026-02-14 and token: v1.2.3-beta.1",
    'tool --plugin-secret datasette-auth0 domain "example.org"',
    "accessToken: AccessTokenProvider; nextPageToken = response.next2",
  ])("leaves alone what only looks like a secret: %s", (text) => {
    expect(redactText(text)).toEqual({ text, found: [] });
  });

  it("finds a secret beside others, each under its own name", () => {
    const texts = SAMPLES.map(({ secret, around }) => around?.(secret) ?? secret);
    const { text, found } = redactText(texts.join("\n\n"));
    expect(found).toEqual([...new Set(SAMPLES.map(({ name }) => name))].sort());
    expect(SAMPLES.filter(({ secret }) => text.includes(secret))).toEqual([]);
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

describe("redactText of hostile text", () => {
  it("does not look for an end behind each of a hundred thousand beginnings", () => {
    const text = "-----BEGIN PRIVATE KEY-----\n".repeat(140_000);
    expect(redactText(text)).toEqual({ text, found: [] });
  });
});

describe("sealSecrets", () => {
  it("leaves marks that YAML reads as words, and that are spelt out in the end", () => {
    const secret = `ghp_${run("aB3x", 36)}`;
    const sealed = sealSecrets(`author: ${secret}\ntitle: ${secret} is to go\ntopics: [a, ${secret}]\n`);
    expect(sealed.found).toEqual(["github-token"]);
    const data: unknown = parse(sealed.text);
    const mark = "[redacted:github-token]";
    expect(redactJson(data).value).toEqual({ author: mark, title: `${mark} is to go`, topics: ["a", mark] });
    expect(redactText(sealed.text)).toEqual({
      text: `author: ${mark}\ntitle: ${mark} is to go\ntopics: [a, ${mark}]\n`,
      found: [],
    });
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

  const token = (letters: string): string => `ghp_${run(letters, 36)}`;
  const mark = "[redacted:github-token]";

  it("redacts a key by itself and leaves its value whole", () => {
    expect(redactJson({ [token("aB3x")]: "the mirror", [`password ${token("aB3x")}`]: "anna" })).toEqual({
      value: { [mark]: "the mirror", [`password ${mark}`]: "anna" },
      found: ["github-token"],
    });
  });

  it("loses no value where several keys become one, or one that is there already", () => {
    const { value } = redactJson({ [token("aB3x")]: 1, [mark]: 2, [token("cD4y")]: 3, [`${mark} (2)`]: 4 });
    expect(Object.values(value)).toEqual([1, 2, 3, 4]);
    expect(value).toMatchObject({ [mark]: 2, [`${mark} (2)`]: 4 });
    expect(JSON.stringify(value)).not.toContain("ghp_");
  });

  it("keeps every value, however keys and values look", () => {
    const texts = fc.oneof(
      fc.string(),
      fc.constantFrom(mark, ...SAMPLES.map(({ secret, around }) => around?.(secret) ?? secret)),
    );
    fc.assert(
      fc.property(fc.dictionary(texts, fc.integer()), (record) => {
        expect(Object.values(redactJson(record).value)).toEqual(Object.values(record));
      }),
    );
  });

  it("reads a telling key with its value, in words and in headers too", () => {
    expect(
      redactJson({
        Authorization: "Basic dXNlcjpodW50ZXIyMg==",
        dbPassword: "hunter2-Correct, since May",
        list: { secret: ["aB3xY9zW7q"] },
        key: "aB3xY9zW7q",
      }).value,
    ).toEqual({
      Authorization: "Basic [redacted:basic-credentials]",
      dbPassword: "[redacted:assigned-secret], since May",
      list: { secret: ["[redacted:assigned-secret]"] },
      key: "aB3xY9zW7q",
    });
  });
});
