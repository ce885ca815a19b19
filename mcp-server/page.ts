import { countThatFits } from "./fit.ts";

interface Page {
  readonly count: number;
  readonly nextCursor?: string | undefined;
}

/**
 * A page cut to the budget: rows are dropped from its end, `omitted` says how many, and `nextCursor` goes on
 * at the first of them (it comes from asking again for just the rows that fit).
 */
export async function fitPage<
  Name extends string,
  Answer extends Page & { readonly [Key in Name]: readonly unknown[] },
>(answer: Answer, rows: Name, maxTokens: number, ask: (limit: number) => Promise<Answer>): Promise<object> {
  const items: readonly unknown[] = answer[rows];
  const kept = countThatFits(items, { ...answer, [rows]: [] }, maxTokens);
  if (kept === items.length) return answer;
  const page = kept === 0 ? { ...answer, [rows]: [] } : await ask(kept);
  return { ...page, omitted: items.length - kept };
}
