/** Which index finds vectors in a store that has a choice: `auto` goes by the number of a project's vectors. */
export const VECTOR_INDEX_MODES = ["auto", "exact", "ivfflat", "hnsw"] as const;
export type VectorIndexMode = (typeof VECTOR_INDEX_MODES)[number];
