-- The schema after all migrations; compared by a test. See README.md.

CREATE TABLE call_seals (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  from_seq bigint NOT NULL,
  to_seq bigint NOT NULL,
  hash text NOT NULL,
  previous text NOT NULL,
  sealed_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT call_seals_pkey PRIMARY KEY (tenant_id, project_id, from_seq),
  CONSTRAINT call_seals_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id),
  CONSTRAINT call_seals_range CHECK ((to_seq >= from_seq))
);
ALTER TABLE call_seals ENABLE ROW LEVEL SECURITY;
ALTER TABLE call_seals FORCE ROW LEVEL SECURITY;
CREATE POLICY admin ON call_seals AS PERMISSIVE FOR ALL TO aiknowsys_admin
  USING (true)
  WITH CHECK (true);
CREATE POLICY app ON call_seals AS PERMISSIVE FOR ALL TO aiknowsys_app
  USING (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))))
  WITH CHECK (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))));
CREATE POLICY search ON call_seals AS PERMISSIVE FOR SELECT TO aiknowsys_search
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON call_seals TO aiknowsys_admin;
GRANT INSERT, SELECT ON call_seals TO aiknowsys_app;

CREATE TABLE calls (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  position bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  seq bigint,
  at timestamp(3) with time zone NOT NULL,
  actor text NOT NULL,
  token text NOT NULL,
  tool text NOT NULL,
  outcome text NOT NULL,
  duration_ms double precision NOT NULL,
  rows integer,
  CONSTRAINT calls_pkey PRIMARY KEY (tenant_id, project_id, "position"),
  CONSTRAINT calls_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id)
);
CREATE UNIQUE INDEX calls_seq_key ON calls USING btree (tenant_id, project_id, seq) WHERE (seq IS NOT NULL);
CREATE INDEX calls_unsealed ON calls USING btree (tenant_id, project_id, "position") WHERE (seq IS NULL);
ALTER TABLE calls ENABLE ROW LEVEL SECURITY;
ALTER TABLE calls FORCE ROW LEVEL SECURITY;
CREATE POLICY admin ON calls AS PERMISSIVE FOR ALL TO aiknowsys_admin
  USING (true)
  WITH CHECK (true);
CREATE POLICY app ON calls AS PERMISSIVE FOR ALL TO aiknowsys_app
  USING (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))))
  WITH CHECK (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))));
CREATE POLICY search ON calls AS PERMISSIVE FOR SELECT TO aiknowsys_search
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON calls TO aiknowsys_admin;
GRANT INSERT, SELECT, UPDATE (seq) ON calls TO aiknowsys_app;

CREATE TABLE change_seals (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  store_id uuid NOT NULL,
  from_seq bigint NOT NULL,
  to_seq bigint NOT NULL,
  hash text NOT NULL,
  previous text NOT NULL,
  sealed_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT change_seals_pkey PRIMARY KEY (tenant_id, project_id, store_id, from_seq),
  CONSTRAINT change_seals_tenant_id_project_id_fkey FOREIGN KEY (tenant_id, project_id) REFERENCES projects(tenant_id, id),
  CONSTRAINT change_seals_range CHECK ((to_seq >= from_seq))
);
ALTER TABLE change_seals ENABLE ROW LEVEL SECURITY;
ALTER TABLE change_seals FORCE ROW LEVEL SECURITY;
CREATE POLICY admin ON change_seals AS PERMISSIVE FOR ALL TO aiknowsys_admin
  USING (true)
  WITH CHECK (true);
CREATE POLICY app ON change_seals AS PERMISSIVE FOR ALL TO aiknowsys_app
  USING (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))))
  WITH CHECK (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))));
CREATE POLICY search ON change_seals AS PERMISSIVE FOR SELECT TO aiknowsys_search
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON change_seals TO aiknowsys_admin;
GRANT INSERT, SELECT ON change_seals TO aiknowsys_app;

CREATE TABLE changes (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  position bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  seq bigint,
  at timestamp(3) with time zone NOT NULL,
  actor text NOT NULL,
  kind text COLLATE "C" NOT NULL,
  row_id uuid NOT NULL,
  revision integer NOT NULL,
  operation text NOT NULL,
  content_hash text NOT NULL,
  batch text COLLATE "C",
  CONSTRAINT changes_pkey PRIMARY KEY (tenant_id, project_id, "position"),
  CONSTRAINT changes_row_key UNIQUE (tenant_id, project_id, row_id, kind, revision),
  CONSTRAINT changes_tenant_id_project_id_fkey FOREIGN KEY (tenant_id, project_id) REFERENCES projects(tenant_id, id),
  CONSTRAINT changes_kind CHECK ((kind = ANY (ARRAY['plan'::text, 'session'::text, 'pattern'::text, 'event'::text]))),
  CONSTRAINT changes_operation CHECK ((operation = ANY (ARRAY['create'::text, 'update'::text, 'delete'::text, 'restore'::text, 'retract'::text, 'supersede'::text]))),
  CONSTRAINT changes_revision CHECK ((revision >= 1))
);
CREATE INDEX changes_at ON changes USING btree (tenant_id, project_id, at, "position");
CREATE INDEX changes_batch ON changes USING btree (tenant_id, project_id, batch, kind, row_id, revision) WHERE (batch IS NOT NULL);
CREATE UNIQUE INDEX changes_seq_key ON changes USING btree (tenant_id, project_id, seq) WHERE (seq IS NOT NULL);
CREATE INDEX changes_unsealed ON changes USING btree (tenant_id, project_id, "position") WHERE (seq IS NULL);
ALTER TABLE changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE changes FORCE ROW LEVEL SECURITY;
CREATE POLICY admin ON changes AS PERMISSIVE FOR ALL TO aiknowsys_admin
  USING (true)
  WITH CHECK (true);
CREATE POLICY app ON changes AS PERMISSIVE FOR ALL TO aiknowsys_app
  USING (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))))
  WITH CHECK (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))));
CREATE POLICY search ON changes AS PERMISSIVE FOR SELECT TO aiknowsys_search
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON changes TO aiknowsys_admin;
GRANT INSERT, SELECT, UPDATE (seq) ON changes TO aiknowsys_app;

CREATE TABLE chunks (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  kind text COLLATE "C" NOT NULL,
  owner_id uuid NOT NULL,
  ordinal integer NOT NULL,
  event_type text,
  hidden boolean NOT NULL,
  date timestamp(3) with time zone NOT NULL,
  length integer NOT NULL,
  text_hash text COLLATE "C" NOT NULL,
  heading text NOT NULL,
  terms text NOT NULL,
  text text NOT NULL,
  words tsvector NOT NULL,
  CONSTRAINT chunks_pkey PRIMARY KEY (tenant_id, project_id, id),
  CONSTRAINT chunks_place_key UNIQUE (tenant_id, project_id, kind, owner_id, ordinal),
  CONSTRAINT chunks_tenant_id_project_id_fkey FOREIGN KEY (tenant_id, project_id) REFERENCES projects(tenant_id, id),
  CONSTRAINT chunks_event_type CHECK ((event_type = ANY (ARRAY['session_started'::text, 'goal_defined'::text, 'task_completed'::text, 'decision_made'::text, 'pattern_discovered'::text, 'validation_passed'::text, 'validation_failed'::text, 'bug_encountered'::text, 'learning_captured'::text, 'note'::text]))),
  CONSTRAINT chunks_kind CHECK ((kind = ANY (ARRAY['plan'::text, 'session'::text, 'pattern'::text, 'event'::text]))),
  CONSTRAINT chunks_length CHECK ((length >= 0)),
  CONSTRAINT chunks_ordinal CHECK ((ordinal >= 0)),
  CONSTRAINT chunks_terms CHECK ((terms !~ '[^a-z0-9_ ]'::text))
);
CREATE INDEX chunks_id ON chunks USING btree (id);
CREATE INDEX chunks_words ON chunks USING gin (words) WITH (gin_pending_list_limit='256');
ALTER TABLE chunks ENABLE ROW LEVEL SECURITY;
ALTER TABLE chunks FORCE ROW LEVEL SECURITY;
CREATE POLICY admin ON chunks AS PERMISSIVE FOR ALL TO aiknowsys_admin
  USING (true)
  WITH CHECK (true);
CREATE POLICY app ON chunks AS PERMISSIVE FOR ALL TO aiknowsys_app
  USING (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))))
  WITH CHECK (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))));
CREATE POLICY search ON chunks AS PERMISSIVE FOR SELECT TO aiknowsys_search
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON chunks TO aiknowsys_admin;
GRANT DELETE, INSERT, SELECT, UPDATE (words) ON chunks TO aiknowsys_app;
GRANT SELECT ON chunks TO aiknowsys_search;

CREATE TABLE events (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  id uuid NOT NULL,
  ref text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  summary text NOT NULL,
  data json NOT NULL,
  tags json NOT NULL,
  tags_folded text NOT NULL,
  author text,
  agent text,
  session text,
  session_folded text COLLATE "C" NOT NULL,
  plan text,
  plan_folded text COLLATE "C" NOT NULL,
  commit_hash text,
  files json NOT NULL,
  occurred_at timestamp(3) with time zone NOT NULL,
  recorded_at timestamp(3) with time zone NOT NULL,
  supersedes uuid,
  superseded_by uuid,
  retracted_at timestamp(3) with time zone,
  retracted_why text,
  deleted_at timestamp(3) with time zone,
  revision integer NOT NULL,
  content_hash text NOT NULL,
  CONSTRAINT events_pkey PRIMARY KEY (tenant_id, project_id, id),
  CONSTRAINT events_ref_key UNIQUE (tenant_id, project_id, ref),
  CONSTRAINT events_tenant_id_project_id_fkey FOREIGN KEY (tenant_id, project_id) REFERENCES projects(tenant_id, id),
  CONSTRAINT events_revision CHECK ((revision >= 1)),
  CONSTRAINT events_type CHECK ((type = ANY (ARRAY['session_started'::text, 'goal_defined'::text, 'task_completed'::text, 'decision_made'::text, 'pattern_discovered'::text, 'validation_passed'::text, 'validation_failed'::text, 'bug_encountered'::text, 'learning_captured'::text, 'note'::text])))
);
CREATE INDEX events_occurred ON events USING btree (tenant_id, project_id, occurred_at DESC, id DESC) INCLUDE (superseded_by, retracted_at) WHERE (deleted_at IS NULL);
CREATE INDEX events_plan ON events USING btree (tenant_id, project_id, "left"(plan_folded, 200), occurred_at DESC, id DESC) WHERE ((deleted_at IS NULL) AND (plan_folded <> ''::text));
CREATE INDEX events_session ON events USING btree (tenant_id, project_id, "left"(session_folded, 200), occurred_at DESC, id DESC) WHERE ((deleted_at IS NULL) AND (session_folded <> ''::text));
CREATE INDEX events_type ON events USING btree (tenant_id, project_id, type, occurred_at DESC, id DESC) INCLUDE (superseded_by, retracted_at) WHERE (deleted_at IS NULL);
ALTER TABLE events ENABLE ROW LEVEL SECURITY;
ALTER TABLE events FORCE ROW LEVEL SECURITY;
CREATE POLICY admin ON events AS PERMISSIVE FOR ALL TO aiknowsys_admin
  USING (true)
  WITH CHECK (true);
CREATE POLICY app ON events AS PERMISSIVE FOR ALL TO aiknowsys_app
  USING (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))))
  WITH CHECK (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))));
CREATE POLICY search ON events AS PERMISSIVE FOR SELECT TO aiknowsys_search
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON events TO aiknowsys_admin;
GRANT INSERT, SELECT, UPDATE ON events TO aiknowsys_app;

CREATE TABLE imported_rows (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  batch text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  row_id uuid NOT NULL,
  revision_before integer NOT NULL,
  revision integer NOT NULL,
  at timestamp(3) with time zone NOT NULL,
  actor text NOT NULL,
  CONSTRAINT imported_rows_pkey PRIMARY KEY (tenant_id, project_id, batch, kind, row_id),
  CONSTRAINT imported_rows_tenant_id_project_id_fkey FOREIGN KEY (tenant_id, project_id) REFERENCES projects(tenant_id, id),
  CONSTRAINT imported_rows_before CHECK ((revision_before >= 0)),
  CONSTRAINT imported_rows_kind CHECK ((kind = ANY (ARRAY['plan'::text, 'session'::text, 'pattern'::text, 'event'::text]))),
  CONSTRAINT imported_rows_revision CHECK ((revision >= 1))
);
CREATE INDEX imported_rows_row ON imported_rows USING btree (tenant_id, project_id, row_id);
ALTER TABLE imported_rows ENABLE ROW LEVEL SECURITY;
ALTER TABLE imported_rows FORCE ROW LEVEL SECURITY;
CREATE POLICY admin ON imported_rows AS PERMISSIVE FOR ALL TO aiknowsys_admin
  USING (true)
  WITH CHECK (true);
CREATE POLICY app ON imported_rows AS PERMISSIVE FOR ALL TO aiknowsys_app
  USING (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))))
  WITH CHECK (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))));
CREATE POLICY search ON imported_rows AS PERMISSIVE FOR SELECT TO aiknowsys_search
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON imported_rows TO aiknowsys_admin;
GRANT INSERT, SELECT, UPDATE (revision) ON imported_rows TO aiknowsys_app;

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
  source text NOT NULL,
  path text COLLATE "C",
  created_at timestamp(3) with time zone NOT NULL,
  updated_at timestamp(3) with time zone NOT NULL,
  deleted_at timestamp(3) with time zone,
  revision integer NOT NULL,
  content_hash text NOT NULL,
  file_hash text,
  pending_file boolean,
  content text NOT NULL,
  CONSTRAINT patterns_pkey PRIMARY KEY (tenant_id, project_id, id),
  CONSTRAINT patterns_ref_key UNIQUE (tenant_id, project_id, ref),
  CONSTRAINT patterns_slug_key UNIQUE (tenant_id, project_id, slug),
  CONSTRAINT patterns_tenant_id_project_id_fkey FOREIGN KEY (tenant_id, project_id) REFERENCES projects(tenant_id, id),
  CONSTRAINT patterns_revision CHECK ((revision >= 1)),
  CONSTRAINT patterns_source CHECK ((source = ANY (ARRAY['file'::text, 'store'::text])))
);
CREATE INDEX patterns_updated ON patterns USING btree (tenant_id, project_id, updated_at DESC, id) WHERE (deleted_at IS NULL);
ALTER TABLE patterns ENABLE ROW LEVEL SECURITY;
ALTER TABLE patterns FORCE ROW LEVEL SECURITY;
CREATE POLICY admin ON patterns AS PERMISSIVE FOR ALL TO aiknowsys_admin
  USING (true)
  WITH CHECK (true);
CREATE POLICY app ON patterns AS PERMISSIVE FOR ALL TO aiknowsys_app
  USING (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))))
  WITH CHECK (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))));
CREATE POLICY search ON patterns AS PERMISSIVE FOR SELECT TO aiknowsys_search
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON patterns TO aiknowsys_admin;
GRANT INSERT, SELECT, UPDATE ON patterns TO aiknowsys_app;

CREATE TABLE plan_links (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  plan_id uuid NOT NULL,
  position integer NOT NULL,
  rel text NOT NULL,
  target text NOT NULL,
  CONSTRAINT plan_links_pkey PRIMARY KEY (tenant_id, project_id, plan_id, "position"),
  CONSTRAINT plan_links_tenant_id_project_id_plan_id_fkey FOREIGN KEY (tenant_id, project_id, plan_id) REFERENCES plans(tenant_id, project_id, id)
);
ALTER TABLE plan_links ENABLE ROW LEVEL SECURITY;
ALTER TABLE plan_links FORCE ROW LEVEL SECURITY;
CREATE POLICY admin ON plan_links AS PERMISSIVE FOR ALL TO aiknowsys_admin
  USING (true)
  WITH CHECK (true);
CREATE POLICY app ON plan_links AS PERMISSIVE FOR ALL TO aiknowsys_app
  USING (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))))
  WITH CHECK (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))));
CREATE POLICY search ON plan_links AS PERMISSIVE FOR SELECT TO aiknowsys_search
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON plan_links TO aiknowsys_admin;
GRANT DELETE, INSERT, SELECT, UPDATE ON plan_links TO aiknowsys_app;

CREATE TABLE plans (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  id uuid NOT NULL,
  ref text COLLATE "C" NOT NULL,
  slug text COLLATE "C" NOT NULL,
  title text NOT NULL,
  title_folded text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL,
  status_text text,
  priority text,
  type text,
  author text,
  author_folded text NOT NULL,
  description text,
  topics json NOT NULL,
  topics_folded text NOT NULL,
  source text NOT NULL,
  path text COLLATE "C",
  created_at timestamp(3) with time zone NOT NULL,
  updated_at timestamp(3) with time zone NOT NULL,
  started_at timestamp(3) with time zone,
  completed_at timestamp(3) with time zone,
  deleted_at timestamp(3) with time zone,
  revision integer NOT NULL,
  content_hash text NOT NULL,
  file_hash text,
  pending_file boolean,
  content text NOT NULL,
  CONSTRAINT plans_pkey PRIMARY KEY (tenant_id, project_id, id),
  CONSTRAINT plans_ref_key UNIQUE (tenant_id, project_id, ref),
  CONSTRAINT plans_slug_key UNIQUE (tenant_id, project_id, slug),
  CONSTRAINT plans_tenant_id_project_id_fkey FOREIGN KEY (tenant_id, project_id) REFERENCES projects(tenant_id, id),
  CONSTRAINT plans_priority CHECK ((priority = ANY (ARRAY['high'::text, 'medium'::text, 'low'::text]))),
  CONSTRAINT plans_revision CHECK ((revision >= 1)),
  CONSTRAINT plans_source CHECK ((source = ANY (ARRAY['file'::text, 'store'::text]))),
  CONSTRAINT plans_status CHECK ((status = ANY (ARRAY['PLANNED'::text, 'ACTIVE'::text, 'PAUSED'::text, 'COMPLETE'::text, 'CANCELLED'::text, 'SUPERSEDED'::text]))),
  CONSTRAINT plans_type CHECK ((type = ANY (ARRAY['feature'::text, 'refactor'::text, 'bugfix'::text, 'research'::text, 'chore'::text, 'other'::text])))
);
CREATE INDEX plans_path ON plans USING btree (tenant_id, project_id, path) WHERE (path IS NOT NULL);
CREATE INDEX plans_title ON plans USING btree (tenant_id, project_id, "left"(title_folded, 200), id) WHERE (deleted_at IS NULL);
CREATE INDEX plans_updated ON plans USING btree (tenant_id, project_id, updated_at DESC, id) WHERE (deleted_at IS NULL);
ALTER TABLE plans ENABLE ROW LEVEL SECURITY;
ALTER TABLE plans FORCE ROW LEVEL SECURITY;
CREATE POLICY admin ON plans AS PERMISSIVE FOR ALL TO aiknowsys_admin
  USING (true)
  WITH CHECK (true);
CREATE POLICY app ON plans AS PERMISSIVE FOR ALL TO aiknowsys_app
  USING (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))))
  WITH CHECK (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))));
CREATE POLICY search ON plans AS PERMISSIVE FOR SELECT TO aiknowsys_search
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON plans TO aiknowsys_admin;
GRANT INSERT, SELECT, UPDATE ON plans TO aiknowsys_app;

CREATE TABLE project_keys (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  key text COLLATE "C" NOT NULL,
  position integer NOT NULL,
  CONSTRAINT project_keys_pkey PRIMARY KEY (tenant_id, project_id, key),
  CONSTRAINT project_keys_key_key UNIQUE (tenant_id, key),
  CONSTRAINT project_keys_tenant_id_project_id_fkey FOREIGN KEY (tenant_id, project_id) REFERENCES projects(tenant_id, id)
);
ALTER TABLE project_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE project_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY admin ON project_keys AS PERMISSIVE FOR ALL TO aiknowsys_admin
  USING (true)
  WITH CHECK (true);
CREATE POLICY app ON project_keys AS PERMISSIVE FOR ALL TO aiknowsys_app
  USING (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))))
  WITH CHECK (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))));
CREATE POLICY search ON project_keys AS PERMISSIVE FOR SELECT TO aiknowsys_search
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON project_keys TO aiknowsys_admin;
GRANT INSERT, SELECT, UPDATE ON project_keys TO aiknowsys_app;

CREATE TABLE project_numbers (
  number bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  CONSTRAINT project_numbers_pkey PRIMARY KEY (tenant_id, project_id),
  CONSTRAINT project_numbers_tenant_id_project_id_fkey FOREIGN KEY (tenant_id, project_id) REFERENCES projects(tenant_id, id)
);
ALTER TABLE project_numbers ENABLE ROW LEVEL SECURITY;
ALTER TABLE project_numbers FORCE ROW LEVEL SECURITY;
CREATE POLICY admin ON project_numbers AS PERMISSIVE FOR ALL TO aiknowsys_admin
  USING (true)
  WITH CHECK (true);
CREATE POLICY app ON project_numbers AS PERMISSIVE FOR ALL TO aiknowsys_app
  USING (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))))
  WITH CHECK (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))));
CREATE POLICY search ON project_numbers AS PERMISSIVE FOR SELECT TO aiknowsys_search
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON project_numbers TO aiknowsys_admin;
GRANT INSERT, SELECT ON project_numbers TO aiknowsys_app;
GRANT SELECT ON project_numbers TO aiknowsys_search;

CREATE TABLE project_roots (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  root text COLLATE "C" NOT NULL,
  position integer NOT NULL,
  CONSTRAINT project_roots_pkey PRIMARY KEY (tenant_id, project_id, root),
  CONSTRAINT project_roots_tenant_id_project_id_fkey FOREIGN KEY (tenant_id, project_id) REFERENCES projects(tenant_id, id)
);
ALTER TABLE project_roots ENABLE ROW LEVEL SECURITY;
ALTER TABLE project_roots FORCE ROW LEVEL SECURITY;
CREATE POLICY admin ON project_roots AS PERMISSIVE FOR ALL TO aiknowsys_admin
  USING (true)
  WITH CHECK (true);
CREATE POLICY app ON project_roots AS PERMISSIVE FOR ALL TO aiknowsys_app
  USING (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))))
  WITH CHECK (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))));
CREATE POLICY search ON project_roots AS PERMISSIVE FOR SELECT TO aiknowsys_search
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON project_roots TO aiknowsys_admin;
GRANT DELETE, INSERT, SELECT, UPDATE ON project_roots TO aiknowsys_app;

CREATE TABLE projects (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  ref text COLLATE "C" NOT NULL,
  name text NOT NULL,
  name_folded text COLLATE "C" NOT NULL,
  created_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT projects_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT projects_ref_key UNIQUE (tenant_id, ref),
  CONSTRAINT projects_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id)
);
CREATE INDEX projects_name ON projects USING btree (tenant_id, name_folded, id);
ALTER TABLE projects ENABLE ROW LEVEL SECURITY;
ALTER TABLE projects FORCE ROW LEVEL SECURITY;
CREATE POLICY admin ON projects AS PERMISSIVE FOR ALL TO aiknowsys_admin
  USING (true)
  WITH CHECK (true);
CREATE POLICY app ON projects AS PERMISSIVE FOR ALL TO aiknowsys_app
  USING (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))))
  WITH CHECK (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))));
CREATE POLICY search ON projects AS PERMISSIVE FOR SELECT TO aiknowsys_search
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON projects TO aiknowsys_admin;
GRANT INSERT, SELECT, UPDATE ON projects TO aiknowsys_app;

CREATE TABLE revisions (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  kind text COLLATE "C" NOT NULL,
  row_id uuid NOT NULL,
  revision integer NOT NULL,
  encoding text NOT NULL,
  body bytea NOT NULL,
  CONSTRAINT revisions_pkey PRIMARY KEY (tenant_id, project_id, kind, row_id, revision),
  CONSTRAINT revisions_tenant_id_project_id_fkey FOREIGN KEY (tenant_id, project_id) REFERENCES projects(tenant_id, id),
  CONSTRAINT revisions_encoding CHECK ((encoding = ANY (ARRAY['json'::text, 'deflate'::text]))),
  CONSTRAINT revisions_kind CHECK ((kind = ANY (ARRAY['plan'::text, 'session'::text, 'pattern'::text, 'event'::text]))),
  CONSTRAINT revisions_revision CHECK ((revision >= 1))
);
ALTER TABLE revisions ENABLE ROW LEVEL SECURITY;
ALTER TABLE revisions FORCE ROW LEVEL SECURITY;
CREATE POLICY admin ON revisions AS PERMISSIVE FOR ALL TO aiknowsys_admin
  USING (true)
  WITH CHECK (true);
CREATE POLICY app ON revisions AS PERMISSIVE FOR ALL TO aiknowsys_app
  USING (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))))
  WITH CHECK (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))));
CREATE POLICY search ON revisions AS PERMISSIVE FOR SELECT TO aiknowsys_search
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON revisions TO aiknowsys_admin;
GRANT INSERT, SELECT ON revisions TO aiknowsys_app;

CREATE TABLE schema_migrations (
  version integer NOT NULL,
  name text NOT NULL,
  checksum text NOT NULL,
  applied_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT schema_migrations_pkey PRIMARY KEY (version)
);
GRANT SELECT ON schema_migrations TO PUBLIC;

CREATE TABLE sessions (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  id uuid NOT NULL,
  ref text COLLATE "C" NOT NULL,
  slug text COLLATE "C" NOT NULL,
  date date NOT NULL,
  title text NOT NULL,
  status text NOT NULL,
  status_text text,
  author text,
  plan text,
  plan_folded text NOT NULL,
  topics json NOT NULL,
  topics_folded text NOT NULL,
  phases json NOT NULL,
  files json NOT NULL,
  duration_minutes double precision,
  source text NOT NULL,
  path text COLLATE "C",
  created_at timestamp(3) with time zone NOT NULL,
  updated_at timestamp(3) with time zone NOT NULL,
  deleted_at timestamp(3) with time zone,
  revision integer NOT NULL,
  content_hash text NOT NULL,
  file_hash text,
  pending_file boolean,
  content text NOT NULL,
  CONSTRAINT sessions_pkey PRIMARY KEY (tenant_id, project_id, id),
  CONSTRAINT sessions_ref_key UNIQUE (tenant_id, project_id, ref),
  CONSTRAINT sessions_slug_key UNIQUE (tenant_id, project_id, slug),
  CONSTRAINT sessions_tenant_id_project_id_fkey FOREIGN KEY (tenant_id, project_id) REFERENCES projects(tenant_id, id),
  CONSTRAINT sessions_revision CHECK ((revision >= 1)),
  CONSTRAINT sessions_source CHECK ((source = ANY (ARRAY['file'::text, 'store'::text]))),
  CONSTRAINT sessions_status CHECK ((status = ANY (ARRAY['active'::text, 'paused'::text, 'complete'::text, 'abandoned'::text])))
);
CREATE INDEX sessions_date ON sessions USING btree (tenant_id, project_id, date DESC, updated_at DESC, id) WHERE (deleted_at IS NULL);
ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY admin ON sessions AS PERMISSIVE FOR ALL TO aiknowsys_admin
  USING (true)
  WITH CHECK (true);
CREATE POLICY app ON sessions AS PERMISSIVE FOR ALL TO aiknowsys_app
  USING (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))))
  WITH CHECK (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))));
CREATE POLICY search ON sessions AS PERMISSIVE FOR SELECT TO aiknowsys_search
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON sessions TO aiknowsys_admin;
GRANT INSERT, SELECT, UPDATE ON sessions TO aiknowsys_app;

CREATE TABLE source_files (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  root text COLLATE "C" NOT NULL,
  path text COLLATE "C" NOT NULL,
  kind text NOT NULL,
  row_id uuid NOT NULL,
  size bigint NOT NULL,
  modified_ms double precision NOT NULL,
  file_hash text NOT NULL,
  redact boolean NOT NULL,
  CONSTRAINT source_files_pkey PRIMARY KEY (tenant_id, project_id, root, path),
  CONSTRAINT source_files_tenant_id_project_id_fkey FOREIGN KEY (tenant_id, project_id) REFERENCES projects(tenant_id, id),
  CONSTRAINT source_files_kind CHECK ((kind = ANY (ARRAY['plan'::text, 'session'::text, 'pattern'::text])))
);
ALTER TABLE source_files ENABLE ROW LEVEL SECURITY;
ALTER TABLE source_files FORCE ROW LEVEL SECURITY;
CREATE POLICY admin ON source_files AS PERMISSIVE FOR ALL TO aiknowsys_admin
  USING (true)
  WITH CHECK (true);
CREATE POLICY app ON source_files AS PERMISSIVE FOR ALL TO aiknowsys_app
  USING (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))))
  WITH CHECK (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))));
CREATE POLICY search ON source_files AS PERMISSIVE FOR SELECT TO aiknowsys_search
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON source_files TO aiknowsys_admin;
GRANT DELETE, INSERT, SELECT, UPDATE ON source_files TO aiknowsys_app;

CREATE TABLE source_folders (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  root text COLLATE "C" NOT NULL,
  path text COLLATE "C" NOT NULL,
  modified_ms double precision NOT NULL,
  CONSTRAINT source_folders_pkey PRIMARY KEY (tenant_id, project_id, root, path),
  CONSTRAINT source_folders_tenant_id_project_id_fkey FOREIGN KEY (tenant_id, project_id) REFERENCES projects(tenant_id, id)
);
ALTER TABLE source_folders ENABLE ROW LEVEL SECURITY;
ALTER TABLE source_folders FORCE ROW LEVEL SECURITY;
CREATE POLICY admin ON source_folders AS PERMISSIVE FOR ALL TO aiknowsys_admin
  USING (true)
  WITH CHECK (true);
CREATE POLICY app ON source_folders AS PERMISSIVE FOR ALL TO aiknowsys_app
  USING (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))))
  WITH CHECK (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))));
CREATE POLICY search ON source_folders AS PERMISSIVE FOR SELECT TO aiknowsys_search
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON source_folders TO aiknowsys_admin;
GRANT DELETE, INSERT, SELECT, UPDATE ON source_folders TO aiknowsys_app;

CREATE TABLE sources (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  root text COLLATE "C" NOT NULL,
  globs text COLLATE "C" NOT NULL,
  indexed_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT sources_pkey PRIMARY KEY (tenant_id, project_id, root, globs),
  CONSTRAINT sources_tenant_id_project_id_fkey FOREIGN KEY (tenant_id, project_id) REFERENCES projects(tenant_id, id)
);
ALTER TABLE sources ENABLE ROW LEVEL SECURITY;
ALTER TABLE sources FORCE ROW LEVEL SECURITY;
CREATE POLICY admin ON sources AS PERMISSIVE FOR ALL TO aiknowsys_admin
  USING (true)
  WITH CHECK (true);
CREATE POLICY app ON sources AS PERMISSIVE FOR ALL TO aiknowsys_app
  USING (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))))
  WITH CHECK (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))));
CREATE POLICY search ON sources AS PERMISSIVE FOR SELECT TO aiknowsys_search
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON sources TO aiknowsys_admin;
GRANT DELETE, INSERT, SELECT, UPDATE ON sources TO aiknowsys_app;

CREATE TABLE spaces (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  tenant_id uuid NOT NULL,
  model text COLLATE "C" NOT NULL,
  revision text COLLATE "C" NOT NULL,
  dimensions integer NOT NULL,
  pooling text COLLATE "C" NOT NULL,
  normalised boolean NOT NULL,
  CONSTRAINT spaces_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT spaces_identity_key UNIQUE (tenant_id, model, revision, dimensions, pooling, normalised),
  CONSTRAINT spaces_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id),
  CONSTRAINT spaces_dimensions CHECK ((dimensions >= 1))
);
ALTER TABLE spaces ENABLE ROW LEVEL SECURITY;
ALTER TABLE spaces FORCE ROW LEVEL SECURITY;
CREATE POLICY admin ON spaces AS PERMISSIVE FOR ALL TO aiknowsys_admin
  USING (true)
  WITH CHECK (true);
CREATE POLICY app ON spaces AS PERMISSIVE FOR ALL TO aiknowsys_app
  USING ((tenant_id = ( SELECT current_tenant() AS current_tenant)))
  WITH CHECK ((tenant_id = ( SELECT current_tenant() AS current_tenant)));
CREATE POLICY search ON spaces AS PERMISSIVE FOR SELECT TO aiknowsys_search
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON spaces TO aiknowsys_admin;
GRANT INSERT, SELECT ON spaces TO aiknowsys_app;

CREATE TABLE store_info (
  name text COLLATE "C" NOT NULL,
  value text NOT NULL,
  CONSTRAINT store_info_pkey PRIMARY KEY (name)
);
GRANT SELECT ON store_info TO PUBLIC;
GRANT INSERT, UPDATE ON store_info TO aiknowsys_admin;

CREATE TABLE tenants (
  id uuid NOT NULL,
  name text COLLATE "C" NOT NULL,
  created_at timestamp(3) with time zone NOT NULL,
  CONSTRAINT tenants_pkey PRIMARY KEY (id),
  CONSTRAINT tenants_name_key UNIQUE (name)
);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
CREATE POLICY admin ON tenants AS PERMISSIVE FOR ALL TO aiknowsys_admin
  USING (true)
  WITH CHECK (true);
CREATE POLICY app ON tenants AS PERMISSIVE FOR ALL TO aiknowsys_app
  USING ((id = ( SELECT current_tenant() AS current_tenant)))
  WITH CHECK ((id = ( SELECT current_tenant() AS current_tenant)));
CREATE POLICY search ON tenants AS PERMISSIVE FOR SELECT TO aiknowsys_search
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON tenants TO aiknowsys_admin;
GRANT SELECT ON tenants TO aiknowsys_app;
GRANT SELECT (id), SELECT (name) ON tenants TO aiknowsys_search;

CREATE TABLE term_frequencies (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  term text COLLATE "C" NOT NULL,
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  count bigint NOT NULL,
  CONSTRAINT term_frequencies_pkey PRIMARY KEY (tenant_id, project_id, term, id) INCLUDE (count),
  CONSTRAINT term_frequencies_tenant_id_project_id_fkey FOREIGN KEY (tenant_id, project_id) REFERENCES projects(tenant_id, id)
);
ALTER TABLE term_frequencies ENABLE ROW LEVEL SECURITY;
ALTER TABLE term_frequencies FORCE ROW LEVEL SECURITY;
CREATE POLICY admin ON term_frequencies AS PERMISSIVE FOR ALL TO aiknowsys_admin
  USING (true)
  WITH CHECK (true);
CREATE POLICY app ON term_frequencies AS PERMISSIVE FOR ALL TO aiknowsys_app
  USING (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))))
  WITH CHECK (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))));
CREATE POLICY search ON term_frequencies AS PERMISSIVE FOR SELECT TO aiknowsys_search
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON term_frequencies TO aiknowsys_admin;
GRANT DELETE, INSERT, SELECT ON term_frequencies TO aiknowsys_app;

CREATE TABLE tokens (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  hash text COLLATE "C" NOT NULL,
  scope text NOT NULL,
  project_ids json,
  created_at timestamp(3) with time zone NOT NULL,
  expires_at timestamp(3) with time zone,
  revoked_at timestamp(3) with time zone,
  last_used_at timestamp(3) with time zone,
  CONSTRAINT tokens_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT tokens_hash_key UNIQUE (tenant_id, hash),
  CONSTRAINT tokens_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id),
  CONSTRAINT tokens_scope CHECK ((scope = ANY (ARRAY['read'::text, 'write'::text, 'admin'::text])))
);
CREATE INDEX tokens_hash ON tokens USING btree (hash);
ALTER TABLE tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE tokens FORCE ROW LEVEL SECURITY;
CREATE POLICY admin ON tokens AS PERMISSIVE FOR ALL TO aiknowsys_admin
  USING (true)
  WITH CHECK (true);
CREATE POLICY app ON tokens AS PERMISSIVE FOR ALL TO aiknowsys_app
  USING ((tenant_id = ( SELECT current_tenant() AS current_tenant)))
  WITH CHECK ((tenant_id = ( SELECT current_tenant() AS current_tenant)));
CREATE POLICY search ON tokens AS PERMISSIVE FOR SELECT TO aiknowsys_search
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON tokens TO aiknowsys_admin;
GRANT SELECT (id), SELECT (last_used_at), SELECT (tenant_id), UPDATE (last_used_at) ON tokens TO aiknowsys_app;
GRANT SELECT ON tokens TO aiknowsys_search;

CREATE TABLE vectors (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  chunk_id bigint NOT NULL,
  space_id bigint NOT NULL,
  text_hash text COLLATE "C" NOT NULL,
  embedding vector NOT NULL,
  CONSTRAINT vectors_pkey PRIMARY KEY (tenant_id, project_id, chunk_id, space_id),
  CONSTRAINT vectors_tenant_id_project_id_chunk_id_fkey FOREIGN KEY (tenant_id, project_id, chunk_id) REFERENCES chunks(tenant_id, project_id, id) ON DELETE CASCADE,
  CONSTRAINT vectors_tenant_id_project_id_fkey FOREIGN KEY (tenant_id, project_id) REFERENCES projects(tenant_id, id),
  CONSTRAINT vectors_tenant_id_space_id_fkey FOREIGN KEY (tenant_id, space_id) REFERENCES spaces(tenant_id, id)
) PARTITION BY HASH (project_id);
CREATE INDEX vectors_text ON ONLY vectors USING btree (tenant_id, space_id, text_hash);
ALTER TABLE vectors ENABLE ROW LEVEL SECURITY;
ALTER TABLE vectors FORCE ROW LEVEL SECURITY;
CREATE POLICY admin ON vectors AS PERMISSIVE FOR ALL TO aiknowsys_admin
  USING (true)
  WITH CHECK (true);
CREATE POLICY app ON vectors AS PERMISSIVE FOR ALL TO aiknowsys_app
  USING (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))))
  WITH CHECK (((tenant_id = ( SELECT current_tenant() AS current_tenant)) AND (( SELECT sees_all_projects() AS sees_all_projects) OR (project_id = ANY (( SELECT granted_projects() AS granted_projects)::uuid[])))));
CREATE POLICY search ON vectors AS PERMISSIVE FOR SELECT TO aiknowsys_search
  USING (true);
GRANT DELETE, INSERT, SELECT, UPDATE ON vectors TO aiknowsys_admin;
GRANT DELETE, INSERT, SELECT ON vectors TO aiknowsys_app;
GRANT SELECT ON vectors TO aiknowsys_search;

CREATE TABLE vectors_00 PARTITION OF vectors FOR VALUES WITH (modulus 16, remainder 0) -- row-level security: forced;
CREATE TABLE vectors_01 PARTITION OF vectors FOR VALUES WITH (modulus 16, remainder 1) -- row-level security: forced;
CREATE TABLE vectors_02 PARTITION OF vectors FOR VALUES WITH (modulus 16, remainder 2) -- row-level security: forced;
CREATE TABLE vectors_03 PARTITION OF vectors FOR VALUES WITH (modulus 16, remainder 3) -- row-level security: forced;
CREATE TABLE vectors_04 PARTITION OF vectors FOR VALUES WITH (modulus 16, remainder 4) -- row-level security: forced;
CREATE TABLE vectors_05 PARTITION OF vectors FOR VALUES WITH (modulus 16, remainder 5) -- row-level security: forced;
CREATE TABLE vectors_06 PARTITION OF vectors FOR VALUES WITH (modulus 16, remainder 6) -- row-level security: forced;
CREATE TABLE vectors_07 PARTITION OF vectors FOR VALUES WITH (modulus 16, remainder 7) -- row-level security: forced;
CREATE TABLE vectors_08 PARTITION OF vectors FOR VALUES WITH (modulus 16, remainder 8) -- row-level security: forced;
CREATE TABLE vectors_09 PARTITION OF vectors FOR VALUES WITH (modulus 16, remainder 9) -- row-level security: forced;
CREATE TABLE vectors_10 PARTITION OF vectors FOR VALUES WITH (modulus 16, remainder 10) -- row-level security: forced;
CREATE TABLE vectors_11 PARTITION OF vectors FOR VALUES WITH (modulus 16, remainder 11) -- row-level security: forced;
CREATE TABLE vectors_12 PARTITION OF vectors FOR VALUES WITH (modulus 16, remainder 12) -- row-level security: forced;
CREATE TABLE vectors_13 PARTITION OF vectors FOR VALUES WITH (modulus 16, remainder 13) -- row-level security: forced;
CREATE TABLE vectors_14 PARTITION OF vectors FOR VALUES WITH (modulus 16, remainder 14) -- row-level security: forced;
CREATE TABLE vectors_15 PARTITION OF vectors FOR VALUES WITH (modulus 16, remainder 15) -- row-level security: forced;

CREATE OR REPLACE FUNCTION authenticate(token_hash text)
 RETURNS TABLE(tenant_id uuid, id uuid, name text, scope text, project_ids json, created_at timestamp with time zone, expires_at timestamp with time zone, revoked_at timestamp with time zone, last_used_at timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'aiknowsys', 'pg_temp'
AS $function$SELECT t.tenant_id, t.id, t.name, t.scope, t.project_ids, t.created_at, t.expires_at, t.revoked_at, t.last_used_at
  FROM tokens t WHERE t.hash = token_hash$function$;
ALTER ROUTINE authenticate OWNER TO aiknowsys_search;
GRANT EXECUTE ON ROUTINE authenticate TO aiknowsys_app;

CREATE OR REPLACE FUNCTION current_tenant()
 RETURNS uuid
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN (NULLIF(current_setting('aiknowsys.tenant'::text, true), ''::text))::uuid;
GRANT EXECUTE ON ROUTINE current_tenant TO aiknowsys_admin;
GRANT EXECUTE ON ROUTINE current_tenant TO aiknowsys_app;
GRANT EXECUTE ON ROUTINE current_tenant TO aiknowsys_search;

CREATE OR REPLACE FUNCTION granted_projects()
 RETURNS uuid[]
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN COALESCE((NULLIF(NULLIF(current_setting('aiknowsys.projects'::text, true), '*'::text), ''::text))::uuid[], '{}'::uuid[]);
GRANT EXECUTE ON ROUTINE granted_projects TO aiknowsys_admin;
GRANT EXECUTE ON ROUTINE granted_projects TO aiknowsys_app;
GRANT EXECUTE ON ROUTINE granted_projects TO aiknowsys_search;

CREATE OR REPLACE FUNCTION indexed_parts(space bigint)
 RETURNS TABLE(part integer, lists integer)
 LANGUAGE sql
 STABLE
BEGIN ATOMIC
 SELECT ("substring"((c.relname)::text, '_part_(\d\d)_'::text))::integer AS "substring",
     max(COALESCE(("substring"((c.relname)::text, '_ivfflat_(\d+)$'::text))::integer, 0)) AS max
    FROM (pg_class c
      JOIN pg_index i ON (((i.indexrelid = c.oid) AND i.indisvalid)))
   WHERE ((c.relname >= format('vectors_space_%s_part_'::text, indexed_parts.space)) AND (c.relname < format('vectors_space_%s_part`'::text, indexed_parts.space)) AND (c.relnamespace = ( SELECT p.relnamespace
            FROM pg_class p
           WHERE (p.oid = ('vectors'::regclass)::oid))))
   GROUP BY ("substring"((c.relname)::text, '_part_(\d\d)_'::text))::integer;
END;
GRANT EXECUTE ON ROUTINE indexed_parts TO aiknowsys_search;

CREATE OR REPLACE PROCEDURE isolate(IN target regclass, IN tenant name, IN project name)
 LANGUAGE plpgsql
AS $procedure$
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
END $procedure$;

CREATE OR REPLACE FUNCTION one_of(ids uuid[])
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE cardinality(ids) WHEN 1 THEN format('= %L'::text, (ids)[1]) ELSE format('= ANY (%L::uuid[])'::text, ids) END;
GRANT EXECUTE ON ROUTINE one_of TO aiknowsys_search;

CREATE OR REPLACE FUNCTION record_events(tenant uuid, project uuid, at timestamp with time zone, actor text, batch text, rows json, history json, passages json, counts json)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'aiknowsys', 'pg_temp'
AS $function$
DECLARE
  home bigint := (SELECT n.number FROM project_numbers n WHERE n.tenant_id = tenant AND n.project_id = project);
BEGIN
  IF home IS NULL THEN RETURN false; END IF;
  INSERT INTO events SELECT * FROM json_populate_recordset(NULL::events, rows);
  INSERT INTO revisions (tenant_id, project_id, kind, row_id, revision, encoding, body)
  SELECT tenant, project, 'event', h.id, 1, h.encoding, decode(h.body, 'base64')
  FROM json_to_recordset(history) AS h(id uuid, encoding text, body text);
  INSERT INTO changes (tenant_id, project_id, kind, row_id, revision, at, actor, operation, content_hash, batch)
  SELECT tenant, project, 'event', h.id, 1, record_events.at, record_events.actor, h.operation, h.content_hash,
    record_events.batch
  FROM json_to_recordset(history) AS h(id uuid, operation text, content_hash text);
  INSERT INTO chunks (tenant_id, project_id, kind, owner_id, ordinal, event_type, hidden, date, length, text_hash,
    heading, terms, text, words)
  SELECT tenant, project, 'event', p.owner_id, p.ordinal, p.event_type, p.hidden, p.date, p.length, p.text_hash,
    p.heading, p.terms, p.text,
    (SELECT array_to_tsvector(coalesce(array_agg(format('p%s_%s', home, l)), '{}')) FROM unnest(p.lexemes) l)
  FROM json_to_recordset(passages) AS p(owner_id uuid, ordinal integer, event_type text, hidden boolean,
    date timestamptz, length integer, text_hash text, heading text, terms text, text text, lexemes text[]);
  INSERT INTO term_frequencies (tenant_id, project_id, term, count)
  SELECT tenant, project, c.term, c.count FROM json_to_recordset(counts) AS c(term text, count bigint);
  RETURN true;
EXCEPTION WHEN unique_violation THEN
  RETURN false;
END $function$;
GRANT EXECUTE ON ROUTINE record_events TO aiknowsys_app;

CREATE OR REPLACE FUNCTION search_vectors(projects uuid[], sizes bigint[], exact_up_to bigint, space bigint, query vector, dimensions integer, kinds text[], types text[], with_hidden boolean, since timestamp with time zone, until timestamp with time zone, wanted integer)
 RETURNS TABLE(chunk bigint, project uuid, kind text, owner uuid, ordinal integer, date timestamp with time zone, embedding bytea)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'aiknowsys', 'public', 'pg_temp'
 SET jit TO 'off'
 SET max_parallel_workers_per_gather TO '0'
AS $function$
DECLARE
  rest uuid[];
  part record;
  more record;
  chunks_found bigint[] := '{}';
  projects_found uuid[] := '{}';
  distances double precision[] := '{}';
  filter text := CASE WHEN kinds IS NULL THEN '' ELSE ' AND c.kind = ANY ($2)' END
    || CASE WHEN types IS NULL THEN '' ELSE ' AND c.event_type = ANY ($3)' END
    || CASE WHEN with_hidden THEN '' ELSE ' AND NOT c.hidden' END
    || CASE WHEN since IS NULL THEN '' ELSE ' AND c.date >= $4' END
    || CASE WHEN until IS NULL THEN '' ELSE ' AND c.date < $5' END;
  -- Literals, not parameters: they let the planner pass over partitions and see that a partial index fits.
  -- %2$s: which projects.
  mine text := pg_catalog.format('v.tenant_id = %L AND v.project_id %%s AND v.space_id = %s', current_tenant(), space);
  passage text := pg_catalog.format('c.tenant_id = %L', current_tenant()) || filter;
BEGIN
  SELECT pg_catalog.array_agg(p ORDER BY p) INTO rest FROM pg_catalog.unnest(projects) p
  WHERE sees_all_projects() OR p = ANY (granted_projects());
  IF rest IS NULL THEN RETURN; END IF;

  FOR part IN
    -- Of several partitions each brings about its share.
    SELECT pg_catalog.array_agg(u.project) AS projects, i.lists,
      ceil(wanted::numeric * least(1, 0.2 + 2.0 * sum(u.size) / sum(sum(u.size)) OVER ()))::integer AS wanted
    FROM indexed_parts(space) i
    JOIN unnest(projects, sizes) AS u(project, size)
      ON pg_catalog.satisfies_hash_partition('vectors'::regclass::oid, 16, i.part, u.project)
    WHERE u.project = ANY (rest) GROUP BY i.part, i.lists HAVING sum(u.size) > exact_up_to::numeric
  LOOP
    PERFORM set_config('hnsw.iterative_scan', 'relaxed_order', true),
      set_config('hnsw.ef_search', least(1000, greatest(part.wanted, CASE part.wanted WHEN wanted THEN 200 ELSE 100 END))::text, true),
      set_config('ivfflat.iterative_scan', 'relaxed_order', true),
      -- Fewer, and the neighbours of a small project among large ones lie in lists that are not read.
      set_config('ivfflat.probes', (12 + part.lists / 3)::text, true), set_config('enable_sort', 'off', true);
    EXECUTE pg_catalog.format($q$
      SELECT pg_catalog.array_agg(n.chunk_id) AS chunks, pg_catalog.array_agg(n.project_id) AS projects,
        pg_catalog.array_agg(n.distance) AS distances
      FROM (
        SELECT v.chunk_id, v.project_id, v.embedding::halfvec(%1$s) <=> $1::halfvec(%1$s) AS distance
        FROM vectors v JOIN chunks c ON c.project_id = v.project_id AND c.id = v.chunk_id AND %3$s
        WHERE %2$s ORDER BY distance LIMIT $6
      ) n $q$, dimensions, pg_catalog.format(mine, one_of(part.projects)), passage)
    INTO more USING query, kinds, types, since, until, part.wanted;
    PERFORM set_config('enable_sort', 'on', true);
    CONTINUE WHEN coalesce(pg_catalog.cardinality(more.chunks), 0) < part.wanted;
    chunks_found := pg_catalog.array_cat(chunks_found, more.chunks);
    projects_found := pg_catalog.array_cat(projects_found, more.projects);
    distances := pg_catalog.array_cat(distances, more.distances);
    SELECT coalesce(pg_catalog.array_agg(p), '{}') INTO rest FROM pg_catalog.unnest(rest) p
    WHERE p <> ALL (part.projects);
  END LOOP;

  IF pg_catalog.cardinality(rest) > 0 THEN
    PERFORM set_config('work_mem', '32MB', true);
    -- Distances come before filters: only the nearest are looked up in `chunks`, one by one. Left to itself the planner
    -- may read the passages of all tenants instead. Where a filter may pass few of many, it chooses.
    IF filter IN ('', ' AND NOT c.hidden') OR 20000 >= (
      SELECT sum(u.size) FROM unnest(projects, sizes) AS u(project, size) WHERE u.project = ANY (rest)
    ) THEN
      PERFORM set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true);
    END IF;
    EXECUTE pg_catalog.format($q$
      SELECT pg_catalog.array_agg(n.chunk_id) AS chunks, pg_catalog.array_agg(n.project_id) AS projects,
        pg_catalog.array_agg(n.distance) AS distances
      FROM (
        SELECT near.chunk_id, near.project_id, near.distance FROM (
          SELECT v.chunk_id, v.project_id, v.embedding <=> $1 AS distance FROM vectors v
          WHERE %1$s ORDER BY distance OFFSET 0
        ) near JOIN chunks c ON c.project_id = near.project_id AND c.id = near.chunk_id AND %2$s
        ORDER BY near.distance LIMIT $6
      ) n $q$, pg_catalog.format(mine, one_of(rest)), passage)
    INTO more USING query, kinds, types, since, until, wanted;
    PERFORM set_config('enable_hashjoin', 'on', true), set_config('enable_mergejoin', 'on', true);
    chunks_found := pg_catalog.array_cat(chunks_found, more.chunks);
    projects_found := pg_catalog.array_cat(projects_found, more.projects);
    distances := pg_catalog.array_cat(distances, more.distances);
  END IF;

  RETURN QUERY EXECUTE pg_catalog.format($q$
    SELECT c.id, c.project_id, c.kind, c.owner_id, c.ordinal, c.date::timestamptz, vector_send(v.embedding)
    FROM (
      SELECT * FROM unnest($1, $2, $3) AS n(chunk_id, project_id, distance) ORDER BY distance LIMIT $4
    ) n
    JOIN vectors v ON v.chunk_id = n.chunk_id AND v.project_id = n.project_id AND %1$s
    JOIN chunks c ON c.id = n.chunk_id AND c.project_id = n.project_id AND c.tenant_id = %2$L
  $q$, pg_catalog.format(mine, one_of(projects)), current_tenant())
  USING chunks_found, projects_found, distances, wanted;
END $function$;
ALTER ROUTINE search_vectors OWNER TO aiknowsys_search;
GRANT EXECUTE ON ROUTINE search_vectors TO aiknowsys_app;

CREATE OR REPLACE FUNCTION search_words(projects uuid[], whole text[], partial text, part integer, terms text[], weights double precision[], k1 double precision, b double precision, average double precision, kinds text[], types text[], with_hidden boolean, since timestamp with time zone, until timestamp with time zone, wanted integer)
 RETURNS TABLE(chunk bigint, project uuid, kind text, owner uuid, ordinal integer, date timestamp with time zone, score double precision)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'aiknowsys', 'pg_temp'
 SET enable_seqscan TO 'off'
 SET enable_nestloop TO 'off'
 SET jit TO 'off'
 SET max_parallel_workers_per_gather TO '0'
AS $function$
DECLARE
  mine uuid[];
  numbers bigint[];
  candidates text := 'c.words @@ $1';
  filter text := CASE WHEN kinds IS NULL THEN '' ELSE ' AND c.kind = ANY ($4)' END
    || CASE WHEN types IS NULL THEN '' ELSE ' AND c.event_type = ANY ($5)' END
    || CASE WHEN with_hidden THEN '' ELSE ' AND NOT c.hidden' END
    || CASE WHEN since IS NULL THEN '' ELSE ' AND c.date >= $6' END
    || CASE WHEN until IS NULL THEN '' ELSE ' AND c.date < $7' END;
  -- Lexemes carry their project, so the word index alone finds the candidates: OFFSET 0 below keeps the planner,
  -- which takes tenant and project for independent, from reading the whole project instead.
  score text := '0::double precision';
  whole_query tsquery;
  newest bigint[];
BEGIN
  SELECT array_agg(n.project_id ORDER BY n.number), array_agg(n.number ORDER BY n.number) INTO mine, numbers
  FROM project_numbers n
  WHERE n.tenant_id = current_tenant() AND n.project_id = ANY (projects)
    AND (sees_all_projects() OR n.project_id = ANY (granted_projects()));
  IF mine IS NULL THEN RETURN; END IF;

  SELECT string_agg(word_of(n, t)::text, ' | ')::tsquery INTO whole_query FROM unnest(numbers) n, unnest(whole) t;
  IF partial IS NOT NULL THEN
    -- Along each project's passages, newest first: by its function, not its operator, so that the word index, which
    -- would bring all there are, is left alone.
    SELECT array_agg(p.id) INTO newest FROM (
      SELECT n.id FROM unnest(mine, numbers) AS m(project_id, number) CROSS JOIN LATERAL (
        SELECT c.id FROM chunks c
        WHERE c.tenant_id = current_tenant() AND c.project_id = m.project_id
          AND ts_match_vq(c.words, word_of(m.number, partial))
        ORDER BY c.id DESC LIMIT part
      ) n ORDER BY n.id DESC LIMIT part
    ) p;
    candidates := '(c.words @@ $1 OR c.id = ANY ($8))';
  END IF;
  FOR i IN 1..cardinality(terms) LOOP
    score := score || format(
      ' + CASE WHEN f.words @@ f.once[%1$s] THEN term_share(%2$L,
          CASE WHEN f.words @@ f.twice[%1$s] THEN times_said(f.terms, %3$L) ELSE 1 END, f.norm) ELSE 0 END',
      i, weights[i], terms[i]);
  END LOOP;

  RETURN QUERY EXECUTE format($q$
    WITH marks AS MATERIALIZED (
      SELECT m.project_id,
        ARRAY(SELECT word_of(m.number, t) FROM unnest($2) WITH ORDINALITY u(t, i) ORDER BY i) AS once,
        ARRAY(SELECT word_of(m.number, t || '=2') FROM unnest($2) WITH ORDINALITY u(t, i) ORDER BY i) AS twice
      FROM unnest($9, $10) AS m(project_id, number)
    ), scored AS (
      SELECT f.*, floor((%1$s) * 1e6 + 0.5) / 1e6 AS score FROM (
        SELECT c.id, c.project_id, c.kind, c.owner_id, c.ordinal, c.date, c.words, c.terms, m.once, m.twice,
          $3[1] * (1 - $3[2] + $3[2] * CASE WHEN $3[3] > 0 THEN c.length / $3[3] ELSE 1 END) AS norm
        FROM (SELECT * FROM chunks c WHERE %2$s OFFSET 0) c JOIN marks m USING (project_id)
        WHERE c.tenant_id = %3$L AND c.project_id = ANY ($9) %4$s
      ) f
    )
    SELECT s.id, s.project_id, s.kind, s.owner_id, s.ordinal, s.date::timestamptz, s.score
    FROM scored s ORDER BY s.score DESC, s.date DESC, s.owner_id, s.ordinal LIMIT $11
  $q$, score, candidates, current_tenant(), filter)
  USING whole_query, terms, ARRAY[k1, b, average], kinds, types, since, until, newest, mine, numbers, wanted;
END $function$;
ALTER ROUTINE search_words OWNER TO aiknowsys_search;
GRANT EXECUTE ON ROUTINE search_words TO aiknowsys_app;

CREATE OR REPLACE FUNCTION sees_all_projects()
 RETURNS boolean
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN (COALESCE(current_setting('aiknowsys.projects'::text, true), ''::text) = '*'::text);
GRANT EXECUTE ON ROUTINE sees_all_projects TO aiknowsys_admin;
GRANT EXECUTE ON ROUTINE sees_all_projects TO aiknowsys_app;
GRANT EXECUTE ON ROUTINE sees_all_projects TO aiknowsys_search;

CREATE OR REPLACE FUNCTION tenant_named(wanted text)
 RETURNS uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'aiknowsys', 'pg_temp'
AS $function$SELECT id FROM tenants WHERE name = wanted$function$;
ALTER ROUTINE tenant_named OWNER TO aiknowsys_search;
GRANT EXECUTE ON ROUTINE tenant_named TO aiknowsys_app;

CREATE OR REPLACE FUNCTION term_share(weight double precision, said double precision, norm double precision)
 RETURNS double precision
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ((weight * said) / (said + norm));
GRANT EXECUTE ON ROUTINE term_share TO aiknowsys_search;

CREATE OR REPLACE FUNCTION times_said(terms text, term text)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN cardinality(array_positions(string_to_array(terms, ' '::text), term));
GRANT EXECUTE ON ROUTINE times_said TO aiknowsys_search;

CREATE OR REPLACE FUNCTION word_of(number bigint, term text)
 RETURNS tsquery
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (quote_literal(format('p%s_%s'::text, number, term)))::tsquery;
GRANT EXECUTE ON ROUTINE word_of TO aiknowsys_app;
GRANT EXECUTE ON ROUTINE word_of TO aiknowsys_search;

GRANT USAGE ON SCHEMA aiknowsys TO PUBLIC;

CREATE ROLE aiknowsys_admin NOLOGIN NOINHERIT;
CREATE ROLE aiknowsys_app NOLOGIN NOINHERIT;
CREATE ROLE aiknowsys_search NOLOGIN NOINHERIT;
