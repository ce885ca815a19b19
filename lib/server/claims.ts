import type { JWTPayload } from "jose";
import { KnowledgeError } from "../domain/error.ts";
import { isUuid, type ProjectId, projectIdSchema } from "../domain/ids.ts";
import { TOKEN_SCOPES, type TokenScope } from "../domain/token.ts";
import { plainLine } from "../domain/well-formed.ts";
import type { Caller } from "./caller.ts";

/** Which claims of a checked token say what its holder may do. */
export interface ClaimNames {
  readonly tenant: string;
  readonly scope: string;
  readonly projects: string;
}

/** Finds the id of the tenant that a claim names. */
export type FindTenant = (name: string) => Promise<string | undefined>;

/** The caller that a checked token describes. @throws KnowledgeError `forbidden` when it grants nothing here. */
export async function callerOfClaims(
  payload: JWTPayload,
  names: ClaimNames,
  findTenant: FindTenant,
): Promise<Caller> {
  const { jti } = payload;
  const sub = wordOf(payload.sub);
  const tenantName = payload[names.tenant];
  if (typeof tenantName !== "string" || tenantName === "") throw nothing(`it has no claim ${names.tenant}`);
  const scopes = widest(payload[names.scope]);
  if (scopes === undefined)
    throw nothing(`its claim ${names.scope} holds none of ${TOKEN_SCOPES.join(", ")}`);
  const projects = projectsOf(payload[names.projects], names.projects);
  const tenant = await findTenant(tenantName);
  if (tenant === undefined) throw nothing(`there is no tenant "${tenantName.slice(0, 60)}"`);
  return {
    tenant,
    name: (wordOf(payload.name) || sub).slice(0, 200),
    // One for all tokens of a person: each lives for minutes, and limits are to hold for longer.
    tokenId: (wordOf(jti) === "" ? `sub:${sub}` : `jti:${wordOf(jti)}`).slice(0, 200),
    ...{ scopes, projects },
  };
}

/** A claim as it may stand in histories and logs; empty when it is no text. */
function wordOf(claim: unknown): string {
  return typeof claim === "string" ? plainLine(claim) : "";
}

/** Words with spaces between them (RFC 8693, 4.2) or a list; `aiknowsys:write` where a provider has others' scopes, too. */
function widest(claim: unknown): TokenScope | undefined {
  const words = Array.isArray(claim) ? claim.map(String) : String(claim ?? "").split(" ");
  return TOKEN_SCOPES.findLast((scope) => words.includes(scope) || words.includes(`aiknowsys:${scope}`));
}

function projectsOf(claim: unknown, name: string): "all" | readonly ProjectId[] {
  if (claim === undefined) return "all";
  const ids = Array.isArray(claim) ? claim.map((id) => String(id).toLowerCase()) : [];
  if (ids.length > 0 && ids.every(isUuid)) return ids.map((id) => projectIdSchema.parse(id));
  throw nothing(`its claim ${name} is no list of ids of projects`);
}

function nothing(why: string): KnowledgeError {
  return new KnowledgeError("forbidden", `This token grants nothing here: ${why}.`, {
    hint: "Ask whoever issues such tokens for one with the claims that docs/tokens.md names.",
  });
}
