import type { StoredEvent, StoredPattern, StoredPlan, StoredSession } from "../../domain/document.ts";
import type { Event } from "../../domain/event.ts";
import type { Kind, ProjectId, RowId } from "../../domain/ids.ts";
import type { Page, PageRequest } from "../../domain/page.ts";
import type { Pattern } from "../../domain/pattern.ts";
import type { Plan } from "../../domain/plan.ts";
import type { Project, ProjectCounts } from "../../domain/project.ts";
import type { Session } from "../../domain/session.ts";
import type { Day, Timestamp } from "../../domain/timestamp.ts";
import type {
  EventType,
  PlanPriority,
  PlanStatus,
  PlanType,
  SessionStatus,
} from "../../domain/vocabulary.ts";

export interface Projects {
  /** All projects, by name, then id. */
  list(): Promise<readonly Project[]>;
  findById(id: ProjectId): Promise<Project | undefined>;
  /** Projects whose id, ref, name (case-insensitive) or key equals the text: at most 20, by name, then id. */
  find(text: string): Promise<readonly Project[]>;
  /** The first project that owns any of these keys, in the order of the keys. */
  findByKeys(keys: readonly string[]): Promise<Project | undefined>;
  /**
   * Creates the project or, when it exists, adds the keys and roots that it lacks. Safe under concurrency.
   * @throws KnowledgeError `conflict` when a key belongs to another project.
   */
  register(draft: ProjectDraft): Promise<Project>;
  counts(id: ProjectId): Promise<ProjectCounts>;
  /** When the project's newest change was written, or `undefined` without any. */
  lastWriteAt(id: ProjectId): Promise<Timestamp | undefined>;
}

export interface ProjectDraft {
  readonly id: ProjectId;
  readonly name: string;
  readonly keys: readonly string[];
  readonly roots: readonly string[];
  readonly createdAt: Timestamp;
}

/** What the store knows of folders and files (RULES 10, 14). */
export interface Sources {
  /** Every file that index runs of this project have seen, tombstoned documents included, by root, then path. */
  files(project: ProjectId): Promise<readonly SourceFile[]>;
  /** Records the state of files after an index run; one row per root and path. `redact` then holds for the path in every root. */
  record(project: ProjectId, files: readonly SourceFile[]): Promise<void>;
  /** Forgets files that are gone from a root. */
  forget(project: ProjectId, root: string, paths: readonly string[]): Promise<void>;
  /** Forgets a root that is gone: its files, folders and runs, and that the project lies there. */
  forgetRoot(project: ProjectId, root: string): Promise<void>;
  /** What the rows that came from files hold now, tombstones included. */
  rows(project: ProjectId): Promise<readonly FileRow[]>;
  /** The folders that looks at this project have seen, by root, then path. */
  folders(project: ProjectId): Promise<readonly SourceFolder[]>;
  /**
   * Records the state of a root's folders. With `under`, other folders of the root whose path begins with it are
   * forgotten (all of them for the empty text).
   */
  recordFolders(
    project: ProjectId,
    root: string,
    folders: readonly FolderState[],
    under?: string,
  ): Promise<void>;
  /** The index runs of a project, newest first. */
  runs(project: ProjectId): Promise<readonly SourceRun[]>;
  recordRun(project: ProjectId, run: SourceRun): Promise<void>;
}

export interface SourceFile {
  readonly root: string;
  readonly path: string;
  readonly kind: Exclude<Kind, "event">;
  readonly id: RowId;
  readonly size: number;
  readonly modifiedMs: number;
  /** SHA-256 of the raw bytes. */
  readonly fileHash: string;
  /** Whether secrets were left out of what is stored of it. */
  readonly redact: boolean;
}

/** What a row that came from a file holds now. */
export interface FileRow {
  readonly kind: SourceFile["kind"];
  readonly id: RowId;
  /** SHA-256 of the bytes that it was last read from. */
  readonly fileHash?: string | undefined;
  readonly isDeleted: boolean;
}

/** A folder as a look found it: another time tells that something came or went in it. */
export interface FolderState {
  /** Below the root; empty for the root itself. */
  readonly path: string;
  readonly modifiedMs: number;
}

export interface SourceFolder extends FolderState {
  readonly root: string;
}

export interface SourceRun {
  readonly root: string;
  /** The globs of the run as canonical JSON; `{}` for the default recognition. */
  readonly globs: string;
  readonly at: Timestamp;
}

/** Members that plans, sessions and patterns have in common. */
export interface Documents<Stored> {
  /**
   * Rows whose id, ref or slug equals the text (ref and id case-insensitive), with content; tombstones only
   * when `deleted`. At most 20, in the order of the projects given, then by slug. None → [].
   */
  find(
    projects: readonly ProjectId[],
    text: string,
    options?: { readonly deleted?: boolean },
  ): Promise<readonly Stored[]>;
  /** The rows with these ids in this project, tombstones included, in the order of the ids; missing ids are left out. */
  byIds(project: ProjectId, ids: readonly RowId[]): Promise<readonly Stored[]>;
  /** Every live row's identity, by slug: cheap, for resolving links and completion; tombstones' too when `deleted`. */
  names(project: ProjectId, options?: { readonly deleted?: boolean }): Promise<readonly DocumentName[]>;
}

export interface DocumentName {
  readonly id: RowId;
  readonly ref: string;
  readonly slug: string;
  readonly title: string;
}

export interface Plans extends Documents<StoredPlan> {
  /** One page, without content. Order: `updatedAt` (or the sort key) descending, then id. @throws `invalid_input` for a foreign cursor. */
  query(filter: PlanFilter, page: PageRequest): Promise<Page<Plan>>;
}

export interface Sessions extends Documents<StoredSession> {
  /** One page, without content. Order: date descending, then `updatedAt` descending, then id. */
  query(filter: SessionFilter, page: PageRequest): Promise<Page<Session>>;
}

export interface Patterns extends Documents<StoredPattern> {
  /** One page, without content. Order: `updatedAt` descending, then id. */
  query(filter: PatternFilter, page: PageRequest): Promise<Page<Pattern>>;
}

export interface Events {
  /** Rows whose id or ref equals the text; tombstones only when `deleted`. At most 20. */
  find(
    projects: readonly ProjectId[],
    text: string,
    options?: { readonly deleted?: boolean },
  ): Promise<readonly StoredEvent[]>;
  byIds(project: ProjectId, ids: readonly RowId[]): Promise<readonly StoredEvent[]>;
  /** One page. Order: `occurredAt` descending, then id descending. */
  query(filter: EventFilter, page: PageRequest): Promise<Page<Event>>;
}

export const PLAN_SORTS = ["updated", "created", "title", "priority", "status"] as const;
export type PlanSort = (typeof PLAN_SORTS)[number];

export interface PlanFilter {
  readonly projects: readonly ProjectId[];
  readonly statuses?: readonly PlanStatus[] | undefined;
  readonly priorities?: readonly PlanPriority[] | undefined;
  readonly types?: readonly PlanType[] | undefined;
  /** Equal without regard to case. */
  readonly author?: string | undefined;
  /** One of the topics contains this text, without regard to case; or the title does. */
  readonly topic?: string | undefined;
  /** Inclusive. */
  readonly updatedAfter?: Timestamp | undefined;
  /** Exclusive. */
  readonly updatedBefore?: Timestamp | undefined;
  /** Default `updated`. `title` and `status` ascend, `priority` from high to low, absent last. */
  readonly sort?: PlanSort | undefined;
}

export interface SessionFilter {
  readonly projects: readonly ProjectId[];
  readonly statuses?: readonly SessionStatus[] | undefined;
  readonly date?: Day | undefined;
  /** Inclusive. */
  readonly dateAfter?: Day | undefined;
  /** Inclusive. */
  readonly dateBefore?: Day | undefined;
  readonly topic?: string | undefined;
  /** Equal to any of these without regard to case: the ref, slug, id and title of one plan. */
  readonly plan?: readonly string[] | undefined;
}

export interface PatternFilter {
  readonly projects: readonly ProjectId[];
  readonly category?: string | undefined;
  /** Title or a trigger contains this text, without regard to case. */
  readonly topic?: string | undefined;
}

export interface EventFilter {
  readonly projects: readonly ProjectId[];
  readonly types?: readonly EventType[] | undefined;
  /** Inclusive. */
  readonly after?: Timestamp | undefined;
  /** Exclusive. */
  readonly before?: Timestamp | undefined;
  /** Equal without regard to case. */
  readonly tag?: string | undefined;
  readonly plan?: readonly string[] | undefined;
  readonly session?: readonly string[] | undefined;
  /** Also superseded and retracted events. */
  readonly includeSuperseded?: boolean | undefined;
}
