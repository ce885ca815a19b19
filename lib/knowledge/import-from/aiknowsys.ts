import { basename, dirname, join } from "node:path";
import { databaseFindings } from "./aiknowsys-database.ts";
import type { Finding, Reading } from "./finding.ts";
import { readNotes } from "./note-files.ts";
import { lookAt, lookFor } from "./place.ts";

/**
 * What AIKnowSys 0.10 kept: its database, or its folder `.aiknowsys` with plans, sessions and learned patterns as
 * files and, where there is one, the database among them. @throws KnowledgeError `not_found`, `invalid_input`, `unavailable`.
 */
export async function* readAiknowsys(reading: Reading): AsyncGenerator<Finding, void> {
  const given = await lookAt(reading.path);
  if (!given.isFolder) {
    yield* databaseFindings(reading, given, { folder: folderOf(given.path), isRead: false });
    return;
  }
  const below = await lookFor(join(given.path, ".aiknowsys"));
  const folder = below?.isFolder === true ? below.path : given.path;
  for await (const found of readNotes(reading, "aiknowsys-0.10", folder))
    yield "is" in found ? found : found.row;
  for (const place of [
    await lookFor(join(folder, "knowledge.db")),
    await lookFor(join(given.path, "knowledge.db")),
  ]) {
    if (place === undefined || place.isFolder) continue;
    yield* databaseFindings(reading, place, { folder, isRead: true });
    return;
  }
}

/** Where the files may lie that a database was filled from. */
function folderOf(file: string): string {
  const folder = dirname(file);
  return basename(folder) === ".aiknowsys" ? folder : join(folder, ".aiknowsys");
}
