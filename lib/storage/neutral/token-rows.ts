import { KnowledgeError } from "../../domain/error.ts";
import type { ProjectId } from "../../domain/ids.ts";
import { refOfToken, type Token, type TokenScope } from "../../domain/token.ts";
import type { TokenDraft } from "../contract/tokens.ts";

/** What both engines read of a token, and refuse, in the same words. */

export const TOKEN_COLUMNS = "id, name, scope, project_ids, created_at, expires_at, revoked_at, last_used_at";

/** @param row {@link TOKEN_COLUMNS}; times as ISO text */
export function tokenOf(row: readonly unknown[]): Token {
  const [id, name, scope, projects, createdAt, ...times] = row;
  const [expiresAt, revokedAt, lastUsedAt] = times.map((time) => (time === null ? undefined : String(time)));
  return {
    id: String(id),
    ref: refOfToken(String(id)),
    name: String(name),
    // SAFETY: the column's CHECK names the scopes.
    scope: scope as TokenScope,
    // SAFETY: only ids of projects are written to the column, by `projectsOf`.
    projects: projects === null ? "all" : (JSON.parse(String(projects)) as ProjectId[]),
    createdAt: String(createdAt),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(revokedAt !== undefined && { revokedAt }),
    ...(lastUsedAt !== undefined && { lastUsedAt }),
  };
}

/** The column `project_ids` of a draft. */
export function projectsOf({ projects }: Pick<TokenDraft, "projects">): string | null {
  return projects === "all" ? null : JSON.stringify(projects);
}

/** The earlier of two moments; a token that never expires has none. */
export function earlier(one: string | undefined, other: string): string {
  return one === undefined || other < one ? other : one;
}

/** A use is noted again after a minute. */
export function dueBefore(at: string): string {
  return new Date(Date.parse(at) - 60_000).toISOString();
}

export function unknownToken(id: string): KnowledgeError {
  return new KnowledgeError("not_found", `There is no token ${refOfToken(id)} in this tenant.`, {
    field: "id",
    hint: "See `aiknowsys token list`.",
  });
}

export function revokedToken({ ref, revokedAt }: Token): KnowledgeError {
  return new KnowledgeError("conflict", `The token ${ref} was revoked at ${revokedAt ?? ""}.`, {
    hint: "Create a new one with `aiknowsys token create`.",
    current: { id: ref, revokedAt },
  });
}
