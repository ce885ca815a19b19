import type { ObjectSchema } from "../json-schema.ts";

const STRING = { type: "string" };
const NUMBER = { type: "number" };
const ITEMS = { type: "array", items: { type: "object" } };

/** The output schema of a tool that gives a counted page of rows. */
export function pageOutput(rows: string): ObjectSchema {
  return {
    type: "object",
    properties: {
      count: { type: "integer" },
      countExact: { type: "boolean" },
      [rows]: ITEMS,
      omitted: { type: "integer" },
      nextCursor: STRING,
    },
    required: ["count", "countExact", rows],
  };
}

/** The output schema of a tool that gives one row: what every row has. */
export const ROW_OUTPUT: ObjectSchema = {
  type: "object",
  properties: {
    id: STRING,
    ref: STRING,
    revision: { type: "integer" },
    quoted: STRING,
    age: STRING,
    shortened: { type: "boolean" },
    nextCursor: STRING,
  },
  required: ["id", "ref"],
};

export const SEARCH_OUTPUT: ObjectSchema = {
  type: "object",
  properties: {
    query: STRING,
    mode: STRING,
    count: { type: "integer" },
    results: ITEMS,
    degraded: { type: ["string", "null"] },
    coverage: NUMBER,
    abstained: { type: "boolean" },
    tokens: { type: "integer" },
    omitted: { type: "integer" },
    nextCursor: STRING,
  },
  required: ["query", "mode", "count", "results", "degraded", "coverage", "abstained"],
};

export const RESUME_OUTPUT: ObjectSchema = {
  type: "object",
  properties: {
    project: { type: "object" },
    activePlans: ITEMS,
    lastSessions: ITEMS,
    openTasks: ITEMS,
    recentDecisions: ITEMS,
    recentFailures: ITEMS,
    changedSince: { type: ["object", "null"] },
    cursor: STRING,
    tokens: { type: "integer" },
    omitted: { type: "integer" },
  },
  required: [
    "project",
    "activePlans",
    "lastSessions",
    "openTasks",
    "recentDecisions",
    "recentFailures",
    "changedSince",
    "cursor",
  ],
};

export const STATUS_OUTPUT: ObjectSchema = {
  type: "object",
  properties: {
    storage: { type: "object" },
    project: { type: "object" },
    embedding: { type: "object" },
    index: { type: "object" },
    advice: { type: "array", items: STRING },
  },
  required: ["storage", "embedding", "index", "advice"],
};

export const HISTORY_OUTPUT: ObjectSchema = {
  type: "object",
  properties: {
    id: STRING,
    ref: STRING,
    kind: STRING,
    title: STRING,
    entries: ITEMS,
    asOf: { type: "object" },
    omitted: { type: "integer" },
    nextCursor: STRING,
  },
  required: ["id", "entries"],
};

export const REPORT_OUTPUT: ObjectSchema = {
  type: "object",
  properties: {
    ok: { type: "boolean" },
    found: { type: "integer" },
    indexed: { type: "integer" },
    unchanged: { type: "integer" },
    skipped: { type: "integer" },
    removed: { type: "integer" },
    failed: { type: "integer" },
    warnings: ITEMS,
  },
  required: ["ok", "found", "indexed", "unchanged", "skipped", "failed", "warnings"],
};

export const PROJECT_OUTPUT: ObjectSchema = {
  type: "object",
  properties: {
    project: { type: "object" },
    embedding: { type: "object" },
    index: { type: "object" },
  },
  required: ["project", "embedding", "index"],
};
