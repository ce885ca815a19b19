import { KnowledgeError } from "./domain/error.ts";

/** What of the environment leads `mcp` and `index --remote` to a shared instance instead of a store of their own. */
export const REMOTE_VARIABLES = {
  AIKNOWSYS_REMOTE_URL:
    "address of a shared instance: `mcp` serves from there, `index --remote` sends documents there",
  AIKNOWSYS_TOKEN: "token for it",
} as const;

/** Where the shared instance is, and what it is shown. */
export interface RemoteSettings {
  /** Of its `/mcp`. */
  readonly url: URL;
  readonly token: string | undefined;
}

/** RFC 6750, 2.1; nothing else can stand in the header that carries it. */
const TOKEN = /^[\w.~+/-]+=*$/;

type Read = (name: keyof typeof REMOTE_VARIABLES) => string | undefined;

/** `undefined` where none is named. @throws KnowledgeError `invalid_input` */
export function remoteSettings(read: Read): RemoteSettings | undefined {
  const text = read("AIKNOWSYS_REMOTE_URL")?.trim();
  if (text === undefined || text === "") return undefined;
  const token = read("AIKNOWSYS_TOKEN")?.trim();
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text))
    throw malformed("AIKNOWSYS_REMOTE_URL is not an address that begins with https:// or http://.");
  const url = new URL(text);
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "")
    throw malformed("AIKNOWSYS_REMOTE_URL holds more than an address.");
  if (url.protocol === "http:" && token !== undefined && token !== "" && !isLoopback(url.hostname))
    throw malformed(
      "AIKNOWSYS_REMOTE_URL begins with http://: the token would be sent for everybody to read.",
    );
  if (token !== undefined && token !== "" && !TOKEN.test(token)) throw noToken();
  url.pathname = url.pathname === "/" ? "/mcp" : url.pathname.replace(/\/mcp\/+$/, "/mcp");
  return { url, token: token === "" ? undefined : token };
}

function noToken(): KnowledgeError {
  const message = "AIKNOWSYS_TOKEN is no token: it holds a character that no token has.";
  const hint = "Set it to the token alone, on one line, just as `aiknowsys token create` printed it.";
  return new KnowledgeError("invalid_input", message, { field: "AIKNOWSYS_TOKEN", hint });
}

function isLoopback(hostname: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

function malformed(message: string): KnowledgeError {
  const hint =
    "Set it to the instance's address, such as https://knowledge.example.com, and the token to AIKNOWSYS_TOKEN.";
  return new KnowledgeError("invalid_input", message, { field: "AIKNOWSYS_REMOTE_URL", hint });
}
