import type { SearchFilter } from "../../domain/search.ts";
import type { Bindable } from "./driver.ts";

/** Kinds, event types, whether hidden passages count too, since and until, as the search functions take them. */
export function filterValues(filter: SearchFilter): readonly Bindable[] {
  return [
    filter.kinds ?? null,
    filter.eventTypes ?? null,
    filter.includeSuperseded === true,
    filter.after ?? null,
    filter.before ?? null,
  ];
}
