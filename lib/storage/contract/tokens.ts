import type { Timestamp } from "../../domain/timestamp.ts";
import type { Token } from "../../domain/token.ts";

/** Credentials of the tenant, kept as hashes. All but `authenticate` and `noteUse` are its owner's. */
export interface Tokens {
  /**
   * @throws KnowledgeError `unsupported` for a token that is limited to projects in a store that cannot keep
   * callers apart (RULES 1), `forbidden` for a login that is not the owner's.
   */
  create(draft: TokenDraft): Promise<Token>;
  /** All of the tenant's, revoked and expired ones too, newest first. */
  list(): Promise<readonly Token[]>;
  /**
   * Puts a token beside another one of the same name, rights and projects; the old one counts until `until`, or
   * until it would have expired before.
   * @throws KnowledgeError `not_found`, or `conflict` when the old one is revoked.
   */
  rotate(
    id: string,
    successor: Omit<TokenDraft, "name" | "scope" | "projects">,
    until: Timestamp,
  ): Promise<Token>;
  /** From now on it counts nowhere. Revoked again it keeps its first time. @throws KnowledgeError `not_found`. */
  revoke(id: string, at: Timestamp): Promise<Token>;
  /** The token with this hash, of whatever tenant, expired and revoked ones too; one round trip to the store. */
  authenticate(hash: string): Promise<KnownToken | undefined>;
  /** Notes that a token was used, unless that was noted less than a minute before. */
  noteUse(token: Pick<KnownToken, "id" | "tenant">, at: Timestamp): Promise<void>;
}

export interface TokenDraft
  extends Pick<Token, "id" | "name" | "scope" | "projects" | "createdAt" | "expiresAt"> {
  /** SHA-256 of the token's text. */
  readonly hash: string;
}

/** A token and whose it is. */
export interface KnownToken extends Token {
  /** UUID of the tenant. */
  readonly tenant: string;
}
