import * as z from "zod";
import { projectIdSchema, rowIdSchema } from "./ids.ts";
import { daySchema, timestampSchema } from "./timestamp.ts";
import { SESSION_STATUSES } from "./vocabulary.ts";

/** A session: what was done in one sitting. Several on one day are normal. */
export const sessionSchema = z.object({
  id: rowIdSchema,
  ref: z.string(),
  project: projectIdSchema,
  slug: z.string(),
  date: daySchema,
  title: z.string(),
  status: z.enum(SESSION_STATUSES),
  statusText: z.string().optional(),
  author: z.string().optional(),
  /** The plan it belongs to, as written (ref, slug or title). */
  plan: z.string().optional(),
  topics: z.array(z.string()),
  phases: z.array(z.string()),
  files: z.array(z.string()),
  durationMinutes: z.number().optional(),
  source: z.enum(["file", "store"]),
  path: z.string().optional(),
  createdAt: timestampSchema,
  updatedAt: timestampSchema,
  revision: z.int().min(1),
  contentHash: z.string(),
});

export type Session = z.infer<typeof sessionSchema>;
