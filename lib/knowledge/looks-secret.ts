import { MARK } from "./redaction-mark.ts";

/**
 * Whether what stands where a secret stands is one: placeholders, variables, types, plain words, folders and
 * hashes are none; neither is what is redacted already.
 * @param match the whole text that the pattern matched
 */
export function looksSecret(name: string, secret: string, match: string): boolean {
  if (MARK.test(secret)) return false;
  switch (name) {
    case "private-key":
      return /[A-Za-z0-9+/]{24}/.test(secret.replace(/-----[A-Z0-9 ]{1,60}-----/g, ""));
    case "connection-string":
      return !PLACEHOLDER_PASSWORD.test(secret) && !/^\d{1,5}[?#]/.test(secret);
    case "aws-secret-key":
      return !/^[0-9a-f]{40}$/i.test(secret) && !isFiller(secret);
    case "assigned-secret":
      return isAssignedSecret(secret, match);
    case "azure-storage-key":
    case "json-web-token":
    case "slack-webhook":
      return true;
    default:
      return !PLACEHOLDER.test(secret) && !isFiller(secret) && !isWords(secret);
  }
}

/** What templates write where a password goes. */
const PLACEHOLDER_PASSWORD =
  /^(?:\$|%[sd(]|%[A-Za-z_]+%|<|\{|\[[a-z_ -]+\]$|\*+$|x{3,}$|\.{3}|(?:[a-z]+[_-])?(?:password|pass|pw|passwd|pwd|user|secret)\]?$)/i;

const PLACEHOLDER =
  /^(?:\$|%|<|\{|process\.|env\.|os\.|import\.|\*{3,}|x{4,}|\.{3}|your[_-]|my[_-]|example|placeholder|changeme|undefined|function|string|number|boolean|optional|required|https?:)/i;

function isAssignedSecret(secret: string, match: string): boolean {
  if (PLACEHOLDER.test(secret) || isFiller(secret)) return false;
  // The working folder of a shell is no password.
  if (/(?:^|[^A-Za-z0-9])(?:old)?pwd["']?\s*[:=]/i.test(match) && /^(?:[/~.\\]|[A-Z]:[\\/])/i.test(secret))
    return false;
  // What follows an option may be the name of a secret: `--plugin-secret datasette-auth0`.
  if (/^\s?--/.test(match) && /^[a-z]+\d{0,2}(?:[-_.][a-z]+\d{0,2})*$/.test(secret)) return false;
  if (/^[A-Za-z_$][\w$]*(?:\?\.|\.)[A-Za-z_$][\w$.]*$/.test(secret)) return false;
  // A day, a moment, a version.
  if (/^(?:\d{4}-\d\d-\d\d|[vV]?\d+\.\d+\.\d+)(?:[T.+-][\w.:+-]{0,40})?$/.test(secret)) return false;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(secret)).length;
  return /\d/.test(secret)
    ? kinds >= 2
    : kinds >= 3 && secret.length >= 12 && !/^[A-Za-z]+(?:[-_./][A-Za-z]+)+$/.test(secret);
}

/** `xxxxxxxx`, `00000000`, AWS's `…EXAMPLE`: what documentation prints in a secret's place. */
function isFiller(secret: string): boolean {
  return /([A-Za-z0-9*.])\1{7}/.test(secret) || /EXAMPLE(?:KEY)?$/.test(secret);
}

/** Ordinary words joined by signs or capitals, such as `sk-loading-placeholder-item`: issued tokens look random. */
function isWords(secret: string): boolean {
  const pieces = secret.split(/[-_./~+=]+|(?<=[a-z])(?=[A-Z])/);
  return pieces.every((piece) => /^(?:[A-Z]?[a-z]{2,}|[A-Z]{2,8}|[A-Za-z]|)$/.test(piece));
}
