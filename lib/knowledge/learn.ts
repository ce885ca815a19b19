import type { StoredPattern } from "../domain/document.ts";
import { KnowledgeError } from "../domain/error.ts";
import type { Pattern } from "../domain/pattern.ts";
import type { Project } from "../domain/project.ts";
import { timestampOf } from "../domain/timestamp.ts";
import type { Draft } from "../storage/contract/writes.ts";
import { type ListArgument, parseList, parseName, parseOptionalName, parseText } from "./arguments.ts";
import type { Deps } from "./deps.ts";
import { publicRow } from "./public-row.ts";
import { readBack } from "./read-back.ts";
import { redactDraft } from "./redact-draft.ts";
import { slugOfTitle } from "./slug-of-title.ts";
import { newRowId, storeRows } from "./store-row.ts";
import { leftOutWarnings, notesOf, type WritingNotes } from "./written-row.ts";

export interface PatternInput {
  readonly title: string;
  readonly content: string;
  readonly category?: string | undefined;
  readonly triggers?: ListArgument;
  readonly author?: string | undefined;
  readonly redact?: boolean | undefined;
}

/** Keeps a reusable lesson. @throws KnowledgeError `invalid_input`. */
export async function learnPattern(
  deps: Deps,
  project: Project,
  input: PatternInput,
): Promise<Pattern & WritingNotes> {
  const title = parseName("title", input.title);
  const given = parseText("content", input.content);
  if (given.trim() === "")
    throw new KnowledgeError("invalid_input", "content is empty.", {
      field: "content",
      hint: "Say in a few sentences what was learned.",
    });
  const now = timestampOf(deps.clock());
  const pattern: Draft<StoredPattern> = {
    id: newRowId(deps),
    project: project.id,
    title,
    category: parseOptionalName("category", input.category),
    triggers: [...(parseList(input.triggers) ?? [])],
    author: parseOptionalName("author", input.author),
    source: "store",
    createdAt: now,
    updatedAt: now,
    contentHash: "",
    content: given,
  };
  const { draft, found: redacted } = redactDraft({ kind: "pattern", row: pattern }, input.redact);
  const stored = await storeRows(deps, project.id, [
    {
      draft,
      operation: "create",
      expectedRevision: 0,
      slugs: [slugOfTitle(draft.row.title)],
    },
  ]);
  const found = await readBack(deps, project.id, "pattern", pattern.id);
  if (found.kind !== "pattern")
    throw new KnowledgeError("internal", "A pattern was written, another kind was read back.");
  const warnings = stored.flatMap((row) => leftOutWarnings("document", row));
  return { ...publicRow(found.row), ...notesOf(redacted, warnings) };
}
