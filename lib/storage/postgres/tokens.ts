import type { Token } from "../../domain/token.ts";
import type { KnownToken, TokenDraft, Tokens } from "../contract/tokens.ts";
import {
  dueBefore,
  earlier,
  projectsOf,
  revokedToken,
  TOKEN_COLUMNS,
  tokenOf,
  unknownToken,
} from "../neutral/token-rows.ts";
import type { Client, Database, RawRow } from "./driver.ts";

export interface TokenDeps {
  /** As the owner of the store, in the tenant of the caller. */
  readonly owner: Database;
  /** One statement as the ordinary role, in one round trip. */
  readonly ask: (sql: string) => Promise<readonly RawRow[]>;
  /** As the ordinary role, in any tenant. */
  readonly inTenant: (tenant: string) => Database;
}

export function openTokens({ owner, ask, inTenant }: TokenDeps): Tokens {
  return {
    create: (draft) => owner.write((client) => insert(client, draft)),
    list: () =>
      owner.read(async (client) =>
        (await readTokens(client, "ORDER BY created_at DESC, id DESC")).map(tokenOf),
      ),
    rotate: (id, successor, until) =>
      owner.write(async (client) => {
        const { name, scope, projects, expiresAt, revokedAt, ...old } = await standing(client, id);
        if (revokedAt !== undefined) throw revokedToken({ name, scope, projects, revokedAt, ...old });
        const sql = "UPDATE tokens SET expires_at = ? WHERE tenant_id = ? AND id = ?";
        await client.run(sql, earlier(expiresAt, until), client.tenant, id);
        return insert(client, { ...successor, name, scope, projects });
      }),
    revoke: (id, at) =>
      owner.write(async (client) => {
        const sql = "UPDATE tokens SET revoked_at = ? WHERE tenant_id = ? AND id = ? AND revoked_at IS NULL";
        await client.run(sql, at, client.tenant, id);
        return standing(client, id);
      }),
    authenticate: (hash) => authenticate(ask, hash),
    noteUse: ({ id, tenant }, at) =>
      inTenant(tenant).write(async (client) => {
        const sql = `UPDATE tokens SET last_used_at = ? WHERE tenant_id = ? AND id = ?
          AND (last_used_at IS NULL OR last_used_at <= ?)`;
        await client.run(sql, at, tenant, id, dueBefore(at));
      }),
  };
}

async function authenticate(ask: TokenDeps["ask"], hash: string): Promise<KnownToken | undefined> {
  // Written into the statement, because only a statement without parameters is sent in one piece with its transaction.
  if (!/^[0-9a-f]{64}$/.test(hash)) return undefined;
  const [row] = await ask(`SELECT tenant_id, ${TOKEN_COLUMNS} FROM authenticate('${hash}')`);
  if (row === undefined) return undefined;
  return { tenant: String(row[0]), ...tokenOf(row.slice(1)) };
}

async function insert(client: Client, draft: TokenDraft): Promise<Token> {
  const { id, name, hash, scope, createdAt, expiresAt = null } = draft;
  await client.run(
    `INSERT INTO tokens (tenant_id, id, name, hash, scope, project_ids, created_at, expires_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ...[client.tenant, id, name, hash, scope, projectsOf(draft), createdAt, expiresAt],
  );
  return standing(client, id);
}

/** The token as it is now, locked until the end of a transaction that writes. @throws KnowledgeError `not_found`. */
async function standing(client: Client, id: string): Promise<Token> {
  const [row] = await readTokens(client, "AND id = ? FOR UPDATE", id);
  if (row === undefined) throw unknownToken(id);
  return tokenOf(row);
}

function readTokens(client: Client, rest: string, ...values: readonly string[]): Promise<readonly RawRow[]> {
  return client.rows(
    `SELECT ${TOKEN_COLUMNS} FROM tokens WHERE tenant_id = ? ${rest}`,
    client.tenant,
    ...values,
  );
}
