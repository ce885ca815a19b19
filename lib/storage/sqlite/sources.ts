import { DEFAULT_TENANT, type ProjectId, type RowId } from "../../domain/ids.ts";
import { wellFormedJson } from "../../domain/well-formed.ts";
import type { FileRow, FolderState, SourceFile, SourceFolder, SourceRun, Sources } from "../contract/rows.ts";
import type { Database } from "./driver.ts";
import { SCOPE } from "./rows.ts";
import type { Immediate, Sync } from "./sync.ts";

export function openSources(db: Database, immediate: Immediate): Sync<Sources> {
  return {
    files: (project) => readFiles(db, project),
    record: (project, files) => immediate(() => recordFiles(db, project, wellFormedJson(files))),
    forget: (project, root, paths) => immediate(() => forgetFiles(db, { project, root, paths })),
    forgetRoot: (project, root) => immediate(() => forgetRoot(db, project, root)),
    rows: (project) => readFileRows(db, project),
    folders: (project) => readFolders(db, project),
    recordFolders: (project, root, folders, under) =>
      immediate(() => recordFolders(db, wellFormedJson({ project, root, folders, under }))),
    runs: (project) => readRuns(db, project),
    recordRun: (project, run) => immediate(() => recordRun(db, project, wellFormedJson(run))),
  };
}

function readFiles(db: Database, project: ProjectId): readonly SourceFile[] {
  const sql = `SELECT root, path, kind, row_id, size, modified_ms, file_hash, redact FROM source_files
    WHERE ${SCOPE} ORDER BY root, path`;
  return db
    .prepare(sql)
    .raw(project)
    .map(([root, path, kind, id, size, modifiedMs, fileHash, redact]) => ({
      root: String(root),
      path: String(path),
      // SAFETY: the column's CHECK holds it to these words.
      kind: String(kind) as SourceFile["kind"],
      // SAFETY: the column's CHECK holds it to a lower-case UUID.
      id: String(id) as RowId,
      size: Number(size),
      modifiedMs: Number(modifiedMs),
      fileHash: String(fileHash),
      redact: redact === 1,
    }));
}

function recordFiles(db: Database, project: ProjectId, files: readonly SourceFile[]): void {
  const upsert = db.prepare(
    `INSERT OR REPLACE INTO source_files
       (tenant_id, project_id, root, path, kind, row_id, size, modified_ms, file_hash, redact)
     VALUES ('${DEFAULT_TENANT}', ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  // The same path is the same row in every root, and that row holds one text.
  const align = db.prepare(
    `UPDATE source_files SET redact = ? WHERE ${SCOPE} AND root = ? AND path = ? AND redact <> ?`,
  );
  const roots = db
    .prepare(`SELECT DISTINCT root FROM source_files WHERE ${SCOPE}`)
    .raw(project)
    .map(([root]) => String(root));
  for (const { root, path, kind, id, size, modifiedMs, fileHash, redact } of files) {
    const choice = redact ? 1 : 0;
    upsert.run(project, root, path, kind, id, size, modifiedMs, fileHash, choice);
    for (const other of roots) if (other !== root) align.run(choice, project, other, path, choice);
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

function forgetRoot(db: Database, project: ProjectId, root: string): void {
  for (const table of ["source_files", "source_folders", "sources", "project_roots"])
    db.prepare(`DELETE FROM ${table} WHERE ${SCOPE} AND root = ?`).run(project, root);
}

function readFileRows(db: Database, project: ProjectId): readonly FileRow[] {
  const kinds = [
    ["plan", "plans"],
    ["session", "sessions"],
    ["pattern", "patterns"],
  ] as const;
  return kinds.flatMap(([kind, table]) =>
    db
      .prepare(`SELECT id, file_hash, deleted_at FROM ${table} WHERE ${SCOPE} AND source = 'file'`)
      .raw(project)
      .map(
        ([id, fileHash, deletedAt]): FileRow => ({
          kind,
          // SAFETY: the column's CHECK holds it to a lower-case UUID.
          id: String(id) as RowId,
          ...(fileHash !== null && { fileHash: String(fileHash) }),
          isDeleted: deletedAt !== null,
        }),
      ),
  );
}

function readFolders(db: Database, project: ProjectId): readonly SourceFolder[] {
  const sql = `SELECT root, path, modified_ms FROM source_folders WHERE ${SCOPE} ORDER BY root, path`;
  return db
    .prepare(sql)
    .raw(project)
    .map(([root, path, modifiedMs]) => ({
      root: String(root),
      path: String(path),
      modifiedMs: Number(modifiedMs),
    }));
}

interface SeenFolders {
  readonly project: ProjectId;
  readonly root: string;
  readonly folders: readonly FolderState[];
  readonly under: string | undefined;
}

function recordFolders(db: Database, { project, root, folders, under }: SeenFolders): void {
  if (under !== undefined) {
    const sql = `DELETE FROM source_folders
      WHERE ${SCOPE} AND root = ? AND substr(path || '/', 1, length(?)) = ?`;
    db.prepare(sql).run(project, root, under, under);
  }
  const upsert = db.prepare(
    `INSERT OR REPLACE INTO source_folders (tenant_id, project_id, root, path, modified_ms)
     VALUES ('${DEFAULT_TENANT}', ?, ?, ?, ?)`,
  );
  for (const { path, modifiedMs } of folders) upsert.run(project, root, path, modifiedMs);
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
