import type { CommandName } from "../../lib/cli/commands.ts";
import { BATCHES, type Planted } from "../helpers/postgres-tenants.ts";

/** How a caller of one tenant would type or send the names of another: id, ref, slug or text of each row. */
interface Names {
  readonly plan: readonly string[];
  readonly session: readonly string[];
  readonly pattern: readonly string[];
  readonly event: readonly string[];
  readonly all: readonly string[];
  readonly project: readonly string[];
  readonly word: string;
}

export function namesOf({ ids, names, project, registered, word }: Planted): Names {
  const of = (kind: keyof Planted["ids"]) => [String(ids[kind][0]), ...names[kind].slice(0, 2)];
  const [plan, session, pattern, event] = [of("plan"), of("session"), of("pattern"), of("event")];
  return {
    plan,
    session,
    pattern,
    event,
    all: [...plan, ...session, ...pattern, ...event],
    project: [project.id, registered.ref, project.name, String(project.keys[0])],
    word,
  };
}

type Lines = readonly (readonly string[])[];

/** Command lines of every command there is, with the names of another tenant. */
export const COMMAND_LINES: Readonly<Record<CommandName, (theirs: Names) => Lines>> = {
  init: () => [["--client", "cursor", "--dry-run"]],
  index: () => [["--no-embed"]],
  "semantic-search": ({ word }) => [
    [word],
    ["crane pier tide"],
    [`What is with ${word}?`, "--mode", "text"],
    [word, "--all-projects"],
  ],
  resume: () => [[], ["--all-projects"]],
  show: ({ all }) => all.flatMap((name) => [[name], [name, "--all-projects"]]),
  "query-plans": ({ word }) => [[], ["--all-projects"], ["--topic", word], ["--author", word]],
  "query-sessions": ({ plan, word }) => [[], ["--topic", word], ...plan.map((name) => ["--plan", name])],
  "query-events": ({ plan, session, word }) => [
    ["--all-projects"],
    ["--tag", word],
    ...plan.map((name) => ["--plan", name]),
    ...session.map((name) => ["--session", name]),
  ],
  "query-patterns": ({ word }) => [[], ["--category", word], ["--topic", word]],
  "create-plan": ({ plan: [, , slug = ""], word }) => [
    ["--title", `first ${word}`, "--content", `See ${slug}.`],
  ],
  "update-plan": ({ plan }) => plan.map((name) => [name, "--status", "complete"]),
  "create-session": ({ plan: [, ref = ""], word }) => [
    ["--title", `first day ${word}`, "--plan", ref, "--date", "2026-03-01"],
  ],
  "update-session": ({ session }) => session.map((name) => [name, "--append", "more"]),
  "record-event": ({ event, plan }) => [
    ...event.map((name) => ["--type", "note", "--data", '{"text":"x"}', "--supersedes", name]),
    ...plan.map((name) => ["--type", "note", "--data", '{"text":"x"}', "--plan", name]),
  ],
  learn: ({ word }) => [["--title", `first lesson ${word}`, "--content", "Moor first."]],
  retract: ({ event }) => event.map((name) => [name, "--why", "wrong"]),
  history: ({ all }) => all.map((name) => [name]),
  delete: ({ all }) => all.map((name) => [name]),
  status: () => [[], ["--all-projects"]],
  doctor: () => [[], ["--fix"]],
  migrate: () => [["--dry-run"], []],
  "export-db": () => [["--output", "everything.jsonl"]],
  "import-db": () => [["--input", "everything.jsonl"]],
  "import-from": ({ all, word }) => [
    ["server-memory", "everything.jsonl", "--dry-run"],
    ["beads", "everything.jsonl", "--only", word],
    ...all.map((name) => ["basic-memory", name]),
  ],
  undo: ({ all }) => [...all, BATCHES.written, BATCHES.imported].map((name) => [name]),
  "migrate-to-postgres": () => [["--dry-run"]],
  "migrate-to-sqlite": () => [["--db", "copy.db"]],
  verify: () => [["--against", "everything.jsonl"]],
  backup: () => [["--output", "backups"]],
  restore: () => [["everything.jsonl"], ["everything.jsonl", "--force"]],
  // The owner of the store is meant to see all tenants: what callers may not see is tried in the facets' tests.
  tenant: () => [],
  token: ({ word }) => [
    ["list", "--all"],
    ["revoke", word],
    ["create", "--name", "x", "--projects", word],
  ],
  audit: () => [["--verify"], ["--export", "audit.jsonl"]],
  project: ({ project }) => [
    ["list"],
    ...project.flatMap((name) => [
      ["rename", name, "Mine now"],
      ["merge", name, name, "--yes"],
      ["merge", name, "harbour", "--dry-run"],
      ["delete", name, "--yes"],
    ]),
  ],
  // What it serves are the tools below.
  mcp: () => [],
  serve: () => [],
};

type Calls = readonly Readonly<Record<string, unknown>>[];

/** Calls of every MCP tool there is, with the names of another tenant. */
export const TOOL_CALLS: Readonly<Record<string, (theirs: Names) => Calls>> = {
  resume_work: () => [{}],
  semantic_search: ({ word }) => [{ query: word }, { query: "crane pier tide", mode: "text" }],
  get_document: ({ all }) => all.flatMap((id) => [{ id }, { id, detail: "full" }]),
  query_plans: ({ word }) => [{}, { topic: word }, { author: word }],
  create_plan: ({ word }) => [{ title: `second ${word}`, content: `See first-${word}.` }],
  update_plan: ({ plan }) => plan.map((id) => ({ id, status: "COMPLETE" })),
  query_sessions: ({ plan, word }) => [{}, { topic: word }, ...plan.map((name) => ({ plan: name }))],
  create_session: ({ plan: [, ref], word }) => [
    { title: `second day ${word}`, plan: ref, date: "2026-03-01" },
  ],
  update_session: ({ session }) => [...session, "latest"].map((id) => ({ id, append: "more" })),
  query_events: ({ plan, session, word }) => [
    { tag: word },
    ...plan.map((name) => ({ plan: name })),
    ...session.map((name) => ({ session: name })),
  ],
  record_event: ({ event }) => event.map((supersedes) => ({ type: "note", data: { text: "x" }, supersedes })),
  get_status: () => [{}],
  index_workspace: () => [{}],
  learn_pattern: ({ word }) => [{ title: `second lesson ${word}`, content: "Moor first." }],
  retract: ({ event }) => event.map((id) => ({ id, why: "wrong" })),
  get_history: ({ all }) => all.map((id) => ({ id })),
  list_projects: () => [{}],
  project_stats: () => [{}],
};
