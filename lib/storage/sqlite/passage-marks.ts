import { KINDS } from "../../domain/ids.ts";
import type { SearchFilter } from "../../domain/search.ts";
import { EVENT_TYPES } from "../../domain/vocabulary.ts";

/** A filter in the small numbers that passages are told apart by. */
export interface MarkFilter {
  /** Numbers of kinds, `undefined` for all. */
  readonly kinds: readonly number[] | undefined;
  /** Numbers of event types, `undefined` for all and for what is no event. */
  readonly types: readonly number[] | undefined;
  readonly includeHidden: boolean;
  /** Inclusive, in ms since 1970. */
  readonly after: number | undefined;
  /** Exclusive, in ms since 1970. */
  readonly before: number | undefined;
}

/** 0 to 3. */
export const KIND_SQL = `(CASE kind ${KINDS.map((kind, i) => `WHEN '${kind}' THEN ${i}`).join(" ")} END)`;
/** 1 to 10; 0 for what is no event. */
export const TYPE_SQL = `(CASE coalesce(event_type, '') ${EVENT_TYPES.map((type, i) => `WHEN '${type}' THEN ${i + 1}`).join(" ")} ELSE 0 END)`;
/** Milliseconds since 1970. */
export const DATE_MS_SQL = "CAST(round(unixepoch(date, 'subsec') * 1000) AS INTEGER)";

export function markFilterOf(filter: SearchFilter): MarkFilter {
  return {
    kinds: filter.kinds?.map((kind) => KINDS.indexOf(kind)),
    types: filter.eventTypes?.map((type) => EVENT_TYPES.indexOf(type) + 1),
    includeHidden: filter.includeSuperseded === true,
    after: filter.after === undefined ? undefined : Date.parse(filter.after),
    before: filter.before === undefined ? undefined : Date.parse(filter.before),
  };
}

/** The bits of a list of small numbers; all bits for no list. */
export function bitsOf(numbers: readonly number[] | undefined): number {
  return numbers === undefined ? 0xffff : numbers.reduce((bits, number) => bits | (1 << number), 0);
}
