import { KINDS, type ProjectId } from "../../domain/ids.ts";
import type { Finding } from "../contract/upkeep.ts";
import { SHAPES } from "../neutral/shapes.ts";
import { lexemesOf } from "./chunk-rows.ts";
import type { Client, Database } from "./driver.ts";
import { SCOPE } from "./rows.ts";
import { countWrongFrequencies, recountFrequencies } from "./term-frequencies.ts";

const ADVICE = "Run `aiknowsys doctor --fix`: it is rebuilt from what is stored.";
const PASSAGES_AT_ONCE = 1_000;

/** Compares everything derived with what it derives from; [] when all agrees. */
export async function checkPassages(
  database: Database,
  projects: readonly ProjectId[],
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const project of projects)
    findings.push(...(await database.read((client) => checkProject(client, project))));
  return findings;
}

/** Mends what {@link checkPassages} finds; one sentence for each thing done. */
export async function repairPassages(
  database: Database,
  projects: readonly ProjectId[],
): Promise<readonly string[]> {
  const done: string[] = [];
  for (const project of projects) {
    const findings = await database.read((client) => checkProject(client, project));
    if (findings.length === 0) continue;
    await database.write(async (client) => {
      await client.run(`DELETE FROM chunks c WHERE ${SCOPE} AND NOT (${HAS_OWNER})`, client.tenant, project);
      await client.run(`DELETE FROM vectors v WHERE ${SCOPE} AND ${IS_STRAY}`, client.tenant, project);
    });
    await rebuildProject(database, project);
    done.push(`Rebuilt the word index and the term frequencies of project ${project}.`);
  }
  return done;
}

/** Writes the word index and the term frequencies of every project anew. */
export async function rebuildWords(database: Database): Promise<void> {
  const projects = await database.read(async (client) =>
    client.rows("SELECT id FROM projects WHERE tenant_id = ? ORDER BY id", client.tenant),
  );
  // SAFETY: the column's type holds it to a UUID, which PostgreSQL writes in lower case.
  for (const [id] of projects) await rebuildProject(database, String(id) as ProjectId);
}

async function rebuildProject(database: Database, project: ProjectId): Promise<void> {
  for (let last = 0; ; ) {
    const next = await database.write((client) => rewriteWords(client, project, last));
    if (next === undefined) break;
    last = next;
  }
  await database.write((client) => recountFrequencies(client, project));
}

/** The last passage's id of those done, or `undefined` when there were none. */
async function rewriteWords(client: Client, project: ProjectId, after: number): Promise<number | undefined> {
  const [numberRow] = await client.rows(
    `SELECT number FROM project_numbers WHERE ${SCOPE}`,
    client.tenant,
    project,
  );
  const rows = await client.rows(
    `SELECT id, terms FROM chunks WHERE ${SCOPE} AND id > ? ORDER BY id LIMIT ${PASSAGES_AT_ONCE}`,
    client.tenant,
    project,
    after,
  );
  if (rows.length === 0) return undefined;
  await client.run(
    `UPDATE chunks c SET words = w.words FROM unnest(?::bigint[], ?::tsvector[]) AS w (id, words)
     WHERE c.tenant_id = ? AND c.project_id = ? AND c.id = w.id AND c.words <> w.words`,
    rows.map(([id]) => Number(id)),
    rows.map(([, terms]) => lexemesOf(Number(numberRow?.[0]), String(terms))),
    client.tenant,
    project,
  );
  return Number(rows.at(-1)?.[0]);
}

const HAS_OWNER = KINDS.map(
  (
    kind,
  ) => `EXISTS (SELECT 1 FROM ${SHAPES[kind].table} r WHERE c.kind = '${kind}' AND r.tenant_id = c.tenant_id
    AND r.project_id = c.project_id AND r.id = c.owner_id AND r.deleted_at IS NULL)`,
).join(" OR ");
const IS_STRAY = `NOT EXISTS (SELECT 1 FROM chunks c JOIN spaces s ON s.tenant_id = c.tenant_id
  WHERE c.tenant_id = v.tenant_id AND c.project_id = v.project_id AND c.id = v.chunk_id
  AND c.text_hash = v.text_hash AND s.id = v.space_id AND s.dimensions = vector_dims(v.embedding))`;

async function checkProject(client: Client, project: ProjectId): Promise<readonly Finding[]> {
  const count = async (sql: string) => {
    const [row] = await client.rows(`SELECT count(*) FROM ${sql}`, client.tenant, project);
    return Number(row?.[0]);
  };
  const found = (n: number, what: string): readonly Finding[] =>
    n === 0 ? [] : [{ severity: "error", what: `${n} ${what} in project ${project}.`, advice: ADVICE }];
  return [
    ...found(
      await count(`chunks c JOIN project_numbers n USING (tenant_id, project_id)
        WHERE tenant_id = ? AND project_id = ? AND (
          (c.terms <> '' AND NOT c.words @@ word_of(n.number, split_part(c.terms, ' ', 1))) OR (c.terms = '') <> (c.words = ''))`),
      "passages are missing from the word index",
    ),
    ...found(await countWrongFrequencies(client, project), "terms have wrong frequencies"),
    ...found(
      await count(`chunks c WHERE ${SCOPE} AND NOT (${HAS_OWNER})`),
      "passages belong to a row that is gone",
    ),
    ...found(
      await count(`vectors v WHERE ${SCOPE} AND ${IS_STRAY}`),
      "vectors belong to no passage, or to one that says something else by now",
    ),
  ];
}
