import type { makePlace, RunOptions } from "./cli-program.ts";

type Place = ReturnType<typeof makePlace>;

/** What is typed, the exit status and the error code that it gets, and every line that is said. */
export interface BadInput {
  readonly what: string;
  readonly args: readonly string[];
  readonly status: number;
  readonly code: string;
  readonly says: readonly string[];
  /** Makes what the row needs; may give an input and settings. */
  readonly given?: (place: Place) => RunOptions | undefined;
}

const PLAN_STATUSES = "Use one of: PLANNED, ACTIVE, PAUSED, COMPLETE, CANCELLED, SUPERSEDED.";
const DATES = "Use a date such as 2026-02-14, or words such as today, yesterday, last week, 3 days ago.";
const LIMITS = "Give a number from 1 to 1000, for example 20.";
const TEN_MB = "x".repeat(10_000_000);

/** A store with one plan. */
export function withPlan({ json }: Place): undefined {
  json(["create-plan", "--title", "Login", "--content", "# Login\n\n## Decisions\n\nNone.\n"]);
}

export const BAD_INPUTS: readonly BadInput[] = [
  {
    what: "an unknown command",
    args: ["qeury-plans"],
    status: 2,
    code: "invalid_input",
    says: [
      'There is no command "qeury-plans".',
      "Did you mean query-plans? See `aiknowsys --help` for the commands.",
    ],
  },
  {
    what: "an unknown option",
    args: ["query-plans", "--limt", "3"],
    status: 2,
    code: "invalid_input",
    says: ["There is no option --limt.", "Did you mean --limit? See `aiknowsys query-plans --help`."],
  },
  {
    what: "an option without its value",
    args: ["query-plans", "--limit"],
    status: 2,
    code: "invalid_input",
    says: ["--limit needs a value.", "See `aiknowsys query-plans --help`."],
  },
  {
    what: "a missing argument",
    args: ["show"],
    status: 2,
    code: "invalid_input",
    says: ["The argument <id> is missing.", "See `aiknowsys show --help`."],
  },
  {
    what: "a missing option",
    args: ["create-plan"],
    status: 2,
    code: "invalid_input",
    says: ["--title is missing.", "See `aiknowsys create-plan --help`."],
  },
  {
    what: "an argument too many",
    args: ["show", "a", "b"],
    status: 2,
    code: "invalid_input",
    says: [
      "There are too many arguments; put text that contains spaces in quotes.",
      "See `aiknowsys show --help`.",
    ],
  },
  {
    what: "an unknown project",
    args: ["query-plans", "--project", "nowhere"],
    status: 3,
    code: "not_found",
    says: [
      'Project "nowhere" is not known.',
      "No project is registered yet: run `aiknowsys index` in its folder.",
    ],
  },
  {
    what: "an unknown status",
    args: ["query-plans", "--status", "sleeping"],
    status: 2,
    code: "invalid_input",
    says: ['--status is "sleeping", which is not a valid value.', PLAN_STATUSES],
  },
  {
    what: "an unknown event type",
    args: ["record-event", "--type", "wish", "--data", "{}"],
    status: 2,
    code: "invalid_input",
    says: [
      '--type is "wish", which is not a valid value.',
      "Use one of: session_started, goal_defined, task_completed, decision_made, pattern_discovered, validation_passed, validation_failed, bug_encountered, learning_captured, note.",
    ],
  },
  {
    what: "a malformed date",
    args: ["query-plans", "--updated-after", "31-02-2026"],
    status: 2,
    code: "invalid_input",
    says: ['--updated-after is "31-02-2026", which is not a date that can be read.', DATES],
  },
  {
    what: "a day that no calendar has",
    args: ["query-sessions", "--date", "2026-02-30"],
    status: 2,
    code: "invalid_input",
    says: ['--date is "2026-02-30", which is not a date that can be read.', DATES],
  },
  {
    what: "an unknown time zone",
    args: ["query-sessions", "--date", "today", "--timezone", "Mars/Olympus"],
    status: 2,
    code: "invalid_input",
    says: [
      '--timezone is "Mars/Olympus", which is not a known time zone.',
      "Use an IANA name such as Europe/Berlin or UTC.",
    ],
  },
  {
    what: "a negative limit",
    args: ["query-plans", "--limit", "-1"],
    status: 2,
    code: "invalid_input",
    says: ['--limit is "-1", which is not a whole number from 1 to 1000.', LIMITS],
  },
  {
    what: "a limit in words",
    args: ["query-events", "--limit", "ten"],
    status: 2,
    code: "invalid_input",
    says: ['--limit is "ten", which is not a whole number from 1 to 1000.', LIMITS],
  },
  {
    what: "10 MB of text on stdin",
    args: ["create-plan", "--title", "Big", "-"],
    given: () => ({ input: TEN_MB }),
    status: 2,
    code: "invalid_input",
    says: [
      "--content has 10.0 million characters; at most 4 million are taken.",
      "Split it into several documents.",
    ],
  },
  {
    what: "20 MB of text in a file",
    args: ["create-plan", "--title", "Big", "--file", "big.md"],
    given: ({ put }) => void put("big.md", TEN_MB + TEN_MB),
    status: 2,
    code: "invalid_input",
    says: ["The content from the file big.md is bigger than 16 MB.", "Split it into several documents."],
  },
  {
    what: "10 MB of event data",
    args: ["record-event", "--type", "note", "--data", "-"],
    given: () => ({ input: JSON.stringify({ text: TEN_MB }) }),
    status: 2,
    code: "invalid_input",
    says: ["--data is larger than 4 MB.", "Keep the fact short; put long text into a plan or session."],
  },
  {
    what: "a file that is not UTF-8",
    args: ["create-plan", "--title", "Latin", "--file", "latin.md"],
    given: ({ put }) => void put("latin.md", Buffer.from("caf\u00e9", "latin1")),
    status: 2,
    code: "invalid_input",
    says: ["The file latin.md is not UTF-8 text (first wrong byte at 3).", "Save it as UTF-8 and try again."],
  },
  {
    what: "a folder in place of a file",
    args: ["create-plan", "--title", "Folder", "--file", "."],
    status: 2,
    code: "invalid_input",
    says: [". is a folder, not a file.", "Name one file; `aiknowsys index` reads whole folders."],
  },
  {
    what: "a file that is not there",
    args: ["create-plan", "--title", "Gone", "--file", "gone.md"],
    status: 3,
    code: "not_found",
    says: ["There is no file gone.md.", "Check the path."],
  },
  {
    what: "a content that is given twice",
    args: ["create-plan", "--title", "Twice", "--content", "a", "-"],
    status: 2,
    code: "invalid_input",
    says: ["The content is given more than once.", "Use one of --content, --file and - (stdin)."],
  },
  {
    what: "a folder to index that is not there",
    args: ["index", "gone"],
    status: 3,
    code: "not_found",
    says: ["There is no folder gone.", "Give a folder that exists, or leave it out for the current one."],
  },
  {
    what: "a file in place of a folder to index",
    args: ["index", "plan.md"],
    given: ({ put }) => void put("plan.md", "# Plan"),
    status: 2,
    code: "invalid_input",
    says: ["plan.md is a file, not a folder.", "Give the folder that holds it."],
  },
  {
    what: "an id that nothing has",
    args: ["show", "pln_aaaaaaaa"],
    given: withPlan,
    status: 3,
    code: "not_found",
    says: [
      'No document or event "pln_aaaaaaaa" in this project.',
      "Look it up with search or query-plans; ids are refs such as pln_k3v9t2qa, slugs or UUIDs.",
    ],
  },
  {
    what: "a plan to filter by that nothing names",
    args: ["query-events", "--plan", "PLAN_logni"],
    given: withPlan,
    status: 3,
    code: "not_found",
    says: [
      'No plan "PLAN_logni" in this project.',
      "Give the ref, slug or id of a plan, or the name that rows give it; query-plans lists them.",
    ],
  },
  {
    what: "a span in which nothing lies",
    args: ["query-plans", "--updated-after", "2026-03-02", "--updated-before", "2026-03-01"],
    status: 2,
    code: "invalid_input",
    says: [
      '--updated-after is "2026-03-02" and --updated-before is "2026-03-01": nothing lies between them.',
      "Give the earlier date first, or leave one of them out.",
    ],
  },
  {
    what: "a tenant that SQLite does not have",
    args: ["status", "--tenant", "harbour"],
    status: 2,
    code: "unsupported",
    says: [
      'A SQLite store has no tenant "harbour": it holds one only.',
      "Leave the tenant out, or name it default.",
    ],
  },
  {
    what: "another search's cursor",
    args: ["search", "login", "--cursor", "s10"],
    status: 2,
    code: "invalid_input",
    says: [
      "The cursor is not one that search gave.",
      "Repeat the same search with the cursor that it gave, or leave --cursor out to start at the first page.",
    ],
  },
  {
    what: "a section that a document has not",
    args: ["show", "PLAN_login", "--section", "Risks"],
    given: withPlan,
    status: 3,
    code: "not_found",
    says: ['has no section "Risks".', "Valid: Login, Decisions.", "Use one of its headings."],
  },
  {
    what: "a revision that is gone by",
    args: ["update-plan", "PLAN_login", "--status", "active", "--revision", "7"],
    given: withPlan,
    status: 4,
    code: "conflict",
    says: [
      "is at revision 1, not 7: somebody changed it since.",
      "Read it again with show, then repeat with --revision 1.",
    ],
  },
  {
    what: "a change of nothing",
    args: ["update-plan", "PLAN_login"],
    given: withPlan,
    status: 2,
    code: "invalid_input",
    says: [
      "Nothing to change was given.",
      "Give at least one of --status, --title, --topics, --priority, --type, --author, --append or --replace-section.",
    ],
  },
  {
    what: "data that is not JSON, with the place",
    args: ["record-event", "--type", "note", "--data", '{"text": "a" b}'],
    status: 2,
    code: "invalid_input",
    says: [
      "--data is not valid JSON: Expected ',' or '}' after property value at position 13.",
      `Give one JSON object in single quotes, for example --data '{"text": "Ask the operators first"}'.`,
    ],
  },
  {
    what: "data without what the event is about, with an example",
    args: ["record-event", "--type", "decision_made", "--data", "{}"],
    status: 2,
    code: "invalid_input",
    says: [
      'data of a decision_made event lacks "decision".',
      'Give for example {"decision": "Use WAL mode", "rationale": "many readers"};',
    ],
  },
  {
    what: "a retraction of a plan",
    args: ["retract", "PLAN_login", "--why", "wrong"],
    given: withPlan,
    status: 2,
    code: "invalid_input",
    says: ["is a plan; only events are retracted.", "To remove a plan, use `aiknowsys delete pln_"],
  },
  {
    what: "an empty question",
    args: ["search", ""],
    status: 2,
    code: "invalid_input",
    says: [
      "The query is empty.",
      "Ask in words or as a question, for example: how do we rotate the database credentials?",
    ],
  },
  {
    what: "an unknown client",
    args: ["init", "--client", "emacs"],
    status: 2,
    code: "invalid_input",
    says: [
      '--client is "emacs", which is not a valid value.',
      "Use one of: claude-code, cursor, vscode, codex, gemini, opencode, claude-desktop.",
    ],
  },
  {
    what: "a lesson without content",
    args: ["learn", "--title", "Empty"],
    status: 2,
    code: "invalid_input",
    says: [
      "--content is missing.",
      "Say in a few sentences what was learned: --content TEXT, --file PATH, or - for stdin.",
    ],
  },
  {
    what: "a write in the home folder",
    args: ["create-plan", "--title", "Nowhere"],
    given: ({ home }) => ({ cwd: home }),
    status: 2,
    code: "invalid_input",
    says: [
      "This folder is no project: it is the home folder or the root of the disk.",
      "Go to a project's folder, or name a project with --project.",
    ],
  },
  {
    what: "an unknown storage",
    args: ["status"],
    given: () => ({ env: { STORAGE_TYPE: "oracle" } }),
    status: 2,
    code: "invalid_input",
    says: ['STORAGE_TYPE is "oracle", which is not a valid value.', "Use one of: sqlite, postgres, hybrid."],
  },
  {
    what: "a settings file that is not JSON",
    args: ["status"],
    given: ({ put }) => void put(".aiknowsys/config.json", "{oops"),
    status: 2,
    code: "invalid_input",
    says: ["is not valid JSON.", "Correct it, or remove it to use the defaults."],
  },
  {
    what: "a schema version that is none",
    args: ["migrate", "--to", "-2"],
    status: 2,
    code: "invalid_input",
    says: [
      '--to is "-2", which is not a schema version.',
      "Give a whole number of 1 or more, or leave --to out for the newest.",
    ],
  },
];
