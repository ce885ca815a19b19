import { isIP } from "node:net";
import { KnowledgeError } from "./domain/error.ts";

/** What of the environment `serve` alone reads: PORT and HOST belong to others' programs, too, so no other command looks at them. */
export const SERVER_VARIABLES = {
  HOST: "address at which `serve` listens (default 127.0.0.1: this machine only)",
  PORT: "its port (default 3000)",
  AIKNOWSYS_ALLOWED_HOSTS:
    "names by which `serve` may be called, a list (default: localhost, 127.0.0.1, ::1)",
  AIKNOWSYS_ALLOWED_ORIGINS: "origins of web pages that may call it, a list (default: those of this machine)",
  AIKNOWSYS_AUTH:
    "who may call: token (default), jwt, oidc or a list of these; none for everybody, on this machine only",
  AIKNOWSYS_RATE_LIMIT: "requests that one token may make in a minute, in each process (default 1200)",
  AIKNOWSYS_TRUSTED_PROXIES:
    "addresses and networks of proxies whose X-Forwarded-For tells who calls, a list (default: this machine)",
} as const;

type Read = (name: keyof typeof SERVER_VARIABLES) => string | undefined;

/** How the shared instance is reached. */
export interface ServerSettings {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Whether only programs of this machine can reach it. */
  readonly isLoopback: boolean;
  /** Host names in lower case, without port. */
  readonly allowedHosts: readonly string[];
  /** Host names, or whole origins such as `https://app.example.com`, in lower case. */
  readonly allowedOrigins: readonly string[];
  /** Kinds of credentials that count; empty: none is needed, which only a loopback address allows. */
  readonly auth: readonly AuthKind[];
  /** Requests a minute and token. */
  readonly rateLimit: number;
  /** Addresses and networks (10.0.0.0/8) of proxies. */
  readonly trustedProxies: readonly string[];
}

const AUTH_KINDS = ["token", "jwt", "oidc"] as const;
export type AuthKind = (typeof AUTH_KINDS)[number];

const LOOPBACK: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];
const THIS_MACHINE: readonly string[] = ["127.0.0.0/8", "::1"];
const PORT = 3_000;
const RATE_LIMIT = 1_200;

/** @throws KnowledgeError `invalid_input` for a malformed setting. */
export function serverSettings(
  flags: { readonly host?: string | undefined; readonly port?: string | undefined },
  read: Read,
): ServerSettings {
  const host = (flags.host ?? read("HOST") ?? "127.0.0.1").trim();
  return Object.freeze({
    host,
    port: flags.port === undefined ? parsePort("PORT", read("PORT")) : parsePort("port", flags.port),
    isLoopback: isLoopback(host),
    allowedHosts: listOf("AIKNOWSYS_ALLOWED_HOSTS", read, parseHost) ?? LOOPBACK,
    allowedOrigins: listOf("AIKNOWSYS_ALLOWED_ORIGINS", read, parseOrigin) ?? LOOPBACK,
    auth: parseAuth(read("AIKNOWSYS_AUTH"), host),
    rateLimit: parseRate(read("AIKNOWSYS_RATE_LIMIT")),
    trustedProxies: listOf("AIKNOWSYS_TRUSTED_PROXIES", read, parseNetwork) ?? THIS_MACHINE,
  });
}

function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i.test(host);
}

function parsePort(field: "port" | "PORT", text: string | undefined): number {
  if (text === undefined) return PORT;
  const port = /^\d{1,5}$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  const name = field === "port" ? "--port" : field;
  throw malformed(field, `${name} is "${text.slice(0, 40)}", which is not a number from 0 to 65535.`, [
    `Set ${name} to a number such as ${PORT}.`,
  ]);
}

function parseRate(text: string | undefined): number {
  if (text === undefined) return RATE_LIMIT;
  const rate = /^\d{1,9}$/.test(text.trim()) ? Number(text) : 0;
  if (rate >= 1) return rate;
  throw malformed(
    "AIKNOWSYS_RATE_LIMIT",
    `AIKNOWSYS_RATE_LIMIT is "${text.slice(0, 40)}", which is not a whole number above 0.`,
    [`Set it to requests a minute, such as ${RATE_LIMIT}, or leave it out.`],
  );
}

function parseAuth(text: string | undefined, host: string): readonly AuthKind[] {
  const names = (text ?? "token").split(",").map((name) => name.trim().toLowerCase());
  if (names.length === 1 && names[0] === "none") {
    if (isLoopback(host)) return [];
    throw malformed(
      "AIKNOWSYS_AUTH",
      `AIKNOWSYS_AUTH is none, but ${host.slice(0, 60)} can be reached from other machines.`,
      ["Leave it out, so that callers need a token, or listen at 127.0.0.1."],
    );
  }
  const kinds = names.map((name) => AUTH_KINDS.find((kind) => kind === name));
  const known = kinds.filter((kind) => kind !== undefined);
  if (known.length === kinds.length) return [...new Set(known)];
  throw malformed("AIKNOWSYS_AUTH", `AIKNOWSYS_AUTH is "${String(text).slice(0, 60)}".`, [
    `Use a list of ${AUTH_KINDS.join(", ")}, or none on this machine only.`,
  ]);
}

function listOf(
  name: "AIKNOWSYS_ALLOWED_HOSTS" | "AIKNOWSYS_ALLOWED_ORIGINS" | "AIKNOWSYS_TRUSTED_PROXIES",
  read: Read,
  parse: (item: string, name: string) => string,
): readonly string[] | undefined {
  const items = read(name)
    ?.split(",")
    .map((item) => item.trim().toLowerCase())
    .filter((item) => item !== "");
  return items?.map((item) => parse(item, name));
}

const HOST = /^([a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])$/;

function parseHost(item: string, name: string): string {
  const host = item === "::1" ? "[::1]" : item;
  if (HOST.test(host)) return host;
  throw malformed(name, `${name} holds "${item.slice(0, 60)}", which is not a host name.`, [
    "Give names without scheme, port and wildcards, such as knowledge.example.com.",
  ]);
}

function parseOrigin(item: string, name: string): string {
  if (/^https?:\/\/[^/?#@\s]+$/.test(item)) return new URL(item).origin;
  return parseHost(item, name);
}

function parseNetwork(item: string, name: string): string {
  const [address = "", bits, ...more] = item.split("/");
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  const isSound = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
  if (most > 0 && isSound && more.length === 0) return item;
  throw malformed(name, `${name} holds "${item.slice(0, 60)}", which is no address and no network.`, [
    "Give addresses such as 10.0.0.7, or networks such as 10.0.0.0/8, with commas between them.",
  ]);
}

function malformed(field: string, message: string, [hint]: readonly [string]): KnowledgeError {
  return new KnowledgeError("invalid_input", message, { field, hint });
}
