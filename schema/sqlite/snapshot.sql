-- The schema after all migrations; compared by a test. See README.md.

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

CREATE INDEX changes_at ON changes (tenant_id, project_id, at, position);

CREATE INDEX changes_batch ON changes (tenant_id, project_id, batch, kind, row_id, revision) WHERE batch IS NOT NULL;

CREATE UNIQUE INDEX changes_seq_key ON changes (tenant_id, project_id, seq) WHERE seq IS NOT NULL;

CREATE INDEX changes_unsealed ON changes (tenant_id, project_id, position) WHERE seq IS NULL;

CREATE TRIGGER chunks_delete AFTER DELETE ON chunks BEGIN
  DELETE FROM vectors
  WHERE tenant_id = old.tenant_id AND project_id = old.project_id AND chunk_id = old.id;
  DELETE FROM owed_vectors
  WHERE space_id IN (SELECT id FROM spaces) AND project_no = old.project_no AND chunk_id = old.id;
END;

CREATE TRIGGER chunks_insert AFTER INSERT ON chunks BEGIN
  INSERT INTO owed_vectors (space_id, project_no, chunk_id) SELECT id, new.project_no, new.id FROM spaces;
END;

CREATE TABLE chunks (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  project_no INTEGER NOT NULL REFERENCES project_numbers (number),
  kind TEXT NOT NULL CONSTRAINT chunks_kind CHECK (kind IN ('plan', 'session', 'pattern', 'event')),
  owner_id TEXT NOT NULL CHECK (length(owner_id) = 36 AND owner_id = lower(owner_id)),
  ordinal INTEGER NOT NULL CONSTRAINT chunks_ordinal CHECK (ordinal >= 0),
  event_type TEXT CONSTRAINT chunks_event_type CHECK (event_type IN (
    'session_started', 'goal_defined', 'task_completed', 'decision_made', 'pattern_discovered',
    'validation_passed', 'validation_failed', 'bug_encountered', 'learning_captured', 'note'
  )),
  hidden INTEGER NOT NULL CHECK (hidden IN (0, 1)),
  date TEXT NOT NULL CHECK (length(date) = 24),
  length INTEGER NOT NULL CONSTRAINT chunks_length CHECK (length >= 0),
  text_hash TEXT NOT NULL,
  heading TEXT NOT NULL,
  terms TEXT NOT NULL CONSTRAINT chunks_terms CHECK (terms NOT GLOB '*[^a-z0-9_ ]*'),
  text TEXT NOT NULL,
  CONSTRAINT chunks_place_key UNIQUE (tenant_id, project_id, kind, owner_id, ordinal),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
) STRICT;

CREATE INDEX chunks_facts ON chunks (project_no, id, kind, event_type, hidden, length, date);

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

CREATE INDEX events_occurred
  ON events (tenant_id, project_id, occurred_at DESC, id DESC, type, superseded_by, retracted_at)
  WHERE deleted_at IS NULL;

CREATE INDEX events_plan
  ON events (tenant_id, project_id, plan_folded, occurred_at DESC, id DESC, type, superseded_by, retracted_at)
  WHERE deleted_at IS NULL AND plan_folded <> '';

CREATE INDEX events_session
  ON events (tenant_id, project_id, session_folded, occurred_at DESC, id DESC, type, superseded_by, retracted_at)
  WHERE deleted_at IS NULL AND session_folded <> '';

CREATE INDEX events_type
  ON events (tenant_id, project_id, type, occurred_at DESC, id DESC, superseded_by, retracted_at)
  WHERE deleted_at IS NULL;

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

CREATE TABLE locks (
  name TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  expires_at TEXT NOT NULL CHECK (length(expires_at) = 24)
) STRICT, WITHOUT ROWID;

CREATE TABLE owed_vectors (
  space_id INTEGER NOT NULL,
  project_no INTEGER NOT NULL,
  chunk_id INTEGER NOT NULL,
  PRIMARY KEY (space_id, project_no, chunk_id)
) STRICT, WITHOUT ROWID;

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

CREATE INDEX plans_path ON plans (tenant_id, project_id, path) WHERE path IS NOT NULL;

CREATE INDEX plans_title ON plans (tenant_id, project_id, title_folded, id) WHERE deleted_at IS NULL;

CREATE INDEX plans_updated ON plans (tenant_id, project_id, updated_at DESC, id) WHERE deleted_at IS NULL;

CREATE TABLE project_keys (
  tenant_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  key TEXT NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, project_id, key),
  CONSTRAINT project_keys_key_key UNIQUE (tenant_id, key),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE project_numbers (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  CONSTRAINT project_numbers_project_key UNIQUE (tenant_id, project_id)
) STRICT;

CREATE TABLE project_roots (
  tenant_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  root TEXT NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, project_id, root),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE schema_migrations (
      version INTEGER PRIMARY KEY,
      name TEXT NOT NULL,
      checksum TEXT NOT NULL,
      applied_at TEXT NOT NULL CHECK (length(applied_at) = 24)
    ) STRICT;

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

CREATE TABLE source_folders (
  tenant_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  root TEXT NOT NULL,
  path TEXT NOT NULL,
  modified_ms REAL NOT NULL,
  PRIMARY KEY (tenant_id, project_id, root, path),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE sources (
  tenant_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  root TEXT NOT NULL,
  globs TEXT NOT NULL CHECK (json_valid(globs)),
  indexed_at TEXT NOT NULL CHECK (length(indexed_at) = 24),
  PRIMARY KEY (tenant_id, project_id, root, globs),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER spaces_insert AFTER INSERT ON spaces BEGIN
  INSERT INTO owed_vectors (space_id, project_no, chunk_id) SELECT new.id, project_no, id FROM chunks;
END;

CREATE TABLE spaces (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant_id TEXT NOT NULL REFERENCES tenants (id),
  model TEXT NOT NULL,
  revision TEXT NOT NULL,
  dimensions INTEGER NOT NULL CONSTRAINT spaces_dimensions CHECK (dimensions >= 1),
  pooling TEXT NOT NULL,
  normalised INTEGER NOT NULL CHECK (normalised IN (0, 1)),
  CONSTRAINT spaces_identity_key UNIQUE (tenant_id, model, revision, dimensions, pooling, normalised)
) STRICT;

CREATE TABLE sqlite_sequence(name,seq);

CREATE TABLE store_info (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tenants (
  id TEXT PRIMARY KEY CHECK (length(id) = 36 AND id = lower(id)),
  name TEXT NOT NULL CONSTRAINT tenants_name_key UNIQUE,
  created_at TEXT NOT NULL CHECK (length(created_at) = 24)
) STRICT;

CREATE TABLE term_frequencies (
  project_no INTEGER NOT NULL REFERENCES project_numbers (number),
  term TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (project_no, term)
) STRICT, WITHOUT ROWID;

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

CREATE INDEX tokens_hash ON tokens (hash);

CREATE TABLE vector_segments (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  space_id INTEGER NOT NULL REFERENCES spaces (id),
  project_no INTEGER NOT NULL REFERENCES project_numbers (number),
  last_id INTEGER NOT NULL,
  vectors INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT;

CREATE INDEX vector_segments_place ON vector_segments (space_id, project_no, last_id);

CREATE TRIGGER vectors_insert AFTER INSERT ON vectors BEGIN
  DELETE FROM owed_vectors
  WHERE space_id = new.space_id AND chunk_id = new.chunk_id AND project_no = (
    SELECT number FROM project_numbers WHERE tenant_id = new.tenant_id AND project_id = new.project_id
  );
END;

CREATE TABLE vectors (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  chunk_id INTEGER NOT NULL,
  space_id INTEGER NOT NULL REFERENCES spaces (id),
  text_hash TEXT NOT NULL,
  embedding BLOB NOT NULL,
  CONSTRAINT vectors_chunk_key UNIQUE (tenant_id, project_id, chunk_id, space_id),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
) STRICT;

CREATE INDEX vectors_space ON vectors (tenant_id, project_id, space_id);

CREATE INDEX vectors_text ON vectors (tenant_id, space_id, text_hash);

CREATE VIRTUAL TABLE words USING fts5 (
  terms, content = '', contentless_delete = 1, detail = none, tokenize = "ascii tokenchars '_='"
);

CREATE TABLE 'words_config'(k PRIMARY KEY, v) WITHOUT ROWID;

CREATE TABLE 'words_data'(id INTEGER PRIMARY KEY, block BLOB);

CREATE TABLE 'words_docsize'(id INTEGER PRIMARY KEY, sz BLOB, origin INTEGER);

CREATE TABLE 'words_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
