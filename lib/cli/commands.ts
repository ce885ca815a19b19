import type { CliCommand } from "./command.ts";

interface Entry {
  /** One line for `aiknowsys --help`. */
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: CliCommand }>;
  /** Other names of the same command. */
  readonly aliases?: readonly string[];
}

/** Every command, in the order of the help page. Each loads only when it is asked for. */
export const COMMANDS = {
  init: {
    summary: "register and index this project, connect AI clients",
    load: () => import("./commands/init.ts"),
  },
  index: {
    summary: "read markdown into the store",
    aliases: ["rebuild-index"],
    load: () => import("./commands/index-folder.ts"),
  },
  "semantic-search": {
    summary: "search everything by meaning and by words",
    aliases: ["search"],
    load: () => import("./commands/semantic-search.ts"),
  },
  resume: {
    summary: "what to know at the start of work",
    load: () => import("./commands/resume.ts"),
  },
  show: {
    summary: "show one plan, session, pattern or event",
    load: () => import("./commands/show.ts"),
  },
  "query-plans": {
    summary: "list plans",
    load: () => import("./commands/query-plans.ts"),
  },
  "query-sessions": {
    summary: "list sessions",
    load: () => import("./commands/query-sessions.ts"),
  },
  "query-events": {
    summary: "list events",
    load: () => import("./commands/query-events.ts"),
  },
  "query-patterns": {
    summary: "list learned patterns",
    load: () => import("./commands/query-patterns.ts"),
  },
  "create-plan": {
    summary: "write a new plan",
    load: () => import("./commands/create-plan.ts"),
  },
  "update-plan": {
    summary: "change a plan or add to it",
    load: () => import("./commands/update-plan.ts"),
  },
  "create-session": {
    summary: "write a new session",
    load: () => import("./commands/create-session.ts"),
  },
  "update-session": {
    summary: "change a session or add to it",
    load: () => import("./commands/update-session.ts"),
  },
  "record-event": {
    summary: "record one fact: a decision, a bug, a task done",
    load: () => import("./commands/record-event.ts"),
  },
  learn: {
    summary: "keep a reusable lesson",
    load: () => import("./commands/learn.ts"),
  },
  retract: {
    summary: "take an event back, with the reason",
    load: () => import("./commands/retract.ts"),
  },
  history: {
    summary: "who changed what, and when",
    load: () => import("./commands/history.ts"),
  },
  delete: {
    summary: "delete a plan, session, pattern or event",
    load: () => import("./commands/delete-row.ts"),
  },
  status: {
    summary: "counts, sizes, embedding coverage, advice",
    load: () => import("./commands/status.ts"),
  },
  doctor: {
    summary: "check the store and repair what can be rebuilt",
    load: () => import("./commands/doctor.ts"),
  },
  migrate: {
    summary: "bring the store's schema up to date",
    load: () => import("./commands/migrate.ts"),
  },
  "export-db": {
    summary: "write everything of the store to a file",
    load: () => import("./commands/export-db.ts"),
  },
  "import-db": {
    summary: "read such a file into the store",
    load: () => import("./commands/import-db.ts"),
  },
  "import-from": {
    summary: "bring in what another tool keeps",
    load: () => import("./commands/import-from.ts"),
  },
  undo: {
    summary: "take an import back",
    load: () => import("./commands/undo.ts"),
  },
  "migrate-to-postgres": {
    summary: "copy everything from SQLite to PostgreSQL, whose schema `migrate` made before, and compare",
    load: () => import("./commands/migrate-to-postgres.ts"),
  },
  "migrate-to-sqlite": {
    summary: "copy everything from PostgreSQL to SQLite, and compare",
    load: () => import("./commands/migrate-to-sqlite.ts"),
  },
  verify: {
    summary: "compare the store with another one or with an export",
    load: () => import("./commands/verify.ts"),
  },
  backup: {
    summary: "copy the store to a file, checked, while it is in use",
    load: () => import("./commands/backup.ts"),
  },
  restore: {
    summary: "bring a backup back",
    load: () => import("./commands/restore.ts"),
  },
  tenant: {
    summary: "make and list the teams of a shared store",
    load: () => import("./commands/tenant.ts"),
  },
  token: {
    summary: "make, list, rotate and revoke tokens of a shared store",
    load: () => import("./commands/token.ts"),
  },
  audit: {
    summary: "prove that the logs are whole, or write them to a file",
    load: () => import("./commands/audit.ts"),
  },
  project: {
    summary: "list, rename and delete projects",
    load: () => import("./commands/project.ts"),
  },
  mcp: {
    summary: "serve MCP over stdin and stdout",
    load: () => import("./commands/mcp.ts"),
  },
  serve: {
    summary: "serve MCP over HTTP to a team",
    load: () => import("./commands/serve.ts"),
  },
} as const satisfies Record<string, Entry>;

export type CommandName = keyof typeof COMMANDS;

/** Every name that is accepted, aliases included, with the command it stands for. */
export function commandNames(): ReadonlyMap<string, CommandName> {
  const names = new Map<string, CommandName>();
  for (const [name, entry] of entriesOfCommands()) {
    for (const known of [name, ...aliasesOf(entry)]) names.set(known, name);
  }
  return names;
}

/** The table as pairs, in its order. */
export function entriesOfCommands(): readonly (readonly [CommandName, Entry])[] {
  // SAFETY: the keys of COMMANDS are its literal names; Object.entries widens them to string.
  return Object.entries(COMMANDS) as [CommandName, Entry][];
}

export function aliasesOf(entry: Entry): readonly string[] {
  return entry.aliases ?? [];
}
