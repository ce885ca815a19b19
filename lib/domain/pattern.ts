import * as z from "zod";
import { projectIdSchema, rowIdSchema } from "./ids.ts";
import { timestampSchema } from "./timestamp.ts";

/** A pattern: a learned, reusable lesson. Reference documents are patterns of category `reference`. */
export const patternSchema = z.object({
  id: rowIdSchema,
  ref: z.string(),
  project: projectIdSchema,
  slug: z.string(),
  title: z.string(),
  category: z.string().optional(),
  /** Words or situations that should bring the lesson to mind. */
  triggers: z.array(z.string()),
  author: z.string().optional(),
  source: z.enum(["file", "store"]),
  path: z.string().optional(),
  createdAt: timestampSchema,
  updatedAt: timestampSchema,
  revision: z.int().min(1),
  contentHash: z.string(),
});

export type Pattern = z.infer<typeof patternSchema>;
