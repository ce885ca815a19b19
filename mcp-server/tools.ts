import { KnowledgeError } from "../lib/domain/error.ts";
import type { Tool } from "./tool.ts";
import { queryEventsTool, recordEventTool } from "./tools/events.ts";
import { getHistoryTool, learnPatternTool, retractTool } from "./tools/learning.ts";
import { createPlanTool, queryPlansTool, updatePlanTool } from "./tools/plans.ts";
import { getDocumentTool, getStatusTool, resumeWorkTool, semanticSearchTool } from "./tools/recall.ts";
import { createSessionTool, querySessionsTool, updateSessionTool } from "./tools/sessions.ts";
import { indexWorkspaceTool, listProjectsTool, projectStatsTool } from "./tools/workspace.ts";

export const PROFILES = ["core", "readonly", "full"] as const;
export type Profile = (typeof PROFILES)[number];

const CORE: readonly Tool[] = [
  resumeWorkTool,
  semanticSearchTool,
  getDocumentTool,
  queryPlansTool,
  createPlanTool,
  updatePlanTool,
  querySessionsTool,
  createSessionTool,
  updateSessionTool,
  queryEventsTool,
  recordEventTool,
  getStatusTool,
];

/** What `full` has beside the core. */
const MORE: readonly Tool[] = [
  indexWorkspaceTool,
  learnPatternTool,
  retractTool,
  getHistoryTool,
  listProjectsTool,
  projectStatsTool,
];

/** The tools of a profile, in their fixed order. */
export function toolsOf(profile: Profile): readonly Tool[] {
  switch (profile) {
    case "core":
      return CORE;
    case "readonly":
      return CORE.filter(({ writes }) => !writes);
    case "full":
      return [...CORE, ...MORE];
    default:
      return profile satisfies never;
  }
}

/** The profile that `--tools` names. @throws KnowledgeError `invalid_input`. */
export function parseProfile(text: string): Profile {
  const profile = PROFILES.find((name) => name === text.trim().toLowerCase());
  if (profile !== undefined) return profile;
  throw new KnowledgeError(
    "invalid_input",
    `--tools ${text.slice(0, 40)} is not a profile of this version.`,
    {
      field: "tools",
      valid: PROFILES,
      hint: `Use one of: ${PROFILES.join(", ")}.`,
    },
  );
}
