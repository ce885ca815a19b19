import { sep } from "node:path";
import type { Deps } from "./deps.ts";

/** Roots with the one that the caller stands in first; the others keep their order. */
export function ownRootFirst<Place>(
  { cwd }: Pick<Deps, "cwd">,
  places: readonly Place[],
  rootOf: (place: Place) => string,
): readonly Place[] {
  if (cwd === undefined) return places;
  const isOwn = (place: Place): boolean =>
    `${cwd}${sep}`.startsWith(`${rootOf(place).replace(/[\\/]+$/, "")}${sep}`);
  return [...places.filter(isOwn), ...places.filter((place) => !isOwn(place))];
}
