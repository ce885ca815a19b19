/** A facet of the storage contract with plain returns in place of promises: what the engine inside its thread keeps. */
export type Sync<Facet> = {
  readonly [Member in keyof Facet]: Facet[Member] extends (...args: infer Args) => Promise<infer Result>
    ? (...args: Args) => Result
    : Facet[Member];
};

/**
 * Runs work in one `BEGIN IMMEDIATE` transaction and commits it. When the store is locked the whole work is
 * done again, so it must have no effect outside the database that `rolledBack` does not undo; `rolledBack`
 * runs after every ROLLBACK. Inside an open transaction the work simply joins it.
 * @throws KnowledgeError `unavailable` when the store stays locked for 30 s or cannot be written.
 */
export type Immediate = <Result>(work: () => Result, rolledBack?: () => void) => Result;
