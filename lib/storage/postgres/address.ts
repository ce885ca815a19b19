import { KnowledgeError } from "../../domain/error.ts";

/** How TLS is used; certificates are verified whenever it is on. */
export type TlsMode = "off" | "on";

/** A PostgreSQL address taken apart by us: the driver would let `sslmode` override what we set. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string | undefined;
  readonly database: string;
  readonly tls: TlsMode;
  /** The name that the certificate must carry, where it is not the host's. */
  readonly serverName: string | undefined;
  /** The same without credentials, for people. */
  readonly location: string;
}

const EXAMPLE =
  "Write it as postgres://user:password@host:5432/database?sslmode=require; in user and password write %25 for %, %40 for @, %2F for /, %23 for # and %3F for ?.";
const TLS_MODES: Readonly<Record<string, TlsMode>> = {
  disable: "off",
  allow: "off",
  prefer: "off",
  require: "on",
  "verify-ca": "on",
  "verify-full": "on",
  true: "on",
  false: "off",
  on: "on",
  off: "off",
};

/**
 * @param url `postgres://…`; `host=/folder` as a query parameter names a socket folder
 * @param ssl POSTGRES_SSL, which wins over the URL's `sslmode`
 * @param what how the address is called where it is refused
 * @throws KnowledgeError `invalid_input`, never with the password in it.
 */
export function parseAddress(url: string, ssl?: string, what = "The PostgreSQL address"): Address {
  try {
    return addressOf(parseUrl(url), ssl);
  } catch (error) {
    throw error instanceof BadAddress ? refused(what, error.message) : error;
  }
}

function addressOf(parsed: URL, ssl: string | undefined): Address {
  // Some providers find the database by these two where TLS does not name the host; here it does.
  if (!/^(|(endpoint|project)=.*)$/.test(parsed.searchParams.get("options") ?? "")) {
    throw new BadAddress(
      "has options for the session in it, which are not used: ALTER ROLE … SET keeps them at the server",
    );
  }
  const mode = ssl ?? parsed.searchParams.get("sslmode") ?? parsed.searchParams.get("ssl") ?? "disable";
  const tls = TLS_MODES[mode.toLowerCase()];
  if (tls === undefined) throw unknownTls(mode);
  const host = parsed.searchParams.get("host") ?? decoded(parsed.hostname || "localhost");
  if (host.includes(",")) throw severalHosts();
  const port = portOf(parsed.port || parsed.searchParams.get("port"));
  const user = decoded(parsed.username) || "postgres";
  const database = decoded(parsed.pathname.slice(1)) || user;
  return {
    host,
    port,
    user,
    password: parsed.password === "" ? undefined : decoded(parsed.password),
    database,
    tls,
    serverName: parsed.searchParams.get("sslservername") ?? undefined,
    location: `postgres://${host.startsWith("/") ? "localhost" : host}:${port}/${database}`,
  };
}

function parseUrl(url: string): URL {
  let parsed: URL;
  if (/^\s*postgres(?:ql)?:\/\/(?:[^/?#]*@)?[^/?#@]*,/i.test(url)) throw severalHosts();
  try {
    // A user without a host, as sockets have it (`postgres://user@/database?host=/folder`), is no URL elsewhere.
    parsed = new URL(url.replace(/^(\s*postgres(?:ql)?:\/\/[^/?#]*@)(?=[/?]|$)/i, "$1localhost"));
  } catch {
    throw new BadAddress("is not a URL");
  }
  if (parsed.protocol !== "postgres:" && parsed.protocol !== "postgresql:") {
    throw new BadAddress("does not begin with postgres://");
  }
  // A password with such a character ends too early, and its rest would pass for the name of the database.
  if (
    !/^postgres(?:ql)?:\/\//i.test(url.trim()) ||
    parsed.hash !== "" ||
    /@/.test(parsed.pathname + parsed.search)
  )
    throw new BadAddress("is not written in full, or has a character in it that must be encoded");
  return parsed;
}

function severalHosts(): BadAddress {
  return new BadAddress("names several hosts, where one can be used");
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new BadAddress("has a % in it that is not followed by two hexadecimal digits");
  }
}

function portOf(text: string | null): number {
  const port = Number(text ?? 5432);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new BadAddress("names a port that is no number from 1 to 65535");
}

/** Its message is what the address is or does wrong. */
class BadAddress extends Error {}

function refused(what: string, why: string): KnowledgeError {
  return new KnowledgeError("invalid_input", `${what} ${why}.`, { field: "connection", hint: EXAMPLE });
}

function unknownTls(mode: string): KnowledgeError {
  return new KnowledgeError("invalid_input", `The TLS mode "${mode.slice(0, 40)}" is not known.`, {
    field: "sslmode",
    valid: ["disable", "require", "verify-full"],
    hint: "Certificates are verified whenever TLS is on; POSTGRES_CA_FILE adds a root certificate.",
  });
}
