import { DEFAULT_TENANT, type ProjectId, type RowId } from "../../domain/ids.ts";
import type { SourceFile, SourceRun, Sources } from "../contract/rows.ts";
import type { Database } from "./driver.ts";
import { SCOPE } from "./rows.ts";
import type { Immediate, Sync } from "./sync.ts";

export function openSources(db: Database, immediate: Immediate): Sync<Sources> {
  return {
    files: (project) => readFiles(db, project),
    record: (project, files) => immediate(() => recordFiles(db, project, files)),
    forget: (project, root, paths) => immediate(() => forgetFiles(db, { project, root, paths })),
    runs: (project) => readRuns(db, project),
    recordRun: (project, run) => immediate(() => recordRun(db, project, run)),
  };
}

function readFiles(db: Database, project: ProjectId): readonly SourceFile[] {
  const sql = `SELECT root, path, kind, row_id, size, modified_ms, file_hash FROM source_files
    WHERE ${SCOPE} ORDER BY root, path`;
  return db
    .prepare(sql)
    .raw(project)
    .map(([root, path, kind, id, size, modifiedMs, fileHash]) => ({
      root: String(root),
      path: String(path),
      // SAFETY: the column's CHECK holds it to these words.
      kind: String(kind) as SourceFile["kind"],
      // SAFETY: the column's CHECK holds it to a lower-case UUID.
      id: String(id) as RowId,
      size: Number(size),
      modifiedMs: Number(modifiedMs),
      fileHash: String(fileHash),
    }));
}

function recordFiles(db: Database, project: ProjectId, files: readonly SourceFile[]): void {
  const upsert = db.prepare(
    `INSERT OR REPLACE INTO source_files
       (tenant_id, project_id, root, path, kind, row_id, size, modified_ms, file_hash)
     VALUES ('${DEFAULT_TENANT}', ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  for (const { root, path, kind, id, size, modifiedMs, fileHash } of files) {
    upsert.run(project, root, path, kind, id, size, modifiedMs, fileHash);
  }
}

interface Gone {
  readonly project: ProjectId;
  readonly root: string;
  readonly paths: readonly string[];
}

function forgetFiles(db: Database, { project, root, paths }: Gone): void {
  const remove = db.prepare(`DELETE FROM source_files WHERE ${SCOPE} AND root = ? AND path = ?`);
  for (const path of paths) remove.run(project, root, path);
}

function readRuns(db: Database, project: ProjectId): readonly SourceRun[] {
  const sql = `SELECT root, globs, indexed_at FROM sources WHERE ${SCOPE}
    ORDER BY indexed_at DESC, root, globs`;
  return db
    .prepare(sql)
    .raw(project)
    .map(([root, globs, at]) => ({ root: String(root), globs: String(globs), at: String(at) }));
}

function recordRun(db: Database, project: ProjectId, { root, globs, at }: SourceRun): void {
  db.prepare(
    `INSERT OR REPLACE INTO sources (tenant_id, project_id, root, globs, indexed_at)
     VALUES ('${DEFAULT_TENANT}', ?, ?, ?, ?)`,
  ).run(project, root, globs, at);
}
