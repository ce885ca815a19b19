import { lstat } from "node:fs/promises";
import { problemOf } from "../markdown/file-problems.ts";

/** Whether something lies at a path; `problem` says why that cannot be told. */
export type Presence =
  | { readonly state: "there" | "gone" }
  | { readonly state: "unknown"; readonly problem: string };

/** Only the file system's own "no such file" means gone: a folder that may not be entered tells nothing. */
export async function presenceOf(path: string): Promise<Presence> {
  try {
    await lstat(path);
    return { state: "there" };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return { state: "gone" };
    return { state: "unknown", problem: problemOf(error) };
  }
}
