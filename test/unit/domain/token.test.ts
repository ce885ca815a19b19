import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rowIdFrom } from "../../../lib/domain/ids.ts";
import {
  hashOfToken,
  includesScope,
  isTokenText,
  refOfToken,
  renderToken,
  TOKEN_SCOPES,
} from "../../../lib/domain/token.ts";
import { redactText } from "../../../lib/knowledge/redact.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const tokens = fc
  .record({ random: bytes(16), secret: bytes(32) })
  .map(({ random, secret }) => ({ id: rowIdFrom(1_767_225_600_000, random), secret }));

describe("a token's text", () => {
  it("is of one form, and shows by which name it is listed", () => {
    fc.assert(
      fc.property(tokens, ({ id, secret }) => {
        const text = renderToken(id, secret);
        expect(isTokenText(text)).toBe(true);
        expect(text.split("_")[1]).toBe(refOfToken(id).slice(4));
      }),
    );
  });

  it("differs wherever the random bytes differ", () => {
    fc.assert(
      fc.property(tokens, bytes(32), ({ id, secret }, other) => {
        const isSame = Buffer.compare(secret, other) === 0;
        expect(renderToken(id, secret) === renderToken(id, other)).toBe(isSame);
      }),
    );
  });

  it("is told from a slip of the pen without asking the store", () => {
    fc.assert(
      fc.property(tokens, fc.nat(63), fc.constantFrom(..."aZ09_ "), ({ id, secret }, at, typed) => {
        const text = renderToken(id, secret);
        const slip = text.slice(0, at) + typed + text.slice(at + 1);
        expect(isTokenText(slip)).toBe(slip === text);
        expect(isTokenText(text.slice(0, at))).toBe(false);
        expect(isTokenText(`${text}${typed}`)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it("is kept as a hash of all of it", () => {
    const text = renderToken(rowIdFrom(0, new Uint8Array(16)), new Uint8Array(32));
    expect(hashOfToken(text)).toMatch(/^[0-9a-f]{64}$/);
    expect(hashOfToken(text)).not.toBe(hashOfToken(text.toUpperCase()));
  });

  it("is redacted wherever it is written down", () => {
    fc.assert(
      fc.property(tokens, ({ id, secret }) => {
        const text = renderToken(id, secret);
        const kept = redactText(`My token is ${text}, do not tell.`).text;
        expect(kept).not.toContain(text.split("_")[2]);
      }),
    );
  });
});

describe("a right", () => {
  it("includes those before it", () => {
    const pairs = TOKEN_SCOPES.flatMap((held) => TOKEN_SCOPES.map((needed) => [held, needed] as const));
    expect(pairs.filter(([held, needed]) => includesScope(held, needed))).toEqual([
      ["read", "read"],
      ["write", "read"],
      ["write", "write"],
      ["admin", "read"],
      ["admin", "write"],
      ["admin", "admin"],
    ]);
  });
});
