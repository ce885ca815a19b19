import { KnowledgeError } from "../../domain/error.ts";
import { newerSchema } from "../neutral/newer-schema.ts";
import type { Connections } from "./driver.ts";
import { readSchema, type SchemaState } from "./schema.ts";

/** What is known of the schema of an open store, which another process may change at any time. */
export interface KnownSchema {
  /** As it was when looked at last. */
  state(): SchemaState;
  /** Takes over what has just been looked at. */
  note(state: SchemaState): void;
  /** True when reading, or writing, needs neither a look nor a check before: the two below would find nothing. */
  isSettled(use: "read" | "write"): boolean;
  /** @throws KnowledgeError `schema_mismatch` as long as this program cannot read the store. */
  requireReading(): Promise<void>;
  /** @throws KnowledgeError `schema_mismatch` as long as it cannot write it. */
  requireWriting(): Promise<void>;
}

export interface KnownSchemaOptions {
  readonly connections: Connections;
  readonly state: SchemaState;
  /** The check before the store is first used with a schema that is whole. */
  readonly check: () => Promise<void>;
}

/** How often a schema that is in the way is looked at again: somebody may have migrated. */
const REFUSED_MS = 1_000;
/** How often one that is not: a newer program may have changed it so that ours must not write. */
const WRITING_MS = 30_000;

export function openKnownSchema({ connections, state: first, check }: KnownSchemaOptions): KnownSchema {
  let state = first;
  /** That of a schema which not even its readers understand. */
  let refusal: KnowledgeError | undefined;
  let lookedAt = performance.now();
  let looking: Promise<void> | undefined;
  let checked: Promise<void> | undefined;
  let isChecked = false;
  const note = (seen: SchemaState) => {
    if (seen.version !== state.version) {
      checked = undefined;
      isChecked = false;
    }
    state = seen;
    refusal = undefined;
    lookedAt = performance.now();
  };
  const isReadable = () => refusal === undefined && state.pending.length === 0;
  const look = async () => {
    lookedAt = performance.now();
    try {
      note(await readSchema(connections));
    } catch (error) {
      if (error instanceof KnowledgeError && error.code === "schema_mismatch") refusal = error;
      // What is lost for a moment is the statement's matter, which is tried again.
      else if (!isReadable()) throw error;
    }
  };
  const lookIfOlder = (ms: number): Promise<void> | undefined => {
    if (looking === undefined && performance.now() - lookedAt >= ms)
      looking = look().finally(() => {
        looking = undefined;
      });
    return looking;
  };
  const requireReading = async () => {
    if (!isReadable()) await lookIfOlder(REFUSED_MS);
    if (refusal !== undefined) throw refusal;
    if (state.pending.length > 0) throw olderSchema(state, connections.location);
    checked ??= check();
    try {
      await checked;
      isChecked = true;
    } catch (error) {
      checked = undefined;
      throw error;
    }
  };
  return {
    state: () => state,
    note,
    isSettled: (use) => {
      if (!isReadable() || !isChecked) return false;
      const isFresh = looking === undefined && performance.now() - lookedAt < WRITING_MS;
      return use === "read" || (isFresh && state.access !== "read");
    },
    requireReading,
    requireWriting: async () => {
      if (isReadable()) await lookIfOlder(state.access === "read" ? REFUSED_MS : WRITING_MS);
      await requireReading();
      if (state.access === "read") throw newerSchema();
    },
  };
}

function olderSchema({ version }: SchemaState, location: string): KnowledgeError {
  const what =
    version === 0
      ? `The database ${location} holds no store yet.`
      : `The store in ${location} has an older schema (${version}).`;
  return new KnowledgeError("schema_mismatch", what, {
    hint: "Run `aiknowsys migrate` with a login that owns the schema.",
    current: { schema: version },
  });
}
