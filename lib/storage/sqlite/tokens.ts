import { KnowledgeError } from "../../domain/error.ts";
import { DEFAULT_TENANT } from "../../domain/ids.ts";
import type { Token } from "../../domain/token.ts";
import { wellFormedJson } from "../../domain/well-formed.ts";
import type { TokenDraft, Tokens } from "../contract/tokens.ts";
import {
  dueBefore,
  earlier,
  projectsOf,
  revokedToken,
  TOKEN_COLUMNS,
  tokenOf,
  unknownToken,
} from "../neutral/token-rows.ts";
import type { Bindable, Database, RawRow } from "./driver.ts";
import type { Immediate, Sync } from "./sync.ts";

const TENANT = `tenant_id = '${DEFAULT_TENANT}'`;

export function openTokens(db: Database, immediate: Immediate): Sync<Tokens> {
  return {
    create: (draft) => immediate(() => insert(db, wellFormedJson(draft))),
    list: () => readTokens(db, "ORDER BY created_at DESC, id DESC").map(tokenOf),
    rotate: (id, successor, until) =>
      immediate(() => {
        const old = standing(db, id);
        if (old.revokedAt !== undefined) throw revokedToken(old);
        const sql = `UPDATE tokens SET expires_at = ? WHERE ${TENANT} AND id = ?`;
        db.prepare(sql).run(earlier(old.expiresAt, until), id);
        const { name, scope, projects } = old;
        return insert(db, { ...successor, name, scope, projects });
      }),
    revoke: (id, at) =>
      immediate(() => {
        const sql = `UPDATE tokens SET revoked_at = ? WHERE ${TENANT} AND id = ? AND revoked_at IS NULL`;
        db.prepare(sql).run(at, id);
        return standing(db, id);
      }),
    authenticate: (hash) => {
      const [row] = readTokens(db, "AND hash = ?", hash);
      return row === undefined ? undefined : { tenant: DEFAULT_TENANT, ...tokenOf(row) };
    },
    noteUse: ({ id }, at) =>
      immediate(() => {
        const sql = `UPDATE tokens SET last_used_at = ? WHERE ${TENANT} AND id = ?
          AND (last_used_at IS NULL OR last_used_at <= ?)`;
        db.prepare(sql).run(at, id, dueBefore(at));
      }),
  };
}

function insert(db: Database, draft: TokenDraft): Token {
  if (draft.projects !== "all") throw limited();
  const { id, name, hash, scope, createdAt, expiresAt = null } = draft;
  db.prepare(
    `INSERT INTO tokens (tenant_id, id, name, hash, scope, project_ids, created_at, expires_at)
     VALUES ('${DEFAULT_TENANT}', ?, ?, ?, ?, ?, ?, ?)`,
  ).run(id, name, hash, scope, projectsOf(draft), createdAt, expiresAt);
  return standing(db, id);
}

function standing(db: Database, id: string): Token {
  const [row] = readTokens(db, "AND id = ?", id);
  if (row === undefined) throw unknownToken(id);
  return tokenOf(row);
}

function readTokens(db: Database, rest: string, ...values: readonly Bindable[]): readonly RawRow[] {
  return db.prepare(`SELECT ${TOKEN_COLUMNS} FROM tokens WHERE ${TENANT} ${rest}`).raw(...values);
}

function limited(): KnowledgeError {
  return new KnowledgeError("unsupported", "A SQLite store cannot keep callers apart by project.", {
    field: "projects",
    hint: "Leave the projects out, or keep the store in PostgreSQL (`--storage postgres`).",
  });
}
