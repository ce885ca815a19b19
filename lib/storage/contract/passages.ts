import type { Kind, ProjectId, RowId } from "../../domain/ids.ts";
import type { Degradation, SearchFilter } from "../../domain/search.ts";
import type { Timestamp } from "../../domain/timestamp.ts";

/** The identity of a set of vectors; vectors of different spaces are never compared. */
export interface SpaceIdentity {
  readonly model: string;
  readonly revision: string;
  readonly dimensions: number;
  readonly pooling: string;
  readonly normalised: boolean;
}

export interface Chunks {
  /** Passages of these ids, in the order of the ids; missing ids are left out. */
  byIds(ids: readonly number[]): Promise<readonly Chunk[]>;
  /** Passages of one row, by ordinal. */
  ofRow(project: ProjectId, kind: Kind, id: RowId): Promise<readonly Chunk[]>;
  /**
   * Passages of these projects (all projects when empty) without a vector in the space, oldest id first.
   * Vectors of equal text (`textHash`) in the same space are given to them first, so that nothing is embedded twice.
   */
  owed(projects: readonly ProjectId[], space: SpaceIdentity, limit: number): Promise<readonly Chunk[]>;
  /** Stores vectors; a passage that is gone meanwhile is passed over. Returns how many were stored. */
  putVectors(space: SpaceIdentity, vectors: readonly ChunkVector[]): Promise<number>;
  /** Passages of the projects (all when empty), and how many have a vector in the space. */
  coverage(
    projects: readonly ProjectId[],
    space: SpaceIdentity,
  ): Promise<{ readonly chunks: number; readonly embedded: number }>;
  /** Drops and rebuilds the word index, term frequencies and vector codes from `chunks` and `vectors`. */
  rebuildIndex(): Promise<void>;
}

export interface Chunk {
  /** The store's own number: not carried by copies. */
  readonly id: number;
  readonly project: ProjectId;
  readonly kind: Kind;
  readonly owner: RowId;
  readonly ordinal: number;
  readonly heading: string;
  readonly text: string;
  readonly textHash: string;
  readonly date: Timestamp;
}

export interface ChunkVector {
  readonly chunk: number;
  readonly textHash: string;
  /** Normalised; as many numbers as the space has dimensions, all finite. */
  readonly embedding: Float32Array;
}

/** A term of a query with the weight that the analyser gives it. */
export interface SearchTerm {
  readonly term: string;
  readonly weight: number;
}

export interface Search {
  /** Ranked by BM25 over the candidates of RULES 24. */
  byWords(request: WordSearch): Promise<WordHits>;
  /** Ranked by exact cosine over exact or near-exact candidates (recall ≥ .98). */
  byVector(request: VectorSearch): Promise<VectorHits>;
}

export interface WordSearch {
  readonly projects: readonly ProjectId[];
  readonly terms: readonly SearchTerm[];
  readonly filter: SearchFilter;
  /** Passages wanted, at most 1,000. */
  readonly limit: number;
}

export interface VectorSearch {
  readonly projects: readonly ProjectId[];
  readonly space: SpaceIdentity;
  readonly vector: Float32Array;
  readonly filter: SearchFilter;
  readonly limit: number;
}

/** One passage found; order: score (rounded to 1e-6) descending, date descending, owner id ascending, ordinal. */
export interface Hit {
  readonly chunk: number;
  readonly project: ProjectId;
  readonly kind: Kind;
  readonly owner: RowId;
  readonly ordinal: number;
  readonly date: Timestamp;
  readonly score: number;
}

export interface WordHits {
  readonly hits: readonly Hit[];
  /** Terms of the query that occur in the projects at all. */
  readonly known: readonly string[];
  /** `bounded` when common words were read in part. */
  readonly degraded: Extract<Degradation, "bounded" | "reading_from_copy"> | null;
}

export interface VectorHits {
  readonly hits: readonly Hit[];
  /** Share of the projects' passages that have a vector in this space, 0 to 1; 1 when there are none. */
  readonly coverage: number;
  /** Set where the store that counts is away and its copy answered. */
  readonly degraded?: Extract<Degradation, "reading_from_copy"> | undefined;
}
