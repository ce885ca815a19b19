import * as z from "zod";
import { type ProjectId, projectIdSchema } from "./ids.ts";
import { timestampSchema } from "./timestamp.ts";

/** How many live rows of each kind a project holds. */
export const projectCountsSchema = z.object({
  plans: z.int(),
  sessions: z.int(),
  patterns: z.int(),
  events: z.int(),
  chunks: z.int(),
});

/** A code base. Its keys (normalised remote, git directory, folder) are aliases of one id (RULES 8). */
export const projectSchema = z.object({
  id: projectIdSchema,
  ref: z.string(),
  name: z.string(),
  keys: z.array(z.string()),
  roots: z.array(z.string()),
  createdAt: timestampSchema,
});

export type ProjectCounts = z.infer<typeof projectCountsSchema>;
export type Project = z.infer<typeof projectSchema>;

const MERGED = "merged:";

/** The key by which a project is known as the one that another was merged into; nothing else makes such keys. */
export function mergedKey(id: ProjectId): string {
  return MERGED + id;
}

/** Ids of the projects that were merged into this one. */
export function mergedInto({ keys }: Pick<Project, "keys">): readonly ProjectId[] {
  return keys.flatMap((key) => {
    const id = key.startsWith(MERGED) ? projectIdSchema.safeParse(key.slice(MERGED.length)).data : undefined;
    return id === undefined ? [] : [id];
  });
}
