import { bm25 } from "../../ranking/bm25.ts";

export interface PlannedTerm {
  readonly term: string;
  readonly weight: number;
  readonly df: number;
}
export function planCandidates(terms: readonly PlannedTerm[], cap = 10_000) {
  const sorted = terms.filter((t) => t.df > 0).sort((a, b) => a.df - b.df || (a.term < b.term ? -1 : 1));
  const read: { term: string; limit?: number }[] = [];
  const unread: string[] = [];
  let sum = 0;
  let bounded = false;
  for (const t of sorted) {
    if (read.length > 0 && sum >= cap) unread.push(t.term);
    else if (read.length === 0 && t.df > cap) {
      read.push({ term: t.term, limit: cap });
      bounded = true;
      sum = cap;
    } else if (sum + t.df > cap && read.length > 0) {
      unread.push(t.term);
      sum = cap;
    } else {
      read.push({ term: t.term });
      sum += t.df;
    }
  }
  return { read, unread, bounded };
}
export interface Posting {
  readonly term: string;
  readonly weight: number;
  readonly df: number;
  readonly docs: ArrayLike<number>;
  readonly tfs: ArrayLike<number>;
}
export function scoreCandidates(o: {
  postings: readonly Posting[];
  lengthOf(d: number): number;
  accept(d: number): boolean;
  n: number;
  averageLength: number;
  limit: number;
}) {
  const m = new Map<number, number>();
  for (const p of o.postings)
    for (let i = 0; i < p.docs.length; i++) {
      const d = p.docs[i] ?? 0;
      if (!o.accept(d)) continue;
      m.set(
        d,
        (m.get(d) ?? 0) +
          p.weight *
            bm25({
              tf: p.tfs[i] ?? 0,
              df: p.df,
              n: o.n,
              length: o.lengthOf(d),
              averageLength: o.averageLength,
            }),
      );
    }
  return [...m]
    .map(([doc, score]) => ({ doc, score: Math.round(score * 1e6) / 1e6 }))
    .sort((a, b) => b.score - a.score);
}
export function countTerms(terms: string, wanted: readonly string[]): number[] {
  const all = terms.split(" ");
  return wanted.map((w) => all.filter((t) => t === w).length);
}
