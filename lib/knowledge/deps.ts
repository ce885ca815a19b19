import type { Project } from "../domain/project.ts";
import type { Embedder } from "../embedding/embedder.ts";
import type { StorageAdapter } from "../storage/adapter.ts";

/** Where messages for people and operators go; never to stdout. */
export interface Logger {
  debug(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
}

/** Keeps, per project and client, how far `resume` has shown the change log. */
export interface CursorMemory {
  read(key: string): string | undefined;
  write(key: string, cursor: string): void;
}

/** What every use case is handed. */
export interface Deps {
  readonly storage: StorageAdapter;
  /** Absent with EMBEDDING_PROVIDER=none. */
  readonly embedder: Embedder | undefined;
  /** `local`, or who receives the text that is embedded. */
  readonly embeddingProvider: string;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly random: (bytes: number) => Uint8Array;
  readonly log: Logger;
  /** Who writes, as history shows it. */
  readonly actor: string;
  readonly cursors: CursorMemory;
  /** The folder that the caller stands in: of several working copies of a project, files of this one come first. */
  readonly cwd?: string | undefined;
  /** Where new plans and sessions are kept unless told otherwise. */
  readonly documents: "store" | "files";
}

/** Where a command works. */
export interface Scope {
  /** The current project; undefined where there is none (a new folder, `/`, the home folder). */
  readonly project: Project | undefined;
  /** The projects that reads look at. */
  readonly projects: readonly Project[];
}
