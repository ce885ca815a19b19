import type { DocumentKind } from "../domain/ids.ts";

export interface Recognition {
  readonly kind: DocumentKind;
  /** Of a pattern, where its folder or nature names one; `reference` for whatever is nothing else. */
  readonly category?: string;
  /** What decided, for people: `folder "plans"`. */
  readonly because: string;
}

export interface RecognitionInput {
  /** Relative to the project, with `/`. */
  readonly path: string;
  /** The frontmatter's `type`, as written. */
  readonly frontmatterType?: string | undefined;
  /** The kind whose glob the user gave and the file matches. */
  readonly given?: DocumentKind | undefined;
}

const TYPES: ReadonlyMap<string, DocumentKind> = new Map([
  ...kindsOf(
    "plan",
    "plan rfc spec specification proposal adr decision decision-record task design prd epic story issue requirements implementation-plan",
  ),
  ...kindsOf(
    "session",
    "session session-log log journal daily worklog devlog standup handoff retro retrospective meeting",
  ),
  ...kindsOf(
    "pattern",
    "pattern learned learning lesson reference guide skill til note how-to howto documentation doc readme",
  ),
]);

const FOLDERS: ReadonlyMap<string, DocumentKind> = new Map([
  ...kindsOf(
    "plan",
    "plan plans rfc rfcs adr adrs decision decisions decision-records spec specs proposal proposals task tasks backlog change changes design designs prd prds epic epics story stories issue issues milestone milestones roadmap roadmaps todo todos enhancement enhancements initiatives work-items slices openspec requirements",
  ),
  ...kindsOf(
    "session",
    "session sessions session-log session-logs log logs journal journals daily dailies diary standup standups worklog worklogs devlog devlogs handoff handoffs meeting meetings meeting-notes retro retros retrospectives",
  ),
  ...kindsOf(
    "pattern",
    "learned learnings lesson lessons pattern patterns personal solution solutions skill skills guide guides til review reviews template templates example examples doc docs reference references",
  ),
]);

/** Folders whose patterns have a category of their own, and folders that say no more than "a document". */
const FOLDER_CATEGORY: ReadonlyMap<string, string> = new Map([
  ["review", "review"],
  ["reviews", "review"],
]);
const WEAK_FOLDERS = new Set([
  "doc",
  "docs",
  "reference",
  "references",
  "til",
  "template",
  "templates",
  "example",
  "examples",
]);

const ALWAYS_REFERENCE =
  /^(?:readme|_?index|agents|claude|gemini|copilot-instructions|changelog|codebase[_-].*|contributing|license|security|code[_-]of[_-]conduct|current[_-]plan|project|release[_-]notes.*|.*[_-]?template)$/i;
const PLAN_NAME =
  /^(?:plan|rfc|adr|spec|prd|proposal|epic|enhancement|kep|pep)s?(?:[-_ ].*|\d+.*)?$|^(?:tasks|todos?|design|requirements|roadmap)$|^(?:task|back|issue|story)[-_ ]?\d.*$|[-_](?:plan|spec|specs|rfc|adr|prd|proposal)$/i;
/** Names of a plan when a date stands before them. */
const DATED_PLAN = /[-_](?:design|requirements)$/i;
const SESSION_NAME = /^(?:session|journal|standup|worklog|devlog|handoff|retro|diary)(?:[-_ ].*|\d.*)?$/i;
const DATED_NAME = /^(?:19|20)\d{2}-?[01]\d-?[0-3]\d(?!\d)/;

/**
 * What a file is: by the user's glob, then by the frontmatter's type, then by folder and name (RULES 11).
 * RFCs, specs, proposals, ADRs and tasks are plans; dated logs are sessions; the rest is reference.
 */
export function recogniseDocument({ path, frontmatterType, given }: RecognitionInput): Recognition {
  if (given !== undefined) return withCategory(given, path, `given as ${given}`);
  const parts = path
    .replaceAll("\\", "/")
    .split("/")
    .filter((part) => part !== "");
  const stem = (parts.pop() ?? "").replace(/(?<=.)\.[A-Za-z0-9]{1,8}$/, "");
  const typed = TYPES.get(plainName(frontmatterType ?? ""));
  if (typed !== undefined) return withCategory(typed, path, `frontmatter type "${frontmatterType}"`);
  if (ALWAYS_REFERENCE.test(stem))
    return { kind: "pattern", category: "reference", because: `name "${stem}"` };
  return (
    byFolder(parts, path) ??
    byName(parts, stem) ?? { kind: "pattern", category: "reference", because: "nothing else fits" }
  );
}

/** The nearest folder whose name is a convention; "docs" and the like say nothing against the file's own name. */
function byFolder(parts: readonly string[], path: string): Recognition | undefined {
  for (const part of parts.toReversed()) {
    const name = plainName(part);
    if (WEAK_FOLDERS.has(name)) return undefined;
    const kind = FOLDERS.get(name);
    if (kind !== undefined) return withCategory(kind, path, `folder "${part}"`);
  }
  return undefined;
}

function byName(parts: readonly string[], stem: string): Recognition | undefined {
  const because = `name "${stem}"`;
  const isDated = DATED_NAME.test(stem);
  if (PLAN_NAME.test(stem) || (isDated && DATED_PLAN.test(stem))) return { kind: "plan", because };
  // Numbered files of a folder "text" are how several projects keep their RFCs.
  if (/^\d{4}-/.test(stem) && !isDated && parts.at(-1) === "text") return { kind: "plan", because };
  if (isDated || SESSION_NAME.test(stem)) return { kind: "session", because };
  return undefined;
}

/** The category of a pattern: the folder below the one that made it a pattern (`solutions/workflow/x.md`). */
function withCategory(kind: DocumentKind, path: string, because: string): Recognition {
  if (kind !== "pattern") return { kind, because };
  const folders = path.split("/").slice(0, -1);
  const at = folders.findLastIndex((folder) => FOLDERS.get(plainName(folder)) === "pattern");
  const own = FOLDER_CATEGORY.get(plainName(folders[at] ?? ""));
  const below = folders[at + 1];
  const category = own ?? (at >= 0 && plainName(folders[at] ?? "") !== "personal" ? below : undefined);
  return category === undefined ? { kind, because } : { kind, category: plainName(category), because };
}

function plainName(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, "-");
}

function kindsOf(kind: DocumentKind, words: string): [string, DocumentKind][] {
  return words.split(" ").map((word) => [word, kind]);
}
