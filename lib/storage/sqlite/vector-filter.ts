import { KnowledgeError } from "../../domain/error.ts";
import { PROJECT_NUMBERS } from "./vector-layout.ts";
import type { SlotFacts, VectorMemory } from "./vector-memory.ts";

/** What the index knows of a chunk beside its code. */
export interface VectorSlot {
  /** Chunk id, 1 to 2³² − 1. */
  readonly id: number;
  /** Number of the project, 0 to 65,535. */
  readonly project: number;
  /** Number of the owner's kind, 0 to 15. */
  readonly kind: number;
  /** Number of the event type, 0 to 15; the caller chooses one for what is no event. */
  readonly type: number;
  /** 0 live, 1 superseded or retracted. */
  readonly state: number;
  /** Date of the row, milliseconds since 1970 UTC. */
  readonly atMs: number;
}

/** Conditions that a slot meets all of; an absent one always holds, an empty list never does. */
export interface VectorFilter {
  readonly projects?: readonly number[] | undefined;
  readonly kinds?: readonly number[] | undefined;
  readonly types?: readonly number[] | undefined;
  /** Also superseded and retracted ones. Default false. */
  readonly includeHidden?: boolean | undefined;
  /** Inclusive lower bound, milliseconds since 1970 UTC. */
  readonly after?: number | undefined;
  /** Exclusive upper bound, milliseconds since 1970 UTC. */
  readonly before?: number | undefined;
}

const SMALL_NUMBERS = 16;

/** A slot as it is stored. @throws KnowledgeError `invalid_input` for a number outside its range. */
export function packSlot(slot: VectorSlot): SlotFacts {
  requireWithin("id", slot.id, 1, 0xffffffff);
  requireWithin("project", slot.project, 0, PROJECT_NUMBERS - 1);
  requireWithin("kind", slot.kind, 0, SMALL_NUMBERS - 1);
  requireWithin("type", slot.type, 0, SMALL_NUMBERS - 1);
  requireWithin("state", slot.state, 0, 1);
  if (!Number.isFinite(slot.atMs)) throw outOfRange("atMs", slot.atMs, "a finite number of milliseconds");
  const meta = slot.project + slot.kind * 2 ** 16 + slot.type * 2 ** 20 + slot.state * 2 ** 24;
  return { id: slot.id, meta, atMs: slot.atMs };
}

/**
 * Puts a filter where the engines read it.
 * @throws KnowledgeError `invalid_input` for a number outside its range.
 */
export function writeFilter(memory: VectorMemory, filter: VectorFilter): void {
  const { layout, f64, u32, u8 } = memory;
  const after = filter.after ?? Number.NEGATIVE_INFINITY;
  const before = filter.before ?? Number.POSITIVE_INFINITY;
  if (Number.isNaN(after)) throw outOfRange("after", after, "a number of milliseconds");
  if (Number.isNaN(before)) throw outOfRange("before", before, "a number of milliseconds");
  f64[layout.filter / 8] = after;
  f64[layout.filter / 8 + 1] = before;
  u32[layout.filter / 4 + 4] = filter.includeHidden === true ? 1 : 0;
  u32[layout.filter / 4 + 5] = filter.projects === undefined ? 0 : layout.projects;
  writeSmallNumbers("kinds", filter.kinds, u8.subarray(layout.filter + 32, layout.filter + 48));
  writeSmallNumbers("types", filter.types, u8.subarray(layout.filter + 48, layout.filter + 64));
  if (filter.projects !== undefined) writeProjects(memory, filter.projects);
}

function writeProjects({ layout, u8 }: VectorMemory, projects: readonly number[]): void {
  u8.fill(0, layout.projects, layout.projects + PROJECT_NUMBERS / 8);
  for (const project of projects) {
    requireWithin("projects", project, 0, PROJECT_NUMBERS - 1);
    const at = layout.projects + (project >> 3);
    u8[at] = (u8[at] ?? 0) | (1 << (project & 7));
  }
}

/** One byte a number: 255 for those wanted, 0 for the others. */
function writeSmallNumbers(field: string, numbers: readonly number[] | undefined, bytes: Uint8Array): void {
  bytes.fill(numbers === undefined ? 255 : 0);
  for (const number of numbers ?? []) {
    requireWithin(field, number, 0, SMALL_NUMBERS - 1);
    bytes[number] = 255;
  }
}

function requireWithin(field: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw outOfRange(field, value, `an integer from ${least} to ${most}`);
}

function outOfRange(field: string, value: number, wanted: string): KnowledgeError {
  return new KnowledgeError("invalid_input", `${field} is ${value}, which is not ${wanted}.`, {
    field,
    hint: "The vector index keeps small numbers in place of ids; number them afresh when they run out.",
  });
}
