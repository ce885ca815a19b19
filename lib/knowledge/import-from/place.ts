import { stat } from "node:fs/promises";
import { join } from "node:path";
import { KnowledgeError } from "../../domain/error.ts";
import { type Timestamp, timestampOf } from "../../domain/timestamp.ts";
import type { Peer } from "./finding.ts";

/** Where a tool's data lie. */
export interface Place {
  readonly path: string;
  readonly isFolder: boolean;
  readonly bytes: number;
  /** For records that have no time of their own. */
  readonly modifiedAt: Timestamp;
}

/** What is at a path. @throws KnowledgeError `not_found`, `unavailable`. */
export async function lookAt(path: string): Promise<Place> {
  const found = await lookFor(path);
  if (found !== undefined) return found;
  throw new KnowledgeError("not_found", `There is nothing at ${path}.`, {
    field: "path",
    hint: "Check the path.",
  });
}

/**
 * The file at a path, or the first of these below a folder.
 * @throws KnowledgeError `not_found`, or `invalid_input` for a folder that holds none of them.
 */
export async function fileAt(path: string, peer: Peer, below: readonly string[]): Promise<Place> {
  const place = await lookAt(path);
  if (!place.isFolder) return place;
  for (const name of below) {
    const found = await lookFor(join(path, name));
    if (found !== undefined && !found.isFolder) return found;
  }
  throw new KnowledgeError("invalid_input", `The folder ${path} holds no data of ${peer}.`, {
    field: "path",
    hint: `Give the file, or a folder with one of: ${below.join(", ")}.`,
  });
}

/** What is at a path, or `undefined` where nothing is. @throws KnowledgeError `unavailable`. */
export async function lookFor(path: string): Promise<Place | undefined> {
  try {
    const state = await stat(path);
    const modifiedAt = timestampOf(Math.max(0, Math.trunc(state.mtimeMs)));
    return { path, isFolder: state.isDirectory(), bytes: state.size, modifiedAt };
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new KnowledgeError("unavailable", `${path} cannot be read (${code || "unknown reason"}).`, {
      field: "path",
      hint: "Check its permissions.",
      cause,
    });
  }
}
