/** Relevance of documents for one query: id → grade, 0 for judged irrelevant. */
export type Judgements = ReadonlyMap<string, number>;

/** Figures of one query, each 0 to 1. */
export interface QueryFigures {
  /** nDCG with linear gain and log2 discount, as trec_eval and BEIR define it. */
  readonly ndcg10: number;
  /** Share of the relevant documents among the first 5. */
  readonly recall5: number;
  readonly recall10: number;
  /** 1 when every relevant document is among the first 5. */
  readonly strict5: number;
  /** 1 when a relevant document is among the first 5. */
  readonly any5: number;
  /** 1 / rank of the first relevant document, 0 without any. */
  readonly mrr: number;
}

export const FIGURES = ["ndcg10", "recall5", "recall10", "strict5", "any5", "mrr"] as const;

/** The figures of one ranked list of ids, best first. At least one judgement must be above 0. */
export function figuresOf(ranked: readonly string[], judged: Judgements): QueryFigures {
  const relevant = [...judged.values()].filter((grade) => grade > 0).length;
  const found = (k: number): number => ranked.slice(0, k).filter((id) => (judged.get(id) ?? 0) > 0).length;
  const first = ranked.findIndex((id) => (judged.get(id) ?? 0) > 0);
  return {
    ndcg10: ndcg(ranked, judged, 10),
    recall5: found(5) / relevant,
    recall10: found(10) / relevant,
    strict5: found(5) === relevant ? 1 : 0,
    any5: found(5) > 0 ? 1 : 0,
    mrr: first < 0 ? 0 : 1 / (first + 1),
  };
}

/** Mean of each figure; zeros without any query. */
export function meanOf(all: readonly QueryFigures[]): QueryFigures {
  const mean = (name: keyof QueryFigures): number =>
    all.reduce((sum, one) => sum + one[name], 0) / Math.max(all.length, 1);
  return {
    ndcg10: mean("ndcg10"),
    recall5: mean("recall5"),
    recall10: mean("recall10"),
    strict5: mean("strict5"),
    any5: mean("any5"),
    mrr: mean("mrr"),
  };
}

function ndcg(ranked: readonly string[], judged: Judgements, k: number): number {
  const gain = (grades: readonly number[]): number =>
    grades.slice(0, k).reduce((sum, grade, index) => sum + Math.max(grade, 0) / Math.log2(index + 2), 0);
  const ideal = gain([...judged.values()].sort((a, b) => b - a));
  return ideal === 0 ? 0 : gain(ranked.map((id) => judged.get(id) ?? 0)) / ideal;
}
