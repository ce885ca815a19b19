import { KINDS, type ProjectId, type RowId } from "../../domain/ids.ts";
import type { FileRow, FolderState, SourceFile, SourceFolder, SourceRun, Sources } from "../contract/rows.ts";
import { SHAPES } from "../neutral/shapes.ts";
import type { Client, Database } from "./driver.ts";
import { SCOPE } from "./rows.ts";

export function openSources(database: Database): Sources {
  return {
    files: (project) => database.read((client) => readFiles(client, project)),
    record: (project, files) => database.write((client) => recordFiles(client, project, files)),
    forget: (project, root, paths) =>
      database.write(async (client) => {
        const sql = `DELETE FROM source_files WHERE ${SCOPE} AND root = ? AND path = ANY (?::text[])`;
        await client.run(sql, client.tenant, project, root, paths);
      }),
    forgetRoot: (project, root) => database.write((client) => forgetRoot(client, project, root)),
    rows: (project) => database.read((client) => readFileRows(client, project)),
    folders: (project) => database.read((client) => readFolders(client, project)),
    recordFolders: (project, root, folders, under) =>
      database.write((client) => recordFolders(client, { project, root, folders, under })),
    runs: (project) => database.read((client) => readRuns(client, project)),
    recordRun: (project, { root, globs, at }) =>
      database.write(async (client) => {
        await client.run(
          `INSERT INTO sources (tenant_id, project_id, root, globs, indexed_at) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT (tenant_id, project_id, root, globs) DO UPDATE SET indexed_at = excluded.indexed_at`,
          client.tenant,
          project,
          root,
          globs,
          at,
        );
      }),
  };
}

async function readFiles(client: Client, project: ProjectId): Promise<readonly SourceFile[]> {
  const rows = await client.rows(
    `SELECT root, path, kind, row_id, size, modified_ms, file_hash, redact FROM source_files
     WHERE ${SCOPE} ORDER BY root, path`,
    client.tenant,
    project,
  );
  return rows.map(([root, path, kind, id, size, modifiedMs, fileHash, redact]) => ({
    root: String(root),
    path: String(path),
    // SAFETY: the column's CHECK holds it to these words.
    kind: String(kind) as SourceFile["kind"],
    // SAFETY: the column's type holds it to a UUID, which PostgreSQL writes in lower case.
    id: String(id) as RowId,
    size: Number(size),
    modifiedMs: Number(modifiedMs),
    fileHash: String(fileHash),
    redact: redact === true,
  }));
}

export async function recordFiles(
  client: Client,
  project: ProjectId,
  files: readonly SourceFile[],
): Promise<void> {
  // Of several states of one file the last one counts.
  const last = [...new Map(files.map((file) => [`${file.root}\n${file.path}`, file])).values()];
  if (last.length === 0) return;
  await client.run(
    `INSERT INTO source_files (tenant_id, project_id, root, path, kind, row_id, size, modified_ms, file_hash, redact)
     SELECT ?::uuid, ?::uuid, f.* FROM unnest(?::text[], ?::text[], ?::text[], ?::uuid[], ?::bigint[],
       ?::double precision[], ?::text[], ?::boolean[]) AS f
     ON CONFLICT (tenant_id, project_id, root, path) DO UPDATE SET kind = excluded.kind, row_id = excluded.row_id,
       size = excluded.size, modified_ms = excluded.modified_ms, file_hash = excluded.file_hash,
       redact = excluded.redact`,
    client.tenant,
    project,
    last.map(({ root }) => root),
    last.map(({ path }) => path),
    last.map(({ kind }) => kind),
    last.map(({ id }) => id),
    last.map(({ size }) => size),
    last.map(({ modifiedMs }) => modifiedMs),
    last.map(({ fileHash }) => fileHash),
    last.map(({ redact }) => redact),
  );
  await alignChoices(client, project, last);
}

/** The same path is the same row in every root, and that row holds one text. */
async function alignChoices(client: Client, project: ProjectId, files: readonly SourceFile[]): Promise<void> {
  await client.run(
    `UPDATE source_files s SET redact = f.redact
     FROM unnest(?::text[], ?::text[], ?::boolean[]) AS f (root, path, redact)
     WHERE s.tenant_id = ? AND s.project_id = ? AND s.path = f.path AND s.root <> f.root AND s.redact <> f.redact
       AND NOT EXISTS (SELECT 1 FROM unnest(?::text[], ?::text[]) AS own (root, path)
         WHERE own.root = s.root AND own.path = s.path)`,
    files.map(({ root }) => root),
    files.map(({ path }) => path),
    files.map(({ redact }) => redact),
    client.tenant,
    project,
    files.map(({ root }) => root),
    files.map(({ path }) => path),
  );
}

async function forgetRoot(client: Client, project: ProjectId, root: string): Promise<void> {
  for (const table of ["source_files", "source_folders", "sources", "project_roots"])
    await client.run(`DELETE FROM ${table} WHERE ${SCOPE} AND root = ?`, client.tenant, project, root);
}

async function readFileRows(client: Client, project: ProjectId): Promise<readonly FileRow[]> {
  const found: FileRow[] = [];
  for (const kind of KINDS) {
    if (kind === "event") continue;
    const rows = await client.rows(
      `SELECT id, file_hash, deleted_at FROM ${SHAPES[kind].table} WHERE ${SCOPE} AND source = 'file' ORDER BY id`,
      client.tenant,
      project,
    );
    for (const [id, fileHash, deletedAt] of rows) {
      found.push({
        kind,
        // SAFETY: the column's type holds it to a UUID, which PostgreSQL writes in lower case.
        id: String(id) as RowId,
        ...(fileHash !== null && { fileHash: String(fileHash) }),
        isDeleted: deletedAt !== null,
      });
    }
  }
  return found;
}

async function readFolders(client: Client, project: ProjectId): Promise<readonly SourceFolder[]> {
  const sql = `SELECT root, path, modified_ms FROM source_folders WHERE ${SCOPE} ORDER BY root, path`;
  const rows = await client.rows(sql, client.tenant, project);
  return rows.map(([root, path, modifiedMs]) => ({
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

async function recordFolders(client: Client, { project, root, folders, under }: SeenFolders): Promise<void> {
  if (under !== undefined) {
    const sql = `DELETE FROM source_folders WHERE ${SCOPE} AND root = ? AND starts_with(path || '/', ?)`;
    await client.run(sql, client.tenant, project, root, under);
  }
  const last = [...new Map(folders.map((folder) => [folder.path, folder])).values()];
  await client.run(
    `INSERT INTO source_folders (tenant_id, project_id, root, path, modified_ms)
     SELECT ?::uuid, ?::uuid, ?::text, f.* FROM unnest(?::text[], ?::double precision[]) AS f
     ON CONFLICT (tenant_id, project_id, root, path) DO UPDATE SET modified_ms = excluded.modified_ms`,
    client.tenant,
    project,
    root,
    last.map(({ path }) => path),
    last.map(({ modifiedMs }) => modifiedMs),
  );
}

async function readRuns(client: Client, project: ProjectId): Promise<readonly SourceRun[]> {
  const sql = `SELECT root, globs, indexed_at FROM sources WHERE ${SCOPE} ORDER BY indexed_at DESC, root, globs`;
  const rows = await client.rows(sql, client.tenant, project);
  return rows.map(([root, globs, at]) => ({ root: String(root), globs: String(globs), at: String(at) }));
}
