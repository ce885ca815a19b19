import type { StoredEvent, StoredRow } from "../domain/document.ts";
import {
  type DocumentKind,
  KINDS,
  type Kind,
  type ProjectId,
  type RowId,
  rowIdOfFile,
} from "../domain/ids.ts";
import type { Project } from "../domain/project.ts";
import type { ReportItem } from "../domain/report.ts";
import type { Timestamp } from "../domain/timestamp.ts";
import type { SourceFile } from "../storage/contract/rows.ts";
import type { Deps } from "./deps.ts";
import { counterpartIn } from "./merged-rows.ts";
import { rowsByIds } from "./read-back.ts";
import { asDraft, deletionOf, type RowWrite } from "./store-row.ts";

/** What has to be written to make two projects one, and what whoever asks for it should know. */
export interface MergePlan {
  readonly arrivals: readonly RowWrite[];
  readonly departures: readonly RowWrite[];
  readonly files: readonly SourceFile[];
  /** Live rows that arrive. */
  readonly moved: Readonly<Record<Kind, number>>;
  /** Rows that are in both: those of the project that stays are left as they are. */
  readonly joined: number;
  readonly warnings: readonly ReportItem[];
}

/** Rows that are read together. */
const PAGE = 500;

type Reading = Pick<Deps, "storage">;

export async function planMerge(
  deps: Reading,
  { from, into, at }: { readonly from: Project; readonly into: Project; readonly at: Timestamp },
): Promise<MergePlan> {
  const live = inOrder(await liveRows(deps, from.id));
  const kept = await keptTombstones(deps, from.id);
  const standing = await counterparts(deps, into.id, [...live, ...kept]);
  const moved = { plan: 0, session: 0, pattern: 0, event: 0 };
  const arrivals: RowWrite[] = [];
  const warnings: ReportItem[] = [];
  let joined = 0;
  for (const found of live) {
    const there = standing.get(counterpartIn(into.id, found));
    if (there !== undefined && there.row.deletedAt === undefined) {
      joined += 1;
      warnings.push(...differenceOf(found, there));
      continue;
    }
    moved[found.kind] += 1;
    arrivals.push(arrivalOf(found, into.id, there));
  }
  for (const found of kept)
    if (!standing.has(counterpartIn(into.id, found))) arrivals.push(arrivalOf(found, into.id, undefined));
  const departures = live.map((found) => deletionOf(found, at));
  const files = await filesFor(deps, from.id, into.id);
  return { arrivals: withoutDangling(arrivals, warnings), departures, files, moved, joined, warnings };
}

async function liveRows(deps: Reading, project: ProjectId): Promise<readonly StoredRow[]> {
  const { plans, sessions, patterns, events } = deps.storage;
  const rows: StoredRow[] = [];
  for (const kind of KINDS) {
    const facet = { plan: plans, session: sessions, pattern: patterns, event: events }[kind];
    const filter = { projects: [project], ...(kind === "event" && { includeSuperseded: true }) };
    for (let cursor: string | undefined, isMore = true; isMore; isMore = cursor !== undefined) {
      const page = await facet.query(filter, { limit: PAGE, cursor });
      const ids = page.items.map(({ id }) => id);
      rows.push(...(await rowsByIds(deps, project, kind, ids)));
      cursor = page.nextCursor;
    }
  }
  return rows;
}

/** Documents that were deleted while their files stayed: they must stay deleted when these are indexed again. */
async function keptTombstones(deps: Reading, project: ProjectId): Promise<readonly StoredRow[]> {
  const { sources } = deps.storage;
  const filed = new Set((await sources.files(project)).map(({ id }) => id));
  const gone = (await sources.rows(project)).filter(({ id, isDeleted }) => isDeleted && filed.has(id));
  const rows = await Promise.all(gone.map(({ kind, id }) => rowsByIds(deps, project, kind, [id])));
  return rows.flat();
}

async function counterparts(
  deps: Reading,
  into: ProjectId,
  rows: readonly StoredRow[],
): Promise<ReadonlyMap<RowId, StoredRow>> {
  const found = new Map<RowId, StoredRow>();
  for (const kind of KINDS) {
    const ids = rows.flatMap((each) => (each.kind === kind ? [counterpartIn(into, each)] : []));
    for (let at = 0; at < ids.length; at += PAGE) {
      const there = await rowsByIds(deps, into, kind, ids.slice(at, at + PAGE));
      for (const each of there) found.set(each.row.id, each);
    }
  }
  return found;
}

/** A row as it arrives: with its names where they are free, its text, and its times. */
function arrivalOf(found: StoredRow, into: ProjectId, there: StoredRow | undefined): RowWrite {
  const id = counterpartIn(into, found);
  const isDeleted = found.row.deletedAt !== undefined;
  return {
    draft: asDraft(found, { id, project: into }),
    operation: there !== undefined ? "restore" : isDeleted ? "delete" : "create",
    expectedRevision: there?.row.revision ?? 0,
    ...("slug" in found.row && { slugs: [found.row.slug] }),
    refs: [found.row.ref],
  };
}

/** Two texts of one thing: both stay, one of them in the history. */
function differenceOf(found: StoredRow, there: StoredRow): readonly ReportItem[] {
  const name = "path" in found.row && found.row.path !== undefined ? found.row.path : found.row.ref;
  if (found.kind !== "event" && there.kind !== "event") {
    if (found.row.content === there.row.content) return [];
    const waits = found.row.pendingFile === true ? ", and has a change that its file lacks" : "";
    const reason = `Both projects hold it with different texts: that of ${there.row.ref} stays; the other one${waits} is in its history.`;
    return [{ item: name, reason }];
  }
  if (JSON.stringify(withoutNames(found)) === JSON.stringify(withoutNames(there))) return [];
  const reason =
    "Both projects hold this event with different contents: that of the project that stays is kept.";
  return [{ item: name, reason }];
}

function withoutNames({ row }: StoredRow): object {
  const {
    ref: _ref,
    revision: _revision,
    project: _project,
    contentHash: _hash,
    ...rest
  } = {
    ...row,
    contentHash: "",
  };
  return rest;
}

/** What is replaced comes before what replaces it. */
function inOrder(rows: readonly StoredRow[]): readonly StoredRow[] {
  const events = new Map(rows.flatMap(({ kind, row }) => (kind === "event" ? [[row.id, row] as const] : [])));
  const depthOf = (event: StoredEvent): number => {
    let depth = 0;
    for (
      let at: StoredEvent | undefined = event;
      at?.supersedes !== undefined && depth <= events.size;
      depth++
    )
      at = events.get(at.supersedes);
    return depth;
  };
  const depths = new Map([...events.values()].map((event) => [event.id, depthOf(event)]));
  return rows.toSorted((a, b) => (depths.get(a.row.id) ?? 0) - (depths.get(b.row.id) ?? 0));
}

/** An event whose predecessor was deleted arrives without it: nothing there could be replaced. */
function withoutDangling(arrivals: readonly RowWrite[], warnings: ReportItem[]): readonly RowWrite[] {
  const here = new Set(arrivals.map(({ draft }) => draft.row.id));
  return arrivals.map((write) => {
    const { draft } = write;
    if (draft.kind !== "event" || draft.row.supersedes === undefined || here.has(draft.row.supersedes))
      return write;
    const { supersedes: _, ...row } = draft.row;
    const reason =
      "The event that it replaced was deleted or is there already: it arrives without naming that.";
    warnings.push({ item: write.refs?.[0] ?? row.id, reason });
    return { ...write, draft: { kind: draft.kind, row } };
  });
}

async function filesFor(
  { storage }: Reading,
  from: ProjectId,
  into: ProjectId,
): Promise<readonly SourceFile[]> {
  const nameOf = ({ root, path }: SourceFile): string => `${root}\n${path}`;
  const there = new Set((await storage.sources.files(into)).map(nameOf));
  const rederived = (kind: DocumentKind, path: string): RowId => rowIdOfFile(into, kind, path);
  return (await storage.sources.files(from))
    .filter((file) => !there.has(nameOf(file)))
    .map((file) => ({ ...file, id: rederived(file.kind, file.path) }));
}
