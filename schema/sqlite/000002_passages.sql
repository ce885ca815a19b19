-- Passages, their word index and their vectors: derived from rows, rebuilt by `rebuild-index`.
-- `project_numbers` and `project_no` keep what is repeated per passage small: a whole number stands for a
-- project in the word index, in the vectors' codes and in the narrow index that searches read.

-- A number outlives its project: processes remember it, and a deleted project that comes back has the same one.
CREATE TABLE project_numbers (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant_id TEXT NOT NULL,
  project_id TEXT NOT NULL,
  CONSTRAINT project_numbers_project_key UNIQUE (tenant_id, project_id)
) STRICT;

-- A passage is never changed in place and its id is never used again: whoever has read up to an id has only
-- to read on from there, and what another process deleted shows as an id without a row.
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

-- All that filters and BM25 ask of a passage, without touching its text.
CREATE INDEX chunks_facts ON chunks (project_no, id, kind, event_type, hidden, length, date);

-- Every term of a passage once, as `p<project>_<term>`, and for a term said n times also `…=2` to `…=n`
-- (n at most 8): see docs/adr/0005. A term's list of passages so holds one project only.
CREATE VIRTUAL TABLE words USING fts5 (
  terms, content = '', contentless_delete = 1, detail = none, tokenize = "ascii tokenchars '_='"
);

-- In how many passages of a project a term stands. `#chunks` and `#length` hold the project's number of
-- passages and the sum of their lengths. One writer at a time: one row a term, and no deltas to fold. The
-- short key makes the table a fifth as large and writing an event twice as fast as one of two UUIDs.
CREATE TABLE term_frequencies (
  project_no INTEGER NOT NULL REFERENCES project_numbers (number),
  term TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (project_no, term)
) STRICT, WITHOUT ROWID;

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

-- Float32, little-endian. Like passages, never changed in place.
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

-- Codes of a project's vectors up to `last_id`, packed for a fast start; newer ones are coded when read.
CREATE TABLE vector_segments (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  space_id INTEGER NOT NULL REFERENCES spaces (id),
  project_no INTEGER NOT NULL REFERENCES project_numbers (number),
  last_id INTEGER NOT NULL,
  vectors INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT;

CREATE INDEX vector_segments_place ON vector_segments (space_id, project_no, last_id);

-- Passages without a vector, a row for every space; kept by the triggers below.
CREATE TABLE owed_vectors (
  space_id INTEGER NOT NULL,
  project_no INTEGER NOT NULL,
  chunk_id INTEGER NOT NULL,
  PRIMARY KEY (space_id, project_no, chunk_id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER spaces_insert AFTER INSERT ON spaces BEGIN
  INSERT INTO owed_vectors (space_id, project_no, chunk_id) SELECT new.id, project_no, id FROM chunks;
END;

CREATE TRIGGER chunks_insert AFTER INSERT ON chunks BEGIN
  INSERT INTO owed_vectors (space_id, project_no, chunk_id) SELECT id, new.project_no, new.id FROM spaces;
END;

CREATE TRIGGER chunks_delete AFTER DELETE ON chunks BEGIN
  DELETE FROM vectors
  WHERE tenant_id = old.tenant_id AND project_id = old.project_id AND chunk_id = old.id;
  DELETE FROM owed_vectors
  WHERE space_id IN (SELECT id FROM spaces) AND project_no = old.project_no AND chunk_id = old.id;
END;

CREATE TRIGGER vectors_insert AFTER INSERT ON vectors BEGIN
  DELETE FROM owed_vectors
  WHERE space_id = new.space_id AND chunk_id = new.chunk_id AND project_no = (
    SELECT number FROM project_numbers WHERE tenant_id = new.tenant_id AND project_id = new.project_id
  );
END;
