import type { TransferNote, TransferResult } from "../contract/transfer.ts";
import type { Decision } from "./transfer-decisions.ts";

/** Counts what became of a batch's records. */
export class TransferTally {
  #written = 0;
  #unchanged = 0;
  readonly #notes: TransferNote[] = [];

  written(): void {
    this.#written += 1;
  }

  /** True when the engine is to write the record. */
  decided(index: number, decision: Decision): boolean {
    if (decision.act !== "none") return true;
    if (decision.as === "unchanged") this.#unchanged += 1;
    else this.note(index, decision.as, decision.reason);
    return false;
  }

  note(index: number, what: TransferNote["what"], reason: string): void {
    this.#notes.push({ index, what, reason });
  }

  result(): TransferResult {
    return { written: this.#written, unchanged: this.#unchanged, notes: this.#notes };
  }
}

/** The results of two parts of a batch as one. @param offset where the second part begins */
export function joinResults(first: TransferResult, second: TransferResult, offset: number): TransferResult {
  return {
    written: first.written + second.written,
    unchanged: first.unchanged + second.unchanged,
    notes: [...first.notes, ...second.notes.map((note) => ({ ...note, index: note.index + offset }))],
  };
}
