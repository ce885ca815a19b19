-- breaking: the first schema
-- Rows of truth, their history and what the store knows of files. Tables, columns, keys and named constraints
-- have their counterparts in schema/sqlite; who may see what stands at the end of each file.
-- The runner makes the schema, the extension and the three roles before it, and sets the search path.
-- Text that is put in order or stands in an index is COLLATE "C": both engines order by bytes, and no index depends
-- on the operating system's collations, which change with its version.

CREATE TABLE store_info (
  name text COLLATE "C" PRIMARY KEY,
  value text NOT NULL
);

-- A random UUID that tells this store's seals from those that imports bring along.
INSERT INTO store_info (name, value) VALUES ('store_id', gen_random_uuid()::text);

CREATE TABLE tenants (
  id uuid PRIMARY KEY,
  name text COLLATE "C" NOT NULL CONSTRAINT tenants_name_key UNIQUE,
  created_at timestamptz(3) NOT NULL
);

INSERT INTO tenants (id, name, created_at)
VALUES ('00000000-0000-4000-8000-000000000001', 'default', now());

CREATE TABLE tokens (
  tenant_id uuid NOT NULL REFERENCES tenants (id),
  id uuid NOT NULL,
  name text NOT NULL,
  hash text COLLATE "C" NOT NULL,
  scope text NOT NULL CONSTRAINT tokens_scope CHECK (scope IN ('read', 'write', 'admin')),
  -- Ids of the granted projects; NULL: all of the tenant.
  project_ids json,
  created_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3),
  revoked_at timestamptz(3),
  last_used_at timestamptz(3),
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT tokens_hash_key UNIQUE (tenant_id, hash)
);

-- Whose a token is, is asked by its hash alone.
CREATE INDEX tokens_hash ON tokens (hash);

CREATE TABLE projects (
  tenant_id uuid NOT NULL REFERENCES tenants (id),
  id uuid NOT NULL,
  ref text COLLATE "C" NOT NULL,
  name text NOT NULL,
  name_folded text COLLATE "C" NOT NULL,
  created_at timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT projects_ref_key UNIQUE (tenant_id, ref)
);

CREATE INDEX projects_name ON projects (tenant_id, name_folded, id);

CREATE TABLE project_keys (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  key text COLLATE "C" NOT NULL,
  position integer NOT NULL,
  PRIMARY KEY (tenant_id, project_id, key),
  CONSTRAINT project_keys_key_key UNIQUE (tenant_id, key),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
);

CREATE TABLE project_roots (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  root text COLLATE "C" NOT NULL,
  position integer NOT NULL,
  PRIMARY KEY (tenant_id, project_id, root),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
);

-- Index runs: a file counts as removed only against the same root and globs.
CREATE TABLE sources (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  root text COLLATE "C" NOT NULL,
  globs text COLLATE "C" NOT NULL,
  indexed_at timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, project_id, root, globs),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
);

CREATE TABLE source_files (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  root text COLLATE "C" NOT NULL,
  path text COLLATE "C" NOT NULL,
  kind text NOT NULL CONSTRAINT source_files_kind CHECK (kind IN ('plan', 'session', 'pattern')),
  row_id uuid NOT NULL,
  size bigint NOT NULL,
  modified_ms double precision NOT NULL,
  file_hash text NOT NULL,
  -- Whether secrets were left out of what is stored of it.
  redact boolean NOT NULL,
  PRIMARY KEY (tenant_id, project_id, root, path),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
);

-- Folders as the last look found them: another time tells that files came or went.
CREATE TABLE source_folders (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  root text COLLATE "C" NOT NULL,
  path text COLLATE "C" NOT NULL,
  modified_ms double precision NOT NULL,
  PRIMARY KEY (tenant_id, project_id, root, path),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
);

-- Columns named …_folded hold text without regard to case, made by the program so that engines agree.
CREATE TABLE plans (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  id uuid NOT NULL,
  ref text COLLATE "C" NOT NULL,
  slug text COLLATE "C" NOT NULL,
  title text NOT NULL,
  title_folded text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL CONSTRAINT plans_status
    CHECK (status IN ('PLANNED', 'ACTIVE', 'PAUSED', 'COMPLETE', 'CANCELLED', 'SUPERSEDED')),
  status_text text,
  priority text CONSTRAINT plans_priority CHECK (priority IN ('high', 'medium', 'low')),
  type text CONSTRAINT plans_type
    CHECK (type IN ('feature', 'refactor', 'bugfix', 'research', 'chore', 'other')),
  author text,
  author_folded text NOT NULL,
  description text,
  topics json NOT NULL,
  topics_folded text NOT NULL,
  source text NOT NULL CONSTRAINT plans_source CHECK (source IN ('file', 'store')),
  path text COLLATE "C",
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  started_at timestamptz(3),
  completed_at timestamptz(3),
  deleted_at timestamptz(3),
  revision integer NOT NULL CONSTRAINT plans_revision CHECK (revision >= 1),
  content_hash text NOT NULL,
  file_hash text,
  pending_file boolean,
  content text NOT NULL,
  PRIMARY KEY (tenant_id, project_id, id),
  CONSTRAINT plans_ref_key UNIQUE (tenant_id, project_id, ref),
  CONSTRAINT plans_slug_key UNIQUE (tenant_id, project_id, slug),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
);

CREATE INDEX plans_updated ON plans (tenant_id, project_id, updated_at DESC, id) WHERE deleted_at IS NULL;
-- A title may be longer than an index entry can be; its beginning finds it.
CREATE INDEX plans_title ON plans (tenant_id, project_id, left(title_folded, 200), id) WHERE deleted_at IS NULL;
CREATE INDEX plans_path ON plans (tenant_id, project_id, path) WHERE path IS NOT NULL;

CREATE TABLE plan_links (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  plan_id uuid NOT NULL,
  position integer NOT NULL,
  rel text NOT NULL,
  target text NOT NULL,
  PRIMARY KEY (tenant_id, project_id, plan_id, position),
  FOREIGN KEY (tenant_id, project_id, plan_id) REFERENCES plans (tenant_id, project_id, id)
);

CREATE TABLE sessions (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  id uuid NOT NULL,
  ref text COLLATE "C" NOT NULL,
  slug text COLLATE "C" NOT NULL,
  date date NOT NULL,
  title text NOT NULL,
  status text NOT NULL CONSTRAINT sessions_status
    CHECK (status IN ('active', 'paused', 'complete', 'abandoned')),
  status_text text,
  author text,
  plan text,
  plan_folded text NOT NULL,
  topics json NOT NULL,
  topics_folded text NOT NULL,
  phases json NOT NULL,
  files json NOT NULL,
  duration_minutes double precision,
  source text NOT NULL CONSTRAINT sessions_source CHECK (source IN ('file', 'store')),
  path text COLLATE "C",
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  deleted_at timestamptz(3),
  revision integer NOT NULL CONSTRAINT sessions_revision CHECK (revision >= 1),
  content_hash text NOT NULL,
  file_hash text,
  pending_file boolean,
  content text NOT NULL,
  PRIMARY KEY (tenant_id, project_id, id),
  CONSTRAINT sessions_ref_key UNIQUE (tenant_id, project_id, ref),
  CONSTRAINT sessions_slug_key UNIQUE (tenant_id, project_id, slug),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
);

CREATE INDEX sessions_date ON sessions (tenant_id, project_id, date DESC, updated_at DESC, id)
  WHERE deleted_at IS NULL;

CREATE TABLE patterns (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  id uuid NOT NULL,
  ref text COLLATE "C" NOT NULL,
  slug text COLLATE "C" NOT NULL,
  title text NOT NULL,
  category text,
  category_folded text NOT NULL,
  triggers json NOT NULL,
  triggers_folded text NOT NULL,
  author text,
  source text NOT NULL CONSTRAINT patterns_source CHECK (source IN ('file', 'store')),
  path text COLLATE "C",
  created_at timestamptz(3) NOT NULL,
  updated_at timestamptz(3) NOT NULL,
  deleted_at timestamptz(3),
  revision integer NOT NULL CONSTRAINT patterns_revision CHECK (revision >= 1),
  content_hash text NOT NULL,
  file_hash text,
  pending_file boolean,
  content text NOT NULL,
  PRIMARY KEY (tenant_id, project_id, id),
  CONSTRAINT patterns_ref_key UNIQUE (tenant_id, project_id, ref),
  CONSTRAINT patterns_slug_key UNIQUE (tenant_id, project_id, slug),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
);

CREATE INDEX patterns_updated ON patterns (tenant_id, project_id, updated_at DESC, id)
  WHERE deleted_at IS NULL;

CREATE TABLE events (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  id uuid NOT NULL,
  ref text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL CONSTRAINT events_type CHECK (type IN (
    'session_started', 'goal_defined', 'task_completed', 'decision_made', 'pattern_discovered',
    'validation_passed', 'validation_failed', 'bug_encountered', 'learning_captured', 'note'
  )),
  summary text NOT NULL,
  data json NOT NULL,
  tags json NOT NULL,
  -- Every tag between line feeds.
  tags_folded text NOT NULL,
  author text,
  agent text,
  session text,
  session_folded text COLLATE "C" NOT NULL,
  plan text,
  plan_folded text COLLATE "C" NOT NULL,
  commit_hash text,
  files json NOT NULL,
  occurred_at timestamptz(3) NOT NULL,
  recorded_at timestamptz(3) NOT NULL,
  supersedes uuid,
  superseded_by uuid,
  retracted_at timestamptz(3),
  retracted_why text,
  deleted_at timestamptz(3),
  revision integer NOT NULL CONSTRAINT events_revision CHECK (revision >= 1),
  content_hash text NOT NULL,
  PRIMARY KEY (tenant_id, project_id, id),
  CONSTRAINT events_ref_key UNIQUE (tenant_id, project_id, ref),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
);

-- Each is an order of pages; what is not superseded, retracted or deleted is what pages mostly show.
CREATE INDEX events_occurred ON events (tenant_id, project_id, occurred_at DESC, id DESC)
  INCLUDE (superseded_by, retracted_at) WHERE deleted_at IS NULL;
CREATE INDEX events_type ON events (tenant_id, project_id, type, occurred_at DESC, id DESC)
  INCLUDE (superseded_by, retracted_at) WHERE deleted_at IS NULL;
CREATE INDEX events_plan ON events (tenant_id, project_id, left(plan_folded, 200), occurred_at DESC, id DESC)
  WHERE deleted_at IS NULL AND plan_folded <> '';
CREATE INDEX events_session ON events (tenant_id, project_id, left(session_folded, 200), occurred_at DESC, id DESC)
  WHERE deleted_at IS NULL AND session_folded <> '';

-- Every revision of every row as canonical JSON; what `forget --hard` erases.
CREATE TABLE revisions (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  kind text COLLATE "C" NOT NULL CONSTRAINT revisions_kind CHECK (kind IN ('plan', 'session', 'pattern', 'event')),
  row_id uuid NOT NULL,
  revision integer NOT NULL CONSTRAINT revisions_revision CHECK (revision >= 1),
  -- How `body` is packed: UTF-8 text, or the same by raw DEFLATE (RFC 1951).
  encoding text NOT NULL CONSTRAINT revisions_encoding CHECK (encoding IN ('json', 'deflate')),
  body bytea NOT NULL,
  PRIMARY KEY (tenant_id, project_id, kind, row_id, revision),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
);

-- Who did what to which row, when. `position` grows with the writes; the order in which they became visible
-- is that of `seq`, the public number that the sealer gives.
CREATE TABLE changes (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  position bigint GENERATED ALWAYS AS IDENTITY,
  seq bigint,
  at timestamptz(3) NOT NULL,
  actor text NOT NULL,
  kind text COLLATE "C" NOT NULL CONSTRAINT changes_kind CHECK (kind IN ('plan', 'session', 'pattern', 'event')),
  row_id uuid NOT NULL,
  revision integer NOT NULL CONSTRAINT changes_revision CHECK (revision >= 1),
  operation text NOT NULL CONSTRAINT changes_operation
    CHECK (operation IN ('create', 'update', 'delete', 'restore', 'retract', 'supersede')),
  content_hash text NOT NULL,
  batch text COLLATE "C",
  PRIMARY KEY (tenant_id, project_id, position),
  CONSTRAINT changes_row_key UNIQUE (tenant_id, project_id, row_id, kind, revision),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
);

CREATE UNIQUE INDEX changes_seq_key ON changes (tenant_id, project_id, seq) WHERE seq IS NOT NULL;
CREATE INDEX changes_unsealed ON changes (tenant_id, project_id, position) WHERE seq IS NULL;
CREATE INDEX changes_at ON changes (tenant_id, project_id, at, position);
CREATE INDEX changes_batch ON changes (tenant_id, project_id, batch, kind, row_id, revision) WHERE batch IS NOT NULL;

-- Rows that an import of exports added or replaced. They come with their own history, in which no line tells of it.
CREATE TABLE imported_rows (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  batch text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL CONSTRAINT imported_rows_kind CHECK (kind IN ('plan', 'session', 'pattern', 'event')),
  row_id uuid NOT NULL,
  -- What the row was at before, 0 where there was none, and what it came with.
  revision_before integer NOT NULL CONSTRAINT imported_rows_before CHECK (revision_before >= 0),
  revision integer NOT NULL CONSTRAINT imported_rows_revision CHECK (revision >= 1),
  at timestamptz(3) NOT NULL,
  actor text NOT NULL,
  PRIMARY KEY (tenant_id, project_id, batch, kind, row_id),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
);

CREATE INDEX imported_rows_row ON imported_rows (tenant_id, project_id, row_id);

-- Seals over ranges of `seq`; each hash covers its changes and the hash before it.
CREATE TABLE change_seals (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  store_id uuid NOT NULL,
  from_seq bigint NOT NULL,
  to_seq bigint NOT NULL,
  hash text NOT NULL,
  previous text NOT NULL,
  sealed_at timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, project_id, store_id, from_seq),
  CONSTRAINT change_seals_range CHECK (to_seq >= from_seq),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
);

-- Calls over the shared instance: who called what about which project, and how it ended. Projects are named, not referred
-- to: this outlives them. A project of zeros stands for none or several.
CREATE TABLE calls (
  tenant_id uuid NOT NULL REFERENCES tenants (id),
  project_id uuid NOT NULL,
  position bigint GENERATED ALWAYS AS IDENTITY,
  seq bigint,
  at timestamptz(3) NOT NULL,
  actor text NOT NULL,
  token text NOT NULL,
  tool text NOT NULL,
  outcome text NOT NULL,
  duration_ms double precision NOT NULL,
  rows integer,
  PRIMARY KEY (tenant_id, project_id, position)
);

CREATE UNIQUE INDEX calls_seq_key ON calls (tenant_id, project_id, seq) WHERE seq IS NOT NULL;
CREATE INDEX calls_unsealed ON calls (tenant_id, project_id, position) WHERE seq IS NULL;

CREATE TABLE call_seals (
  tenant_id uuid NOT NULL REFERENCES tenants (id),
  project_id uuid NOT NULL,
  from_seq bigint NOT NULL,
  to_seq bigint NOT NULL,
  hash text NOT NULL,
  previous text NOT NULL,
  sealed_at timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, project_id, from_seq),
  CONSTRAINT call_seals_range CHECK (to_seq >= from_seq)
);

-- From here on nothing of pgvector's is needed: functions keep a path on which nobody else can put anything.
SELECT set_config('search_path', quote_ident(current_schema()::text) || ', pg_temp', true);

-- Row-level security. A transaction enters `aiknowsys_app` and says by settings which tenant it works for and which
-- of its projects it may see: ids in an array literal, or `*` for all. Unset: no rows. The sub-selects are
-- evaluated once a statement. `aiknowsys_search` owns the functions that need indexes whose operators could leak
-- (`@@`); these look at the same settings. `aiknowsys_admin` is for the owner's chores over all tenants.

CREATE FUNCTION current_tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('aiknowsys.tenant', true), '')::uuid;

CREATE FUNCTION sees_all_projects() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(current_setting('aiknowsys.projects', true), '') = '*';

CREATE FUNCTION granted_projects() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(nullif(nullif(current_setting('aiknowsys.projects', true), '*'), '')::uuid[], '{}');

-- What policies ask is for who is under them; functions of ours are nobody else's.
REVOKE ALL ON FUNCTION current_tenant, sees_all_projects, granted_projects FROM PUBLIC;
GRANT EXECUTE ON FUNCTION current_tenant, sees_all_projects, granted_projects
  TO aiknowsys_app, aiknowsys_search, aiknowsys_admin;

-- Isolates one table: `project` names the column that holds the project's id, NULL where rows belong to the tenant.
CREATE PROCEDURE isolate(target regclass, tenant name, project name) LANGUAGE plpgsql AS $$
DECLARE
  mine text := format('%I = (SELECT current_tenant())', tenant);
BEGIN
  IF project IS NOT NULL THEN
    mine := mine || format(
      ' AND ((SELECT sees_all_projects()) OR %I = ANY ((SELECT granted_projects())::uuid[]))', project);
  END IF;
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
  EXECUTE format('CREATE POLICY app ON %s TO aiknowsys_app USING (%s) WITH CHECK (%s)', target, mine, mine);
  EXECUTE format('CREATE POLICY search ON %s FOR SELECT TO aiknowsys_search USING (true)', target);
  EXECUTE format('CREATE POLICY admin ON %s TO aiknowsys_admin USING (true) WITH CHECK (true)', target);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO aiknowsys_admin', target);
END $$;
REVOKE ALL ON PROCEDURE isolate FROM PUBLIC;

CALL isolate('tenants', 'id', NULL);
CALL isolate('tokens', 'tenant_id', NULL);
CALL isolate('projects', 'tenant_id', 'id');
CALL isolate('project_keys', 'tenant_id', 'project_id');
CALL isolate('project_roots', 'tenant_id', 'project_id');
CALL isolate('sources', 'tenant_id', 'project_id');
CALL isolate('source_files', 'tenant_id', 'project_id');
CALL isolate('source_folders', 'tenant_id', 'project_id');
CALL isolate('plans', 'tenant_id', 'project_id');
CALL isolate('plan_links', 'tenant_id', 'project_id');
CALL isolate('sessions', 'tenant_id', 'project_id');
CALL isolate('patterns', 'tenant_id', 'project_id');
CALL isolate('events', 'tenant_id', 'project_id');
CALL isolate('revisions', 'tenant_id', 'project_id');
CALL isolate('changes', 'tenant_id', 'project_id');
CALL isolate('change_seals', 'tenant_id', 'project_id');
CALL isolate('imported_rows', 'tenant_id', 'project_id');
CALL isolate('calls', 'tenant_id', 'project_id');
CALL isolate('call_seals', 'tenant_id', 'project_id');

GRANT SELECT ON store_info TO PUBLIC;
GRANT INSERT, UPDATE ON store_info TO aiknowsys_admin;
GRANT SELECT ON tenants TO aiknowsys_app;
-- Of a tenant's tokens no more than when they were used.
GRANT SELECT (tenant_id, id, last_used_at), UPDATE (last_used_at) ON tokens TO aiknowsys_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON project_roots, sources, source_files, source_folders, plan_links
  TO aiknowsys_app;
GRANT SELECT, INSERT, UPDATE ON projects, project_keys, plans, sessions, patterns, events TO aiknowsys_app;
-- History is added to, never rewritten.
GRANT SELECT, INSERT ON revisions, change_seals, call_seals TO aiknowsys_app;
GRANT SELECT, INSERT, UPDATE (seq) ON changes, calls TO aiknowsys_app;
GRANT SELECT, INSERT, UPDATE (revision) ON imported_rows TO aiknowsys_app;

-- The id of the tenant of just this name: a login that may only enter the ordinary role sees no tenant but its own,
-- and must find that one first.
CREATE FUNCTION tenant_named(wanted text) RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER
SET search_path FROM CURRENT
AS 'SELECT id FROM tenants WHERE name = wanted';

-- Whose token has this hash, and what it may do: the one question that is asked before it is known whose rows the
-- transaction works on. Nothing can be looked up with it but by who holds the token.
CREATE FUNCTION authenticate(token_hash text) RETURNS TABLE (
  tenant_id uuid, id uuid, name text, scope text, project_ids json, created_at timestamptz(3),
  expires_at timestamptz(3), revoked_at timestamptz(3), last_used_at timestamptz(3)
) LANGUAGE sql STABLE SECURITY DEFINER
SET search_path FROM CURRENT
AS 'SELECT t.tenant_id, t.id, t.name, t.scope, t.project_ids, t.created_at, t.expires_at, t.revoked_at, t.last_used_at
  FROM tokens t WHERE t.hash = token_hash';

REVOKE ALL ON FUNCTION tenant_named, authenticate FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenant_named, authenticate TO aiknowsys_app;
GRANT SELECT (id, name) ON tenants TO aiknowsys_search;
GRANT SELECT ON tokens TO aiknowsys_search;
DO $$
BEGIN
  EXECUTE format('GRANT CREATE ON SCHEMA %I TO aiknowsys_search', current_schema());
  ALTER FUNCTION tenant_named OWNER TO aiknowsys_search;
  ALTER FUNCTION authenticate OWNER TO aiknowsys_search;
  EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM aiknowsys_search', current_schema());
END $$;
