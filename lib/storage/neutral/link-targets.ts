import { posix } from "node:path";
import { folded } from "../../domain/folded.ts";
import { isRef, isUuid } from "../../domain/ids.ts";

/** One way in which a link's target may name a plan. */
export interface TargetName {
  readonly column: "id" | "ref" | "slug" | "path" | "title_folded";
  readonly value: string;
}

/** The names to look a link's target up by, best first: id or ref alone, else slug, path, then title. */
export function targetNames(
  target: string,
  from: { readonly path?: string | undefined },
): readonly TargetName[] {
  const bare = target.trim().replace(/[#?].*$/, "");
  if (bare === "" || bare.includes("://")) return [];
  const lower = bare.toLowerCase();
  if (isUuid(lower)) return [{ column: "id", value: lower }];
  if (isRef(lower)) return [{ column: "ref", value: lower }];
  return [
    { column: "slug", value: bare },
    { column: "path", value: posix.normalize(posix.join(posix.dirname(from.path ?? ""), bare)) },
    { column: "path", value: posix.normalize(bare.replace(/^\/+/, "")) },
    { column: "slug", value: posix.basename(bare).replace(/\.(md|mdx|markdown)$/i, "") },
    { column: "title_folded", value: folded(target) },
  ];
}
