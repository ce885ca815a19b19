import { describe, expect, it } from "vitest";
import { DEFAULT_TENANT } from "../../../lib/domain/ids.ts";
import { renderToken } from "../../../lib/domain/token.ts";
import { bearerToken } from "../../../lib/server/bearer.ts";
import { NotAuthenticated } from "../../../lib/server/caller.ts";
import { openOpaqueTokens } from "../../../lib/server/opaque-tokens.ts";
import type { KnownToken } from "../../../lib/storage/contract/tokens.ts";
import { nextRowId, after as second } from "../../helpers/store.ts";

const ID = nextRowId();
const TEXT = renderToken(ID, new Uint8Array(32).fill(7));

/** A store that knows one token, and remembers what it was asked. */
function knowing(over: Partial<KnownToken> = {}, now = second(0)) {
  const token: KnownToken = {
    ...{ id: ID, ref: "tok_x", tenant: DEFAULT_TENANT, name: "robot", scope: "write", projects: "all" },
    ...{ createdAt: second(-60), expiresAt: second(60), ...over },
  };
  const asked: string[] = [];
  const noted: string[] = [];
  const lost: unknown[] = [];
  const tokens = openOpaqueTokens({
    tokens: {
      authenticate: async (hash) => {
        asked.push(hash);
        return token;
      },
      noteUse: async (_, at) => {
        noted.push(at);
        if (over.name === "lost") throw new Error("The store is gone.");
      },
    },
    clock: () => Date.parse(now),
    onLost: (error) => lost.push(error),
  });
  return { tokens, asked, noted, lost };
}

describe("a token without a secret of ours behind it", () => {
  it("makes the caller that the store knows", async () => {
    const { tokens } = knowing();
    expect(await tokens.callerOf(TEXT)).toEqual({
      ...{ tenant: DEFAULT_TENANT, name: "robot", tokenId: ID, scopes: "write", projects: "all" },
    });
  });

  it("is looked up by its hash each time, so that a revocation counts at once", async () => {
    const { tokens, asked } = knowing();
    await tokens.callerOf(TEXT);
    await tokens.callerOf(TEXT);
    expect(asked).toHaveLength(2);
    expect(asked[0]).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each([
    [{ revokedAt: second(-1) }, /revoked/],
    [{ expiresAt: second(0) }, /expired/],
    [{ expiresAt: second(-1), revokedAt: second(-2) }, /revoked/],
  ])("is refused with %j", async (over, message) => {
    const { tokens, noted } = knowing(over);
    const refusal: unknown = await tokens.callerOf(TEXT).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(NotAuthenticated);
    expect(refusal).toMatchObject({ message: expect.stringMatching(message) });
    expect(noted).toEqual([]);
  });

  it("is refused without asking the store when it is mistyped", async () => {
    const { tokens, asked } = knowing();
    await expect(tokens.callerOf(TEXT.replace(/.$/, "_"))).rejects.toBeInstanceOf(NotAuthenticated);
    expect(asked).toEqual([]);
  });

  it.each([
    [undefined, 1],
    [second(-60), 1],
    [second(-59), 0],
  ])("used last at %s is noted %i times", async (lastUsedAt, times) => {
    const { tokens, noted } = knowing({ lastUsedAt });
    await Promise.all([tokens.callerOf(TEXT), tokens.callerOf(TEXT)]);
    await tokens.settle();
    expect(noted).toEqual(Array.from({ length: times }, () => second(0)));
  });

  it("counts also where its use cannot be noted", async () => {
    const { tokens, lost } = knowing({ name: "lost" });
    expect(await tokens.callerOf(TEXT)).toMatchObject({ name: "lost" });
    await tokens.settle();
    expect(lost).toHaveLength(1);
  });
});

describe("the header Authorization", () => {
  it.each([`Bearer ${TEXT}`, `bearer ${TEXT}`, `BEARER   ${TEXT} `])("holds a token: %s", (header) => {
    expect(bearerToken(header)).toBe(TEXT);
  });

  it.each([
    undefined,
    "",
    "Bearer",
    "Bearer ",
    TEXT,
    `Basic ${TEXT}`,
    `Bearer ${TEXT} more`,
    `Bearer ${TEXT},Bearer x`,
    "Bearer ä",
    `Bearer ${"a".repeat(9_000)}`,
  ])("holds none: %s", (header) => {
    expect(() => bearerToken(header)).toThrow(NotAuthenticated);
  });
});
