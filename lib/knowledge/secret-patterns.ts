/** A kind of secret: where it is found and which group of the match is the secret itself. */
export interface SecretPattern {
  readonly name: string;
  readonly expression: RegExp;
  /** Group to replace; 0 is the whole match. */
  readonly group: number;
  /** A cheap test that must hold before the expression is tried on a text. */
  readonly hint: RegExp;
}

const pattern = (name: string, hint: RegExp, expression: RegExp, group = 0): SecretPattern => ({
  name,
  hint,
  expression,
  group,
});

const TELLING_NAME = /pass|pwd|secret|token|key|credential/i;
/** A name whose value is a secret, at the start of a word, with a prefix such as `DB_`. */
const NAME =
  "(?:^|[^A-Za-z0-9])(?:[A-Za-z0-9_.-]{0,40}[_.-])?(?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|apikey|access[_-]?key|auth[_-]?key|private[_-]?key|secret[_-]?key|signing[_-]?key|encryption[_-]?key|client[_-]?secret|credentials?)";
const ASSIGNS = `["']?\\s{0,4}(?::=|=>|[:=])\\s{0,4}`;
const VALUE = "[^\\s\"'`,;<>(){}[\\]\uE000\uE001]{8,512}";

/**
 * Formats that issuers document, most specific first. Every expression is linear: bounded repetitions of
 * single character classes, no nesting.
 */
export const SECRET_PATTERNS: readonly SecretPattern[] = [
  pattern(
    "private-key",
    /-----BEGIN/,
    // Not across the next block's beginning: thousands of beginnings would each look for their end.
    /-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----(?:[^-]|-(?!----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY)){0,20000}?-----END (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----/g,
  ),
  // A block cut off before its END line is a secret all the same; a blank line ends it.
  pattern(
    "private-key",
    /-----BEGIN/,
    /-----BEGIN (?:[A-Z0-9]+ ){0,4}PRIVATE KEY(?: BLOCK)?-----(?:(?:\s|\\[nr]){1,8}[A-Za-z-]{1,30}: [^\r\n\\]{1,200}){0,8}(?:\s|\\[nr]){0,8}[A-Za-z0-9+/=]{16,100}(?:(?:[ \t]{0,8}(?:\r?\n|(?:\\r)?\\n)[ \t]{0,40}|[ \t])?[A-Za-z0-9+/=]{16,100}){0,400}/g,
  ),
  pattern("aws-access-key", /A(?:KIA|SIA)/, /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g),
  pattern(
    "aws-secret-key",
    /aws/i,
    /aws.{0,20}?(?:secret|key).{0,20}?[=:]\s{0,4}["']?([A-Za-z0-9/+=]{40})(?![A-Za-z0-9/+=])/gi,
    1,
  ),
  pattern(
    "github-token",
    /gh[pousr]_|github_pat_/,
    /\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})/g,
  ),
  pattern(
    "gitlab-token",
    /gl(?:pat|ptt|dt|rt|cbt|soat|oas|agent|imt|ft|ffct)-/,
    /\bgl(?:pat|ptt|dt|rt|cbt|soat|oas|agent|imt|ft|ffct)-[A-Za-z0-9_-]{20,255}(?:\.[a-z0-9]{2}\.[a-z0-9]{7,9})?/g,
  ),
  pattern("anthropic-key", /sk-ant-/, /\bsk-ant-[A-Za-z0-9_-]{20,255}/g),
  pattern("openai-key", /sk-/, /\bsk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20,255}/g),
  pattern(
    "stripe-key",
    /[rs]k_(?:live|test)_|whsec_/,
    /\b(?:[rs]k_(?:live|test)_[A-Za-z0-9]{16,255}|whsec_[A-Za-z0-9]{24,255})/g,
  ),
  pattern(
    "slack-token",
    /xox|xapp-/,
    /\b(?:xox[abeoprs]-[A-Za-z0-9-]{10,255}|xapp-\d-[A-Za-z0-9-]{10,255})/g,
  ),
  pattern(
    "slack-webhook",
    /hooks\.slack\.com/,
    /https:\/\/hooks\.slack\.com\/(?:services|workflows)\/[A-Za-z0-9/_-]{20,255}/g,
  ),
  pattern("google-api-key", /AIza/, /\bAIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/g),
  pattern("google-oauth-secret", /GOCSPX-/, /\bGOCSPX-[A-Za-z0-9_-]{20,64}/g),
  pattern("npm-token", /npm_/, /\bnpm_[A-Za-z0-9]{36}\b/g),
  pattern("pypi-token", /pypi-/, /\bpypi-[A-Za-z0-9_-]{40,255}/g),
  pattern("sendgrid-key", /SG\./, /\bSG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,64}/g),
  pattern("twilio-key", /SK[0-9a-f]/, /\bSK[0-9a-f]{32}\b/g),
  pattern("huggingface-token", /hf_/, /\bhf_[A-Za-z0-9]{30,64}\b/g),
  pattern("digitalocean-token", /do[opr]_v1_/, /\bdo[opr]_v1_[a-f0-9]{64}\b/g),
  pattern("aiknowsys-token", /aiks_/, /\baiks_[A-Za-z0-9]{4,64}_[A-Za-z0-9_-]{16,255}/g),
  pattern("azure-storage-key", /AccountKey=/i, /AccountKey=([A-Za-z0-9+/=]{40,128})/gi, 1),
  pattern(
    "json-web-token",
    /eyJ/,
    /\beyJ[A-Za-z0-9_-]{8,4096}\.eyJ[A-Za-z0-9_-]{8,8192}\.[A-Za-z0-9_-]{8,2048}/g,
  ),
  // Only the password of a connection string: host and database are worth remembering.
  pattern(
    "connection-string",
    /:\/\//,
    /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@"'`<>]{0,128}:([^\s/"'`<>]{1,256})@(?=[^\s"'`<>/])/gi,
    1,
  ),
  pattern("bearer-token", /bearer/i, /\bbearer\s{1,4}([A-Za-z0-9._~+/-]{20,4096}={0,2})/gi, 1),
  pattern(
    "basic-credentials",
    /basic/i,
    /authorization["']?\s{0,4}[:=]\s{0,4}["']?basic\s{1,4}([A-Za-z0-9+/]{12,1024}={0,2})/gi,
    1,
  ),
  // `password = …`, `api_key: …`, `"token" => …`: the unquoted value ends at a sign, the quoted one at its quote.
  pattern(
    "assigned-secret",
    TELLING_NAME,
    new RegExp(`${NAME}${ASSIGNS}(["'])([^\\s"'\`]{8,512})\\1`, "gim"),
    2,
  ),
  pattern("assigned-secret", TELLING_NAME, new RegExp(`${NAME}${ASSIGNS}["']?(${VALUE})`, "gim"), 1),
  // The same in camel case: `dbPassword`, `accessToken`.
  pattern(
    "assigned-secret",
    TELLING_NAME,
    new RegExp(
      `\\b[a-z][A-Za-z0-9]{0,40}(?:Password|Passwd|Passphrase|Secret|Token|Api_?Key|(?:Access|Auth|Private|Secret|Signing|Encryption)Key)${ASSIGNS}["']?(${VALUE})`,
      "g",
    ),
    1,
  ),
  // On a command line: `--password …`, `--api-key …`.
  pattern(
    "assigned-secret",
    TELLING_NAME,
    new RegExp(
      `(?:^|\\s)--(?:[A-Za-z0-9-]{0,40}-)?(?:password|passwd|passphrase|secret|token|api-?key|access-?key)[ \\t]{1,4}["']?(${VALUE})`,
      "gim",
    ),
    1,
  ),
];
