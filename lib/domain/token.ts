import { createHash } from "node:crypto";
import { type ProjectId, refsOf, sha256 } from "./ids.ts";
import type { Timestamp } from "./timestamp.ts";

/** What a token may do; each includes those before it. */
export const TOKEN_SCOPES = ["read", "write", "admin"] as const;
export type TokenScope = (typeof TOKEN_SCOPES)[number];

/** How long a token counts that is not told otherwise. */
export const TOKEN_DAYS = 90;

/** A token of a tenant, without its secret. */
export interface Token {
  /** UUIDv7. */
  readonly id: string;
  /** `tok_` and the 8 characters that its text shows after `aiks_`. */
  readonly ref: string;
  /** Who or what uses it. */
  readonly name: string;
  readonly scope: TokenScope;
  readonly projects: "all" | readonly ProjectId[];
  readonly createdAt: Timestamp;
  /** Absent: it counts until it is revoked. */
  readonly expiresAt?: Timestamp | undefined;
  readonly revokedAt?: Timestamp | undefined;
  /** To the minute. */
  readonly lastUsedAt?: Timestamp | undefined;
}

/** `aiks_<id>_<secret>_<check>`: base32 id, 256 random bits in base62, six hex digits of a checksum. */
const TEXT = /^aiks_([a-z2-7]{8})_([0-9A-Za-z]{43})_([0-9a-f]{6})$/;
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SECRET_LENGTH = 43;

/** The text of a new token: its secret is in it, so it is shown once and never kept. @param random 32 bytes */
export function renderToken(id: string, random: Uint8Array): string {
  const body = `aiks_${refOfToken(id).slice("tok_".length)}_${base62(random)}`;
  return `${body}_${checkOf(body)}`;
}

/** Whether the text can be a token at all: a slip of the pen is told without asking the store. */
export function isTokenText(text: string): boolean {
  const check = TEXT.exec(text)?.[3];
  return check !== undefined && checkOf(text.slice(0, -check.length - 1)) === check;
}

/**
 * What is kept of a token: SHA-256 of its whole text in hex. A secret of 256 random bits cannot be guessed, so no
 * slow function for passwords is needed.
 */
export function hashOfToken(text: string): string {
  return sha256(text);
}

export function refOfToken(id: string): string {
  return refsOf("token", id)[0] ?? "";
}

/** Whether a right includes another one. */
export function includesScope(held: TokenScope, needed: TokenScope): boolean {
  return TOKEN_SCOPES.indexOf(held) >= TOKEN_SCOPES.indexOf(needed);
}

function checkOf(body: string): string {
  return createHash("sha256").update(`check ${body}`).digest("hex").slice(0, 6);
}

function base62(bytes: Uint8Array): string {
  let rest = BigInt(`0x${Buffer.from(bytes.subarray(0, 32)).toString("hex")}`);
  let text = "";
  for (let i = 0; i < SECRET_LENGTH; i++) {
    text = `${DIGITS[Number(rest % 62n)] ?? ""}${text}`;
    rest /= 62n;
  }
  return text;
}
