import * as z from "zod";
import { projectIdSchema, rowIdSchema } from "./ids.ts";
import { timestampSchema } from "./timestamp.ts";
import { PLAN_PRIORITIES, PLAN_STATUSES, PLAN_TYPES } from "./vocabulary.ts";

/** A reference from a plan to something else, as written: a ref, a slug, a path or a title. */
export const planLinkSchema = z.object({
  rel: z.string(),
  target: z.string(),
  /** The ref of the row that the target names in the same project, when there is one. */
  resolved: z.string().optional(),
});

/** A plan: an intention with a status. RFCs, specs, proposals, decision records and tasks are plans too. */
export const planSchema = z.object({
  id: rowIdSchema,
  ref: z.string(),
  project: projectIdSchema,
  slug: z.string(),
  title: z.string(),
  status: z.enum(PLAN_STATUSES),
  /** The status as a file words it, when that is not the closed value itself. */
  statusText: z.string().optional(),
  priority: z.enum(PLAN_PRIORITIES).optional(),
  type: z.enum(PLAN_TYPES).optional(),
  author: z.string().optional(),
  description: z.string().optional(),
  topics: z.array(z.string()),
  links: z.array(planLinkSchema),
  source: z.enum(["file", "store"]),
  /** Path below the project's root, with `/`. */
  path: z.string().optional(),
  createdAt: timestampSchema,
  updatedAt: timestampSchema,
  startedAt: timestampSchema.optional(),
  completedAt: timestampSchema.optional(),
  revision: z.int().min(1),
  contentHash: z.string(),
});

export type PlanLink = z.infer<typeof planLinkSchema>;
export type Plan = z.infer<typeof planSchema>;
