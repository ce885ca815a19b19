import type { AuditChain, Seal } from "../domain/audit.ts";
import { MOST_SEALED, sealHash } from "../domain/seal.ts";
import type { Audit } from "../storage/contract/audit.ts";

/** Seals of one chain: the store's own, and those that imports brought along. */
export interface ChainSeals {
  readonly own: readonly Seal[];
  readonly foreign: readonly Seal[];
}

/** What stands of lines that were sealed in other stores. */
export interface ImportedLines {
  /** Numbered lines in the ranges of other stores' seals that no seal of this store covers. */
  readonly covered: number;
  /** Of these, lines that still give the hash of a seal. */
  readonly proved: number;
  /** Seals of which all lines are here, and other ones. */
  readonly altered: readonly { readonly fromSeq: number; readonly toSeq: number; readonly why: string }[];
}

/**
 * An import keeps a line's number where that is free here, so another store's seal may stand whole, in part or not at
 * all. A seal wider than any that is made covers nothing: it would hide whatever is added.
 */
export async function importedLines(
  audit: Audit,
  { log, project }: Pick<AuditChain, "log" | "project">,
  { own, foreign }: ChainSeals,
): Promise<ImportedLines> {
  const spans = joined(own);
  const seals = foreign
    .filter(({ fromSeq, toSeq }) => toSeq - fromSeq < MOST_SEALED)
    .toSorted((a, b) => a.fromSeq - b.fromSeq);
  const counts = { covered: 0, proved: 0 };
  const upTo = { covered: 0, proved: 0 };
  const count = (what: "covered" | "proved", numbers: readonly number[], { toSeq }: Seal): void => {
    counts[what] += numbers.filter((seq) => seq > upTo[what]).length;
    upTo[what] = Math.max(upTo[what], toSeq);
  };
  const altered: { fromSeq: number; toSeq: number; why: string }[] = [];
  for (const seal of seals) {
    const { fromSeq, toSeq } = seal;
    const lines = await audit.lines(log, project, seal);
    const numbers = lines.flatMap(({ seq }) => (seq === undefined || isWithin(spans, seq) ? [] : [seq]));
    count("covered", numbers, seal);
    const isWhole = numbers.length === toSeq - fromSeq + 1;
    if (isWhole && sealHash(seal.previous, lines) === seal.hash) count("proved", numbers, seal);
    else if (isWhole && !seals.some((other) => isOverlapping(seal, other)))
      altered.push({ fromSeq, toSeq, why: "an imported line was altered or exchanged" });
  }
  return { ...counts, altered };
}

type Span = Pick<Seal, "fromSeq" | "toSeq">;

/** Ranges that follow one another as one. */
function joined(seals: readonly Seal[]): readonly Span[] {
  const spans: { fromSeq: number; toSeq: number }[] = [];
  for (const { fromSeq, toSeq } of seals.toSorted((a, b) => a.fromSeq - b.fromSeq)) {
    const last = spans.at(-1);
    if (last !== undefined && fromSeq <= last.toSeq + 1) last.toSeq = Math.max(last.toSeq, toSeq);
    else spans.push({ fromSeq, toSeq });
  }
  return spans;
}

function isWithin(spans: readonly Span[], seq: number): boolean {
  return spans.some(({ fromSeq, toSeq }) => seq >= fromSeq && seq <= toSeq);
}

/** Two stores gave the same numbers: only one of their lines has it here. */
function isOverlapping(seal: Seal, other: Seal): boolean {
  return other.store !== seal.store && other.fromSeq <= seal.toSeq && other.toSeq >= seal.fromSeq;
}
