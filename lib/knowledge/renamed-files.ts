import type { ReportItem } from "../domain/report.ts";
import type { BuriedFile } from "./bury-missing.ts";
import type { FileOutcome } from "./read-changed-file.ts";

/**
 * Names the pairs of a file that is gone and a new one of the same bytes. A path is part of a document's
 * identity (RULES 9), so that the new path is a new document; the old one's history stays under its old names.
 */
export function renamedFiles(
  gone: readonly Pick<BuriedFile, "path" | "ref" | "fileHash">[],
  outcomes: readonly FileOutcome[],
): readonly ReportItem[] {
  const left = [...gone];
  return outcomes.flatMap(({ state, isNew, fileHash, path }) => {
    if (state !== "indexed" || isNew !== true) return [];
    const at = left.findIndex((file) => file.fileHash === fileHash);
    const [from] = at === -1 ? [] : left.splice(at, 1);
    if (from === undefined) return [];
    const reason = `Renamed: ${from.path} → ${path}. The new path is a document of its own with a new ref; \`aiknowsys history ${from.ref}\` shows the old one's.`;
    return [{ item: path, reason }];
  });
}
