import { KnowledgeError } from "../domain/error.ts";
import { folded } from "../domain/folded.ts";
import type { ProjectId } from "../domain/ids.ts";
import { rowIdFrom } from "../domain/ids.ts";
import { timestampOf } from "../domain/timestamp.ts";
import { hashOfToken, renderToken, TOKEN_DAYS, TOKEN_SCOPES, type Token } from "../domain/token.ts";
import { parseChoice } from "../domain/vocabulary.ts";
import type { TokenDraft } from "../storage/contract/tokens.ts";
import { type ListArgument, type NumberArgument, parseList, parseName, parseWhole } from "./arguments.ts";
import type { Deps } from "./deps.ts";
import { getProject } from "./project.ts";

type TokenDeps = Pick<Deps, "storage" | "clock" | "random">;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How long the old text of a rotated token goes on counting. */
const OVERLAP_HOURS = 24;

export interface TokenInput {
  /** Who or what uses it: stands in the history of what it writes. */
  readonly name: string;
  readonly scope?: string | undefined;
  /** Names, refs or ids; absent: all of the tenant, those that are yet to come too. */
  readonly projects?: ListArgument;
  /** Days, or `never`. */
  readonly expires?: NumberArgument;
}

/** A token with the text that is shown once. */
export interface IssuedToken extends Token {
  readonly token: string;
}

/** Whose a token is and what it may do, checked. @throws KnowledgeError `invalid_input`, `not_found` for a project. */
export async function rightsOf(
  deps: Pick<Deps, "storage">,
  input: Pick<TokenInput, "name" | "scope" | "projects">,
): Promise<Pick<Token, "name" | "scope" | "projects">> {
  const name = parseName("name", input.name);
  const scope = parseChoice("scope", input.scope ?? "read", TOKEN_SCOPES);
  return { name, scope, projects: await grantedProjects(deps, input.projects) };
}

/** @throws KnowledgeError `invalid_input`, `not_found` for a project, `unsupported` for projects on SQLite. */
export async function createToken(deps: TokenDeps, input: TokenInput): Promise<IssuedToken> {
  const rights = await rightsOf(deps, input);
  const { token, ...made } = issue(deps, deps.clock(), input.expires);
  return { ...(await deps.storage.tokens.create({ ...made, ...rights })), token };
}

/** The tenant's tokens, newest first; without `all` only those that count now. */
export async function listTokens(
  deps: TokenDeps,
  options: { readonly all?: boolean | undefined } = {},
): Promise<readonly Token[]> {
  const tokens = await deps.storage.tokens.list();
  return options.all === true ? tokens : tokens.filter((token) => counts(token, deps.clock()));
}

/**
 * A new text for a token; the old one counts some hours longer, so that its users can change over.
 * @throws KnowledgeError `not_found`, `invalid_input`, `conflict` for one that was revoked.
 */
export async function rotateToken(
  deps: TokenDeps,
  input: { readonly id: string; readonly overlap?: NumberArgument; readonly expires?: NumberArgument },
): Promise<IssuedToken & { readonly replaced: Token }> {
  const old = newestOf(await getTokens(deps, input.id), input.id);
  const hours = parseWhole("overlap", input.overlap, { min: 0, max: 24 * 90, otherwise: OVERLAP_HOURS });
  const now = deps.clock();
  const { token, ...successor } = issue(deps, now, input.expires);
  const until = timestampOf(now + hours * HOUR_MS);
  const made = await deps.storage.tokens.rotate(old.id, successor, until);
  const replaced = (await deps.storage.tokens.list()).find(({ id }) => id === old.id) ?? old;
  return { ...made, token, replaced };
}

/**
 * From its next call on the token is refused, by every process. A name means all that count under it: whoever revokes
 * cannot tell which text of a rotated token leaked. @throws KnowledgeError `not_found`.
 */
export async function revokeTokens(
  deps: TokenDeps,
  input: { readonly id: string },
): Promise<readonly Token[]> {
  const at = timestampOf(deps.clock());
  const revoked: Token[] = [];
  for (const { id } of await getTokens(deps, input.id))
    revoked.push(await deps.storage.tokens.revoke(id, at));
  return revoked;
}

function issue(
  { random }: Pick<Deps, "random">,
  now: number,
  expires: NumberArgument,
): Pick<TokenDraft, "id" | "hash" | "createdAt" | "expiresAt"> & { readonly token: string } {
  const id = rowIdFrom(now, random(16));
  const token = renderToken(id, random(32));
  const expiresAt = expires === "never" ? undefined : timestampOf(now + daysOf(expires) * DAY_MS);
  return { id, token, hash: hashOfToken(token), createdAt: timestampOf(now), expiresAt };
}

function daysOf(expires: NumberArgument): number {
  return parseWhole("expires", expires, { min: 1, max: 3_650, otherwise: TOKEN_DAYS });
}

async function grantedProjects(
  deps: Pick<Deps, "storage">,
  list: ListArgument,
): Promise<"all" | readonly ProjectId[]> {
  const names = parseList(list);
  if (names === undefined) return "all";
  if (names.length === 0) {
    throw new KnowledgeError("invalid_input", "projects is empty: such a token could see nothing.", {
      field: "projects",
      hint: "Name projects with commas between them, or leave projects out for all of the tenant.",
    });
  }
  const projects: ProjectId[] = [];
  for (const name of names) projects.push((await getProject(deps, name)).id);
  return [...new Set(projects)];
}

/** The tokens, newest first, that an id, a ref, the beginning of a text or a name means; at least one. */
async function getTokens(deps: TokenDeps, given: string): Promise<readonly Token[]> {
  const text = given.trim();
  // The whole text of a token that leaked is at hand sooner than its name.
  const ref = /^(?:tok_|aiks_)?([a-z2-7]{8})(?:_|$)/i.exec(text)?.[1]?.toLowerCase();
  const tokens = await deps.storage.tokens.list();
  const byId = tokens.filter((token) => token.id === text.toLowerCase() || token.ref === `tok_${ref ?? ""}`);
  const found = byId.length > 0 ? byId : tokens.filter((token) => isNamed(token, text, deps.clock()));
  if (found.length > 0) return found;
  throw new KnowledgeError("not_found", `There is no ${withoutSecret(text)} in this tenant.`, {
    ...{ field: "id", valid: named(tokens) },
    hint: "See `aiknowsys token list --all`; --tenant names another tenant.",
  });
}

/** The one that is meant to go on. @throws KnowledgeError `invalid_input` where several of a name do. */
function newestOf(found: readonly Token[], given: string): Token {
  const [newest, ...others] = found;
  if (newest !== undefined && others.every((token, at) => isReplacedBy(token, found[at]))) return newest;
  throw new KnowledgeError(
    "invalid_input",
    `"${given.trim().slice(0, 60)}" names ${found.length} tokens, and none of them has replaced the others.`,
    { field: "id", valid: named(found), hint: "Use the ref of the one that is meant." },
  );
}

/** A rotation ends the old text whole hours after it made the new one; tokens made apart differ in milliseconds. */
function isReplacedBy({ expiresAt }: Token, newer: Token | undefined): boolean {
  if (expiresAt === undefined || newer === undefined) return false;
  return (Date.parse(expiresAt) - Date.parse(newer.createdAt)) % HOUR_MS === 0;
}

/** For error texts, which end up in logs: of a token's text no more than its id. */
function withoutSecret(text: string): string {
  if (!/aiks_/i.test(text)) return `token "${text.slice(0, 20)}"`;
  const id = /^aiks_[a-z2-7]{8}(?=_)/i.exec(text)?.[0];
  return id === undefined ? "such token" : `token "${id}_…"`;
}

function named(tokens: readonly Token[]): readonly string[] {
  return tokens.slice(0, 20).map((token) => `${token.ref} (${token.name})`);
}

function isNamed(token: Token, text: string, now: number): boolean {
  return counts(token, now) && folded(token.name) === folded(text);
}

function counts({ revokedAt, expiresAt }: Token, now: number): boolean {
  return revokedAt === undefined && (expiresAt === undefined || Date.parse(expiresAt) > now);
}
