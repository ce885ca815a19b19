import { type ReadValue, readSessionStatus, type SessionStatus } from "../../domain/vocabulary.ts";
import { type ClaudeMemory, SESSION_COLUMNS, sessionIdIn } from "./claude-memory.ts";
import { eventDraft, labels, sessionDraft, titled } from "./drafts.ts";
import type { Finding } from "./finding.ts";
import type { TableRecord } from "./foreign-records.ts";
import { firstText, listOf, type Members, momentOf, optionalText, textOf } from "./foreign-value.ts";
import { leftoversOf, sectionOf } from "./leftovers.ts";

/** Columns of a session that have a place in ours, or say only how its work was done. */
const READ = [
  ...["id", ...SESSION_COLUMNS, "project", "custom_title", "title", "subtitle", "user_prompt", "status"],
  ...[
    "started_at",
    "started_at_epoch",
    "completed_at",
    "completed_at_epoch",
    "created_at",
    "created_at_epoch",
  ],
  ...["platform_source", "worker_port", "prompt_counter", "merged_into_project"],
];

/** A session with its prompts and summaries as one document. */
export function sessionOf(memory: ClaudeMemory, table: string, record: TableRecord): Finding {
  const { members, item, rowid } = record;
  const { reading, modifiedAt, sessions } = memory;
  const ids = SESSION_COLUMNS.map((column) => textOf(members[column])).filter((id) => id !== "");
  const own =
    firstText(members, "content_session_id", "claude_session_id", ...SESSION_COLUMNS) || `${table}/${rowid}`;
  for (const id of [...ids, own]) sessions.set(id, own);
  const summaries = belonging(memory, ["session_summaries", "overviews"], ids);
  const prompts = belonging(memory, ["user_prompts"], ids);
  const started = momentOf(
    [members.started_at_epoch, members.started_at, members.created_at_epoch, members.created_at],
    modifiedAt,
  );
  const ended = momentOf([members.completed_at_epoch, members.completed_at], started.at);
  const belongsTo = optionalText(firstText(members, "merged_into_project", "project"));
  const title = titleOf(members, summaries, own);
  const { labels: also, sections } = leftoversOf(members, READ);
  const minutes = Math.round((Date.parse(ended.at) - Date.parse(started.at)) / 60_000);
  const { value: status, text: statusText } = statusOf(textOf(members.status));
  const draft = sessionDraft(
    {
      ...{ peer: "claude-mem", project: reading.project, id: own },
      also: {
        ...also,
        original_project: belongsTo,
        original_platform: optionalText(textOf(members.platform_source)),
      },
    },
    {
      date: started.at.slice(0, 10),
      title,
      status,
      ...(statusText !== undefined && { statusText }),
      topics: [],
      phases: [],
      files: labels(
        summaries.flatMap(({ files_edited, files_read }) => [...listOf(files_edited), ...listOf(files_read)]),
      ),
      ...(minutes > 0 && minutes < 100_000 && { durationMinutes: minutes }),
      createdAt: started.at,
      updatedAt: ended.at,
      content: `# ${title}\n\n${promptsOf(members, prompts)}${summaries.map(summaryText).join("")}${sections}`,
    },
  );
  const doubts = [started, ended].flatMap(({ doubt }) => doubt ?? []);
  const slugs = [`${started.at.slice(0, 10)}-claude-mem-${own.slice(0, 8)}`];
  return { is: "row", item, draft, slugs, belongsTo, doubts, isUndated: !started.isGiven };
}

/** A summary whose session is not there, as a session of its own. */
export function straySummary(
  memory: ClaudeMemory,
  table: string,
  { members, item, rowid }: TableRecord,
): Finding {
  const at = momentOf([members.created_at_epoch, members.created_at], memory.modifiedAt);
  const title = titleOf(members, [members], `${table} ${rowid}`);
  const belongsTo = optionalText(textOf(members.project));
  const draft = sessionDraft(
    {
      ...{ peer: "claude-mem", project: memory.reading.project, id: `${table}/${rowid}` },
      also: { original_project: belongsTo, original_session: sessionIdIn({ members }) },
    },
    {
      date: at.at.slice(0, 10),
      title,
      status: "complete",
      topics: [],
      phases: [],
      files: labels([...listOf(members.files_edited), ...listOf(members.files_read)]),
      createdAt: at.at,
      updatedAt: at.at,
      content: `# ${title}\n\n${summaryText(members)}`,
    },
  );
  const slugs = [`${at.at.slice(0, 10)}-claude-mem-${table}-${rowid}`];
  return {
    is: "row",
    item,
    draft,
    slugs,
    belongsTo,
    doubts: at.doubt === undefined ? [] : [at.doubt],
    isUndated: !at.isGiven,
  };
}

/** A prompt whose session is not there. */
export function strayPrompt(
  { reading, modifiedAt }: ClaudeMemory,
  { members, item, rowid }: TableRecord,
): Finding {
  const at = momentOf([members.created_at_epoch, members.created_at], modifiedAt);
  const draft = eventDraft(
    {
      peer: "claude-mem",
      project: reading.project,
      id: `user_prompts/${rowid}`,
      also: { original_session: sessionIdIn({ members }) },
    },
    { type: "note", data: { text: textOf(members.prompt_text) }, occurredAt: at.at },
    reading.now,
  );
  return { is: "row", item, draft, isUndated: !at.isGiven };
}

/** The readable rows of some tables that name the session by one of its ids. */
function belonging(
  { tables }: ClaudeMemory,
  from: readonly string[],
  ids: readonly string[],
): readonly Members[] {
  const rows = new Map<string, Members>();
  for (const table of from) {
    for (const column of SESSION_COLUMNS) {
      for (const id of new Set(ids)) {
        for (const row of tables.matching(table, column, id))
          if ("values" in row) rows.set(`${table} ${row.rowid}`, row.values);
      }
    }
  }
  return [...rows.values()];
}

function titleOf(members: Members, summaries: readonly Members[], own: string): string {
  const said = firstText(members, "custom_title", "title", "request", "user_prompt");
  const asked = summaries.map(({ request }) => textOf(request)).find((text) => text.trim() !== "");
  return titled(
    firstText({ said: members.custom_title, asked, otherwise: said }, "said", "asked", "otherwise"),
    `claude-mem session ${own}`,
  );
}

function statusOf(text: string): ReadValue<SessionStatus> {
  return text === "failed" ? { value: "abandoned", text } : readSessionStatus(text || "complete");
}

function promptsOf({ user_prompt, subtitle }: Members, prompts: readonly Members[]): string {
  const said = prompts.map(({ prompt_text }) => textOf(prompt_text).trim()).filter((text) => text !== "");
  const first = textOf(user_prompt).trim();
  const all = first === "" || said.includes(first) ? said : [first, ...said];
  return `${sectionOf("About", subtitle)}${sectionOf("Asked", all.join("\n\n"))}`;
}

function summaryText(summary: Members): string {
  return [
    sectionOf("Request", summary.request),
    sectionOf("Investigated", summary.investigated),
    sectionOf("Learned", summary.learned),
    sectionOf("Completed", summary.completed),
    sectionOf("Next steps", summary.next_steps),
    sectionOf("Notes", summary.notes),
    sectionOf("Overview", summary.content),
  ].join("");
}
