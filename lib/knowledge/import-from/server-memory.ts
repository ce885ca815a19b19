import type { Timestamp } from "../../domain/timestamp.ts";
import { slugOfTitle } from "../slug-of-title.ts";
import { eventDraft, name, patternDraft, titled } from "./drafts.ts";
import type { Finding, Reading } from "./finding.ts";
import { attempted } from "./foreign-records.ts";
import { lineOf, type Members, momentOf, textOf } from "./foreign-value.ts";
import { readRecords } from "./json-records.ts";
import { leftoversOf } from "./leftovers.ts";
import { fileAt } from "./place.ts";

/** What server-memory calls its file, below the folder that is given. */
const FILES = ["memory.jsonl", "memory.json"];

interface Entity {
  readonly name: string;
  readonly line: number;
  readonly types: string[];
  readonly observations: unknown[];
  readonly left: Members[];
  readonly relations: string[];
}

interface Relation {
  readonly from: string;
  readonly to: string;
  readonly type: string;
  readonly line: number;
}

/**
 * A graph of server-memory: each entity is a pattern with its observations and the relations that start from it. A
 * relation of an entity that is not there is a note. The graph is held in memory, as its own server does.
 * @throws KnowledgeError `not_found`, `invalid_input`.
 */
export async function* readServerMemory(reading: Reading): AsyncGenerator<Finding, void> {
  const place = await fileAt(reading.path, "server-memory", FILES);
  const entities = new Map<string, Entity>();
  const relations: Relation[] = [];
  for await (const record of readRecords(reading, place)) {
    if ("is" in record) yield record;
    else yield* gather(record.members, record.line, entities, relations);
  }
  for (const relation of relations) {
    const entity = entities.get(relation.from);
    const said = `- ${lineOf(relation.type, 200)} [[${lineOf(relation.to, 500)}]]`;
    if (entity === undefined)
      yield* attempted(
        relation.from,
        () => looseRelation(reading, relation, place.modifiedAt),
        relation.line,
      );
    else if (!entity.relations.includes(said)) entity.relations.push(said);
  }
  for (const entity of entities.values())
    yield* attempted(entity.name, () => patternOf(reading, entity, place.modifiedAt), entity.line);
}

function* gather(
  members: Members,
  line: number,
  entities: Map<string, Entity>,
  relations: Relation[],
): Generator<Finding> {
  if (members.type === "relation") {
    const { from, to, relationType } = members;
    const relation = { from: textOf(from), to: textOf(to), type: textOf(relationType), line };
    if (relation.from.trim() === "" || relation.to.trim() === "")
      yield { is: "fault", item: "relation", line, reason: "does not say from where to where" };
    else relations.push(relation);
  } else if (members.type === "entity") {
    const own = textOf(members.name);
    if (own.trim() === "") yield { is: "fault", item: "entity", line, reason: "has no name" };
    else yield* addEntity(members, own, line, entities);
  } else {
    const reason = `is neither an entity nor a relation (${lineOf(textOf(members.type), 40) || "no type"})`;
    yield { is: "fault", item: "line", line, reason };
  }
}

function* addEntity(
  members: Members,
  own: string,
  line: number,
  entities: Map<string, Entity>,
): Generator<Finding> {
  const before = entities.get(own);
  if (before !== undefined)
    yield {
      is: "note",
      item: own,
      line,
      reason: `is put together with line ${before.line}: one name, one entity`,
    };
  const entity = before ?? { name: own, line, types: [], observations: [], left: [], relations: [] };
  entities.set(own, entity);
  const { entityType, observations, ...rest } = members;
  const type = textOf(entityType);
  if (type !== "" && !entity.types.includes(type)) entity.types.push(type);
  const given = Array.isArray(observations) ? observations : observations === undefined ? [] : [observations];
  entity.observations.push(...given);
  entity.left.push(rest);
}

function patternOf({ project }: Reading, entity: Entity, modifiedAt: Timestamp): Finding {
  const { types, observations, relations, left } = entity;
  const title = titled(entity.name, "Untitled");
  const members: Members = Object.assign({}, ...left);
  const rest = leftoversOf(members, ["type", "name", "createdAt", "updatedAt"]);
  const said = observations.map((observation) => `- ${textOf(observation).trim().replace(/\r?\n/g, "\n  ")}`);
  const parts = [
    said.join("\n"),
    relations.length === 0 ? "" : `## Relations\n\n${relations.join("\n")}`,
    rest.sections.trim(),
  ].filter((part) => part !== "");
  const created = momentOf([members.createdAt], modifiedAt);
  const draft = patternDraft(
    {
      peer: "server-memory",
      project,
      id: entity.name,
      also: { ...rest.labels, original_types: types.slice(1) },
    },
    {
      title,
      category: name(types[0]),
      triggers: [],
      createdAt: created.at,
      updatedAt: momentOf([members.updatedAt], created.at).at,
      content: `# ${title}\n\n${parts.join("\n\n")}\n`,
    },
  );
  return { is: "row", item: entity.name, line: entity.line, draft, slugs: [slugOfTitle(title)] };
}

function looseRelation(
  { project, now }: Reading,
  { from, to, type, line }: Relation,
  at: Timestamp,
): Finding {
  const id = `relations/${JSON.stringify([from, type, to])}`;
  const draft = eventDraft(
    { peer: "server-memory", project, id },
    { type: "note", data: { text: `${from} ${type} ${to}`, from, to, relation: type }, occurredAt: at },
    now,
  );
  return { is: "row", item: `${from} → ${to}`, line, draft, isUndated: true };
}
