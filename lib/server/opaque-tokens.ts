import { timestampOf } from "../domain/timestamp.ts";
import { hashOfToken, isTokenText } from "../domain/token.ts";
import type { KnownToken, Tokens } from "../storage/contract/tokens.ts";
import { ASK } from "./bearer.ts";
import { type Caller, NotAuthenticated } from "./caller.ts";

/** How long after a use the next one is worth noting. */
const NOTED_FOR_MS = 60_000;

export interface OpaqueTokenDeps {
  readonly tokens: Pick<Tokens, "authenticate" | "noteUse">;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Told when a use could not be noted: the call goes on. */
  readonly onLost: (error: unknown) => void;
}

export interface OpaqueTokens {
  /**
   * The caller of a token. The store is asked every time, so that a token which was revoked anywhere a moment ago
   * counts nowhere. @throws NotAuthenticated; KnowledgeError `unavailable` when the store cannot be asked.
   */
  callerOf(text: string): Promise<Caller>;
  /** Resolves when no use is being noted any more. */
  settle(): Promise<void>;
}

export function openOpaqueTokens({ tokens, clock, onLost }: OpaqueTokenDeps): OpaqueTokens {
  const noting = new Map<string, Promise<void>>();
  const noteUse = (token: KnownToken, now: number): void => {
    const { id, lastUsedAt } = token;
    const isNoted = lastUsedAt !== undefined && now - Date.parse(lastUsedAt) < NOTED_FOR_MS;
    if (isNoted || noting.has(id)) return;
    const noted = tokens.noteUse(token, timestampOf(now)).catch(onLost);
    noting.set(
      id,
      noted.finally(() => noting.delete(id)),
    );
  };
  return {
    callerOf: async (text) => {
      if (!isTokenText(text)) throw refused("This is no whole token: some of it is missing or mistyped.");
      const token = await tokens.authenticate(hashOfToken(text));
      const now = clock();
      const caller = callerOf(token, now);
      if (token !== undefined) noteUse(token, now);
      return caller;
    },
    settle: async () => void (await Promise.all(noting.values())),
  };
}

function callerOf(token: KnownToken | undefined, now: number): Caller {
  if (token === undefined) throw refused("This token is not known here.");
  const { id, tenant, name, scope, projects, revokedAt, expiresAt } = token;
  if (revokedAt !== undefined) throw refused("This token was revoked.");
  if (expiresAt !== undefined && Date.parse(expiresAt) <= now) throw refused("This token has expired.");
  return { tenant, name, tokenId: id, scopes: scope, projects };
}

function refused(sentence: string): NotAuthenticated {
  return new NotAuthenticated(sentence, ASK);
}
