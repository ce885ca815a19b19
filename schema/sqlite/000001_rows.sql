-- breaking: the first schema
-- Rows of truth, their history and what the store knows of files. Named constraints and all columns have
-- their counterparts in schema/postgres; unnamed CHECKs stand for types that SQLite lacks
-- (uuid, timestamptz, date, jsonb, boolean).

CREATE TABLE store_info (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A random UUID that tells this store's seals from those that imports bring along.
INSERT INTO store_info (name, value) VALUES ('store_id', lower(
  hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2)
  || '-8' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))
));

-- Chores that one process at a time may do.
CREATE TABLE locks (
  name TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  expires_at TEXT NOT NULL CHECK (length(expires_at) = 24)
) STRICT, WITHOUT ROWID;

CREATE TABLE tenants (
  id TEXT PRIMARY KEY CHECK (length(id) = 36 AND id = lower(id)),
  name TEXT NOT NULL CONSTRAINT tenants_name_key UNIQUE,
  created_at TEXT NOT NULL CHECK (length(created_at) = 24)
) STRICT;

INSERT INTO tenants (id, name, created_at)
VALUES ('00000000-0000-4000-8000-000000000001', 'default', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));

CREATE TABLE tokens (
  tenant_id TEXT NOT NULL REFERENCES tenants (id),
  id TEXT NOT NULL CHECK (length(id) = 36 AND id = lower(id)),
  name TEXT NOT NULL,
  hash TEXT NOT NULL,
  scope TEXT NOT NULL CONSTRAINT tokens_scope CHECK (scope IN ('read', 'write', 'admin')),
  -- Ids of the granted projects; NULL: all of the tenant.
  project_ids TEXT CHECK (json_valid(project_ids)),
  created_at TEXT NOT NULL CHECK (length(created_at) = 24),
  expires_at TEXT CHECK (length(expires_at) = 24),
  revoked_at TEXT CHECK (length(revoked_at) = 24),
  last_used_at TEXT CHECK (length(last_used_at) = 24),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT tokens_hash_key UNIQUE (tenant_id, hash)
) STRICT;

-- Whose a token is, is asked by its hash alone.
CREATE INDEX tokens_hash ON tokens (hash);

CREATE TABLE projects (
  tenant_id TEXT NOT NULL REFERENCES tenants (id),
  id TEXT NOT NULL CHECK (length(id) = 36 AND id = lower(id)),
  ref TEXT NOT NULL,
  name TEXT NOT NULL,
  name_folded TEXT NOT NULL,
  created_at TEXT NOT NULL CHECK (length(created_at) = 24),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT projects_ref_key UNIQUE (tenant_id, ref)
) STRICT;

CREATE INDEX projects_name ON projects (tenant_id, name_folded, id);

CREATE TABLE project_keys (
  tenant_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  key TEXT NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, project_id, key),
  CONSTRAINT project_keys_key_key UNIQUE (tenant_id, key),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE project_roots (
  tenant_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  root TEXT NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, project_id, root),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- Index runs: a file counts as removed only against the same root and globs.
CREATE TABLE sources (
  tenant_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  root TEXT NOT NULL,
  globs TEXT NOT NULL CHECK (json_valid(globs)),
  indexed_at TEXT NOT NULL CHECK (length(indexed_at) = 24),
  PRIMARY KEY (tenant_id, project_id, root, globs),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE source_files (
  tenant_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  root TEXT NOT NULL,
  path TEXT NOT NULL,
  kind TEXT NOT NULL CONSTRAINT source_files_kind CHECK (kind IN ('plan', 'session', 'pattern')),
  row_id TEXT NOT NULL CHECK (length(row_id) = 36 AND row_id = lower(row_id)),
  size INTEGER NOT NULL,
  modified_ms REAL NOT NULL,
  file_hash TEXT NOT NULL,
  -- Whether secrets were left out of what is stored of it.
  redact INTEGER NOT NULL CHECK (redact IN (0, 1)),
  PRIMARY KEY (tenant_id, project_id, root, path),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- Folders as the last look found them: another time tells that files came or went.
CREATE TABLE source_folders (
  tenant_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  root TEXT NOT NULL,
  path TEXT NOT NULL,
  modified_ms REAL NOT NULL,
  PRIMARY KEY (tenant_id, project_id, root, path),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- Columns named …_folded hold text without regard to case, made by the program so that engines agree.
-- `content` stands last: reading the other columns then never touches its overflow pages.
CREATE TABLE plans (
  tenant_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  id TEXT NOT NULL CHECK (length(id) = 36 AND id = lower(id)),
  ref TEXT NOT NULL,
  slug TEXT NOT NULL,
  title TEXT NOT NULL,
  title_folded TEXT NOT NULL,
  status TEXT NOT NULL CONSTRAINT plans_status
    CHECK (status IN ('PLANNED', 'ACTIVE', 'PAUSED', 'COMPLETE', 'CANCELLED', 'SUPERSEDED')),
  status_text TEXT,
  priority TEXT CONSTRAINT plans_priority CHECK (priority IN ('high', 'medium', 'low')),
  type TEXT CONSTRAINT plans_type
    CHECK (type IN ('feature', 'refactor', 'bugfix', 'research', 'chore', 'other')),
  author TEXT,
  author_folded TEXT NOT NULL,
  description TEXT,
  topics TEXT NOT NULL CHECK (json_valid(topics)),
  topics_folded TEXT NOT NULL,
  source TEXT NOT NULL CONSTRAINT plans_source CHECK (source IN ('file', 'store')),
  path TEXT,
  created_at TEXT NOT NULL CHECK (length(created_at) = 24),
  updated_at TEXT NOT NULL CHECK (length(updated_at) = 24),
  started_at TEXT CHECK (length(started_at) = 24),
  completed_at TEXT CHECK (length(completed_at) = 24),
  deleted_at TEXT CHECK (length(deleted_at) = 24),
  revision INTEGER NOT NULL CONSTRAINT plans_revision CHECK (revision >= 1),
  content_hash TEXT NOT NULL,
  file_hash TEXT,
  pending_file INTEGER CHECK (pending_file IN (0, 1)),
  content TEXT NOT NULL,
  PRIMARY KEY (tenant_id, project_id, id),
  CONSTRAINT plans_ref_key UNIQUE (tenant_id, project_id, ref),
  CONSTRAINT plans_slug_key UNIQUE (tenant_id, project_id, slug),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
) STRICT;

CREATE INDEX plans_updated ON plans (tenant_id, project_id, updated_at DESC, id) WHERE deleted_at IS NULL;
CREATE INDEX plans_title ON plans (tenant_id, project_id, title_folded, id) WHERE deleted_at IS NULL;
CREATE INDEX plans_path ON plans (tenant_id, project_id, path) WHERE path IS NOT NULL;

CREATE TABLE plan_links (
  tenant_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  plan_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  rel TEXT NOT NULL,
  target TEXT NOT NULL,
  PRIMARY KEY (tenant_id, project_id, plan_id, position),
  FOREIGN KEY (tenant_id, project_id, plan_id) REFERENCES plans (tenant_id, project_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  tenant_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  id TEXT NOT NULL CHECK (length(id) = 36 AND id = lower(id)),
  ref TEXT NOT NULL,
  slug TEXT NOT NULL,
  date TEXT NOT NULL CHECK (length(date) = 10),
  title TEXT NOT NULL,
  status TEXT NOT NULL CONSTRAINT sessions_status
    CHECK (status IN ('active', 'paused', 'complete', 'abandoned')),
  status_text TEXT,
  author TEXT,
  plan TEXT,
  plan_folded TEXT NOT NULL,
  topics TEXT NOT NULL CHECK (json_valid(topics)),
  topics_folded TEXT NOT NULL,
  phases TEXT NOT NULL CHECK (json_valid(phases)),
  files TEXT NOT NULL CHECK (json_valid(files)),
  duration_minutes REAL,
  source TEXT NOT NULL CONSTRAINT sessions_source CHECK (source IN ('file', 'store')),
  path TEXT,
  created_at TEXT NOT NULL CHECK (length(created_at) = 24),
  updated_at TEXT NOT NULL CHECK (length(updated_at) = 24),
  deleted_at TEXT CHECK (length(deleted_at) = 24),
  revision INTEGER NOT NULL CONSTRAINT sessions_revision CHECK (revision >= 1),
  content_hash TEXT NOT NULL,
  file_hash TEXT,
  pending_file INTEGER CHECK (pending_file IN (0, 1)),
  content TEXT NOT NULL,
  PRIMARY KEY (tenant_id, project_id, id),
  CONSTRAINT sessions_ref_key UNIQUE (tenant_id, project_id, ref),
  CONSTRAINT sessions_slug_key UNIQUE (tenant_id, project_id, slug),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
) STRICT;

CREATE INDEX sessions_date ON sessions (tenant_id, project_id, date DESC, updated_at DESC, id)
  WHERE deleted_at IS NULL;

CREATE TABLE patterns (
  tenant_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  id TEXT NOT NULL CHECK (length(id) = 36 AND id = lower(id)),
  ref TEXT NOT NULL,
  slug TEXT NOT NULL,
  title TEXT NOT NULL,
  category TEXT,
  category_folded TEXT NOT NULL,
  triggers TEXT NOT NULL CHECK (json_valid(triggers)),
  triggers_folded TEXT NOT NULL,
  author TEXT,
  source TEXT NOT NULL CONSTRAINT patterns_source CHECK (source IN ('file', 'store')),
  path TEXT,
  created_at TEXT NOT NULL CHECK (length(created_at) = 24),
  updated_at TEXT NOT NULL CHECK (length(updated_at) = 24),
  deleted_at TEXT CHECK (length(deleted_at) = 24),
  revision INTEGER NOT NULL CONSTRAINT patterns_revision CHECK (revision >= 1),
  content_hash TEXT NOT NULL,
  file_hash TEXT,
  pending_file INTEGER CHECK (pending_file IN (0, 1)),
  content TEXT NOT NULL,
  PRIMARY KEY (tenant_id, project_id, id),
  CONSTRAINT patterns_ref_key UNIQUE (tenant_id, project_id, ref),
  CONSTRAINT patterns_slug_key UNIQUE (tenant_id, project_id, slug),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
) STRICT;

CREATE INDEX patterns_updated ON patterns (tenant_id, project_id, updated_at DESC, id)
  WHERE deleted_at IS NULL;

CREATE TABLE events (
  tenant_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  id TEXT NOT NULL CHECK (length(id) = 36 AND id = lower(id)),
  ref TEXT NOT NULL,
  type TEXT NOT NULL CONSTRAINT events_type CHECK (type IN (
    'session_started', 'goal_defined', 'task_completed', 'decision_made', 'pattern_discovered',
    'validation_passed', 'validation_failed', 'bug_encountered', 'learning_captured', 'note'
  )),
  summary TEXT NOT NULL,
  data TEXT NOT NULL CHECK (json_valid(data)),
  tags TEXT NOT NULL CHECK (json_valid(tags)),
  -- Every tag between line feeds.
  tags_folded TEXT NOT NULL,
  author TEXT,
  agent TEXT,
  session TEXT,
  session_folded TEXT NOT NULL,
  plan TEXT,
  plan_folded TEXT NOT NULL,
  commit_hash TEXT,
  files TEXT NOT NULL CHECK (json_valid(files)),
  occurred_at TEXT NOT NULL CHECK (length(occurred_at) = 24),
  recorded_at TEXT NOT NULL CHECK (length(recorded_at) = 24),
  supersedes TEXT CHECK (length(supersedes) = 36 AND supersedes = lower(supersedes)),
  superseded_by TEXT CHECK (length(superseded_by) = 36 AND superseded_by = lower(superseded_by)),
  retracted_at TEXT CHECK (length(retracted_at) = 24),
  retracted_why TEXT,
  deleted_at TEXT CHECK (length(deleted_at) = 24),
  revision INTEGER NOT NULL CONSTRAINT events_revision CHECK (revision >= 1),
  content_hash TEXT NOT NULL,
  PRIMARY KEY (tenant_id, project_id, id),
  CONSTRAINT events_ref_key UNIQUE (tenant_id, project_id, ref),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- Each is an order of pages; the columns after `id` let whole answers be counted without touching the rows.
CREATE INDEX events_occurred
  ON events (tenant_id, project_id, occurred_at DESC, id DESC, type, superseded_by, retracted_at)
  WHERE deleted_at IS NULL;
CREATE INDEX events_type
  ON events (tenant_id, project_id, type, occurred_at DESC, id DESC, superseded_by, retracted_at)
  WHERE deleted_at IS NULL;
CREATE INDEX events_plan
  ON events (tenant_id, project_id, plan_folded, occurred_at DESC, id DESC, type, superseded_by, retracted_at)
  WHERE deleted_at IS NULL AND plan_folded <> '';
CREATE INDEX events_session
  ON events (tenant_id, project_id, session_folded, occurred_at DESC, id DESC, type, superseded_by, retracted_at)
  WHERE deleted_at IS NULL AND session_folded <> '';

-- Every revision of every row as canonical JSON; what `forget --hard` erases.
CREATE TABLE revisions (
  tenant_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  kind TEXT NOT NULL CONSTRAINT revisions_kind CHECK (kind IN ('plan', 'session', 'pattern', 'event')),
  row_id TEXT NOT NULL CHECK (length(row_id) = 36 AND row_id = lower(row_id)),
  revision INTEGER NOT NULL CONSTRAINT revisions_revision CHECK (revision >= 1),
  -- How `body` is packed: UTF-8 text, or the same by raw DEFLATE (RFC 1951).
  encoding TEXT NOT NULL CONSTRAINT revisions_encoding CHECK (encoding IN ('json', 'deflate')),
  body BLOB NOT NULL,
  PRIMARY KEY (tenant_id, project_id, kind, row_id, revision),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- Who did what to which row, when. `position` counts a project's writes in the order of their commits;
-- `seq` is the public number that the sealer gives.
CREATE TABLE changes (
  tenant_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  seq INTEGER,
  at TEXT NOT NULL CHECK (length(at) = 24),
  actor TEXT NOT NULL,
  kind TEXT NOT NULL CONSTRAINT changes_kind CHECK (kind IN ('plan', 'session', 'pattern', 'event')),
  row_id TEXT NOT NULL CHECK (length(row_id) = 36 AND row_id = lower(row_id)),
  revision INTEGER NOT NULL CONSTRAINT changes_revision CHECK (revision >= 1),
  operation TEXT NOT NULL CONSTRAINT changes_operation
    CHECK (operation IN ('create', 'update', 'delete', 'restore', 'retract', 'supersede')),
  content_hash TEXT NOT NULL,
  batch TEXT,
  PRIMARY KEY (tenant_id, project_id, position),
  CONSTRAINT changes_row_key UNIQUE (tenant_id, project_id, row_id, kind, revision),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX changes_seq_key ON changes (tenant_id, project_id, seq) WHERE seq IS NOT NULL;
CREATE INDEX changes_unsealed ON changes (tenant_id, project_id, position) WHERE seq IS NULL;
CREATE INDEX changes_at ON changes (tenant_id, project_id, at, position);
CREATE INDEX changes_batch ON changes (tenant_id, project_id, batch, kind, row_id, revision) WHERE batch IS NOT NULL;

-- Rows that an import of exports added or replaced. They come with their own history, in which no line tells of it.
CREATE TABLE imported_rows (
  tenant_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  batch TEXT NOT NULL,
  kind TEXT NOT NULL CONSTRAINT imported_rows_kind CHECK (kind IN ('plan', 'session', 'pattern', 'event')),
  row_id TEXT NOT NULL CHECK (length(row_id) = 36 AND row_id = lower(row_id)),
  -- What the row was at before, 0 where there was none, and what it came with.
  revision_before INTEGER NOT NULL CONSTRAINT imported_rows_before CHECK (revision_before >= 0),
  revision INTEGER NOT NULL CONSTRAINT imported_rows_revision CHECK (revision >= 1),
  at TEXT NOT NULL CHECK (length(at) = 24),
  actor TEXT NOT NULL,
  PRIMARY KEY (tenant_id, project_id, batch, kind, row_id),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX imported_rows_row ON imported_rows (tenant_id, project_id, row_id);

-- Seals over ranges of `seq`; each hash covers its changes and the hash before it.
CREATE TABLE change_seals (
  tenant_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  store_id TEXT NOT NULL CHECK (length(store_id) = 36 AND store_id = lower(store_id)),
  from_seq INTEGER NOT NULL,
  to_seq INTEGER NOT NULL,
  hash TEXT NOT NULL,
  previous TEXT NOT NULL,
  sealed_at TEXT NOT NULL CHECK (length(sealed_at) = 24),
  PRIMARY KEY (tenant_id, project_id, store_id, from_seq),
  CONSTRAINT change_seals_range CHECK (to_seq >= from_seq),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- Calls over the shared instance: who called what about which project, and how it ended. Projects are named, not referred
-- to: this outlives them. A project of zeros stands for none or several.
CREATE TABLE calls (
  tenant_id TEXT NOT NULL REFERENCES tenants (id),
  project_id TEXT NOT NULL CHECK (length(project_id) = 36 AND project_id = lower(project_id)),
  position INTEGER NOT NULL,
  seq INTEGER,
  at TEXT NOT NULL CHECK (length(at) = 24),
  actor TEXT NOT NULL,
  token TEXT NOT NULL,
  tool TEXT NOT NULL,
  outcome TEXT NOT NULL,
  duration_ms REAL NOT NULL,
  rows INTEGER,
  PRIMARY KEY (tenant_id, project_id, position)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX calls_seq_key ON calls (tenant_id, project_id, seq) WHERE seq IS NOT NULL;
CREATE INDEX calls_unsealed ON calls (tenant_id, project_id, position) WHERE seq IS NULL;

CREATE TABLE call_seals (
  tenant_id TEXT NOT NULL REFERENCES tenants (id),
  project_id TEXT NOT NULL CHECK (length(project_id) = 36 AND project_id = lower(project_id)),
  from_seq INTEGER NOT NULL,
  to_seq INTEGER NOT NULL,
  hash TEXT NOT NULL,
  previous TEXT NOT NULL,
  sealed_at TEXT NOT NULL CHECK (length(sealed_at) = 24),
  PRIMARY KEY (tenant_id, project_id, from_seq),
  CONSTRAINT call_seals_range CHECK (to_seq >= from_seq)
) STRICT, WITHOUT ROWID;
