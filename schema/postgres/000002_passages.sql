-- Passages, their word index and their vectors: derived from rows, rebuilt by `rebuild-index`.

-- A whole number stands for a project in the lexemes of its passages: see `chunks.words`.
CREATE TABLE project_numbers (
  number bigint GENERATED ALWAYS AS IDENTITY,
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  PRIMARY KEY (tenant_id, project_id),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
);

-- A passage is never changed in place and its id is never used again.
CREATE TABLE chunks (
  id bigint GENERATED ALWAYS AS IDENTITY,
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  kind text COLLATE "C" NOT NULL CONSTRAINT chunks_kind CHECK (kind IN ('plan', 'session', 'pattern', 'event')),
  owner_id uuid NOT NULL,
  ordinal integer NOT NULL CONSTRAINT chunks_ordinal CHECK (ordinal >= 0),
  event_type text CONSTRAINT chunks_event_type CHECK (event_type IN (
    'session_started', 'goal_defined', 'task_completed', 'decision_made', 'pattern_discovered',
    'validation_passed', 'validation_failed', 'bug_encountered', 'learning_captured', 'note'
  )),
  hidden boolean NOT NULL,
  date timestamptz(3) NOT NULL,
  length integer NOT NULL CONSTRAINT chunks_length CHECK (length >= 0),
  text_hash text COLLATE "C" NOT NULL,
  heading text NOT NULL,
  terms text NOT NULL CONSTRAINT chunks_terms CHECK (terms !~ '[^a-z0-9_ ]'),
  text text NOT NULL,
  -- Every term once, as `p<project number>_<term>`, and for a term said more than once also `…=2`. Because the
  -- project stands in the lexeme, a term's list in the index holds one project only and costs by it alone.
  words tsvector NOT NULL,
  PRIMARY KEY (tenant_id, project_id, id),
  CONSTRAINT chunks_place_key UNIQUE (tenant_id, project_id, kind, owner_id, ordinal),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
);

CREATE INDEX chunks_id ON chunks (id);
CREATE STATISTICS chunks_owner (dependencies) ON tenant_id, project_id FROM chunks;
-- A passage has some fifty words: entered for some hundred passages at once they take a third of the time. What waits in
-- the list is read by every search, so the list is kept short.
CREATE INDEX chunks_words ON chunks USING gin (words) WITH (gin_pending_list_limit = 256);

-- In how many passages of a project a term stands, as a sum of appended rows that the janitor folds into one:
-- a counter a term would make writers wait for each other. `#chunks` and `#length` hold the project's number of
-- passages and the sum of their lengths, `#vectors <space>` how many of them have a vector in a space.
CREATE TABLE term_frequencies (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  term text COLLATE "C" NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  count bigint NOT NULL,
  PRIMARY KEY (tenant_id, project_id, term, id) INCLUDE (count),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
);

CREATE TABLE spaces (
  id bigint GENERATED ALWAYS AS IDENTITY,
  tenant_id uuid NOT NULL REFERENCES tenants (id),
  model text COLLATE "C" NOT NULL,
  revision text COLLATE "C" NOT NULL,
  dimensions integer NOT NULL CONSTRAINT spaces_dimensions CHECK (dimensions >= 1),
  pooling text COLLATE "C" NOT NULL,
  normalised boolean NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT spaces_identity_key UNIQUE (tenant_id, model, revision, dimensions, pooling, normalised)
);

CREATE STATISTICS term_frequencies_owner (dependencies) ON tenant_id, project_id FROM term_frequencies;

-- Partitioned by project so that a project's part of an approximate index is not a needle in a haystack.
CREATE TABLE vectors (
  tenant_id uuid NOT NULL,
  project_id uuid NOT NULL,
  chunk_id bigint NOT NULL,
  space_id bigint NOT NULL,
  text_hash text COLLATE "C" NOT NULL,
  embedding vector NOT NULL,
  PRIMARY KEY (tenant_id, project_id, chunk_id, space_id),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id),
  FOREIGN KEY (tenant_id, project_id, chunk_id) REFERENCES chunks (tenant_id, project_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, space_id) REFERENCES spaces (tenant_id, id)
) PARTITION BY HASH (project_id);

DO $$
BEGIN
  FOR part IN 0..15 LOOP
    EXECUTE format('CREATE TABLE vectors_%s PARTITION OF vectors FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
      lpad(part::text, 2, '0'), part);
    -- Numbers of a vector do not shrink by compression.
    EXECUTE format('ALTER TABLE vectors_%s ALTER embedding SET STORAGE EXTERNAL', lpad(part::text, 2, '0'));
  END LOOP;
END $$;

CREATE INDEX vectors_text ON vectors (tenant_id, space_id, text_hash);

CALL isolate('project_numbers', 'tenant_id', 'project_id');
CALL isolate('chunks', 'tenant_id', 'project_id');
CALL isolate('term_frequencies', 'tenant_id', 'project_id');
CALL isolate('spaces', 'tenant_id', NULL);
CALL isolate('vectors', 'tenant_id', 'project_id');

-- Partitions are reached through their parent only: row-level security without a policy shuts them.
DO $$
BEGIN
  FOR part IN 0..15 LOOP
    EXECUTE format('ALTER TABLE vectors_%s ENABLE ROW LEVEL SECURITY', lpad(part::text, 2, '0'));
    EXECUTE format('ALTER TABLE vectors_%s FORCE ROW LEVEL SECURITY', lpad(part::text, 2, '0'));
  END LOOP;
END $$;

GRANT SELECT, INSERT ON project_numbers, spaces TO aiknowsys_app;
GRANT SELECT, INSERT, DELETE ON chunks, vectors, term_frequencies TO aiknowsys_app;
GRANT UPDATE (words) ON chunks TO aiknowsys_app;
GRANT SELECT ON project_numbers, chunks, vectors TO aiknowsys_search;

-- Passages by meaning with their vectors, for exact scoring: the `wanted` nearest, in no order. Projects that the
-- transaction was not granted are passed over. `sizes` says how many vectors each project has: where those of one
-- partition are more than `exact_up_to` and the partition has an approximate index of the space, that is used;
-- where it ends before it has found enough under the filter, and everywhere else, distances are exact.
-- Its path leads to pgvector's schema too. What takes arguments of any type is therefore said with its schema: a
-- function or an operator of just these types, put there by somebody else, would be preferred. (`unnest` of several arrays
-- is PostgreSQL's own wherever its name is said alone, and nowhere else.)
CREATE FUNCTION search_vectors(
  projects uuid[], sizes bigint[], exact_up_to bigint, space bigint, query vector, dimensions integer,
  kinds text[], types text[], with_hidden boolean, since timestamptz, until timestamptz, wanted integer
) RETURNS TABLE (
  chunk bigint, project uuid, kind text, owner uuid, ordinal integer, date timestamptz, embedding bytea
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT SET jit = off
-- Starting a worker takes longer than what it would do, and many search at once.
SET max_parallel_workers_per_gather = 0 AS $$
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
END $$;

-- From here on nothing of pgvector's is needed: functions keep a path on which nobody else can put anything.
SELECT set_config('search_path', quote_ident(current_schema()::text) || ', pg_temp', true);

-- Passages by words: the best `wanted` of the candidates, in their final order (RULES 24). Projects that the
-- transaction was not granted are passed over. `whole` are the terms whose passages are all candidates, `partial`
-- the one of which only the newest `part` are. `terms` and `weights` (BM25's weight · idf · (k1 + 1)) come in the
-- order in which their parts are added up, because sums of floating-point numbers depend on it.
CREATE FUNCTION search_words(
  projects uuid[], whole text[], partial text, part integer, terms text[], weights double precision[],
  k1 double precision, b double precision, average double precision,
  kinds text[], types text[], with_hidden boolean, since timestamptz, until timestamptz, wanted integer
) RETURNS TABLE (
  chunk bigint, project uuid, kind text, owner uuid, ordinal integer, date timestamptz, score double precision
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT
-- The planner knows nothing of how rare a lexeme is: over many projects it would read the whole table, and compare
-- every passage with every project.
SET enable_seqscan = off SET enable_nestloop = off SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
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
END $$;

-- A term of a project as a query for its lexeme.
CREATE FUNCTION word_of(number bigint, term text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN quote_literal(format('p%s_%s', number, term))::tsquery;

-- What one term adds to BM25's sum.
CREATE FUNCTION term_share(weight double precision, said double precision, norm double precision)
RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN weight * said / (said + norm);

CREATE FUNCTION times_said(terms text, term text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN cardinality(array_positions(string_to_array(terms, ' '), term));

-- `= 'id'` or `= ANY ('{id, …}')`.
CREATE FUNCTION one_of(ids uuid[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE cardinality(ids) WHEN 1 THEN format('= %L', ids[1]) ELSE format('= ANY (%L::uuid[])', ids) END;

-- Numbers of the partitions that have an approximate index of a space, `vectors_space_<space>_part_<nn>_<method>…`,
-- and how many lists it has, which IVFFlat's names end with.
CREATE FUNCTION indexed_parts(space bigint) RETURNS TABLE (part integer, lists integer) LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT substring(c.relname FROM '_part_(\d\d)_')::integer,
    max(coalesce(substring(c.relname FROM '_ivfflat_(\d+)$')::integer, 0))
  FROM pg_class c
  JOIN pg_index i ON i.indexrelid = c.oid AND i.indisvalid
  WHERE c.relname >= format('vectors_space_%s_part_', space) AND c.relname < format('vectors_space_%s_part`', space)
    AND c.relnamespace = (SELECT p.relnamespace FROM pg_class p WHERE p.oid = 'vectors'::regclass)
  GROUP BY 1;
END;

-- New events with all that belongs to them, in one round trip: false, and nothing written, when the project is
-- unknown or an id or ref is taken. `rows` are records of `events`; `history` has `id, encoding, body, operation,
-- content_hash` of each; `passages` are records of `chunks` whose `lexemes` get the project's number here; `counts`
-- are what they add to the frequencies, as `term, count`. As the caller: row-level security holds.
CREATE FUNCTION record_events(
  tenant uuid, project uuid, at timestamptz, actor text, batch text,
  rows json, history json, passages json, counts json
) RETURNS boolean LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
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
END $$;

REVOKE ALL ON FUNCTION search_words, search_vectors, word_of, term_share, times_said, one_of, indexed_parts, record_events
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_words, search_vectors, word_of, record_events TO aiknowsys_app;
GRANT EXECUTE ON FUNCTION word_of, term_share, times_said, one_of, indexed_parts TO aiknowsys_search;
DO $$
BEGIN
  EXECUTE format('GRANT CREATE ON SCHEMA %I TO aiknowsys_search', current_schema());
  ALTER FUNCTION search_words OWNER TO aiknowsys_search;
  ALTER FUNCTION search_vectors OWNER TO aiknowsys_search;
  EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM aiknowsys_search', current_schema());
END $$;
