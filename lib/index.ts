/** The public API: open a store, and the words to talk to it. */
export { ERROR_CODES, type ErrorCode, KnowledgeError } from "./domain/error.ts";
export type { Event } from "./domain/event.ts";
export type { Kind, ProjectId, RowId } from "./domain/ids.ts";
export type { Page, PageRequest } from "./domain/page.ts";
export type { Pattern } from "./domain/pattern.ts";
export type { Plan } from "./domain/plan.ts";
export type { Project } from "./domain/project.ts";
export type { SearchAnswer, SearchFilter, SearchMode, SearchResult } from "./domain/search.ts";
export type { Session } from "./domain/session.ts";
export type { StorageAdapter } from "./storage/adapter.ts";
export { createStorageAdapter } from "./storage/factory.ts";
export { HybridStorage } from "./storage/hybrid/adapter.ts";
export { PostgresStorage } from "./storage/postgres/adapter.ts";
export { SqliteStorage } from "./storage/sqlite/adapter.ts";
