import type { KnowledgeError } from "../domain/error.ts";
import type { SalvagedTable, SalvageReport } from "../storage/contract/upkeep.ts";
import type { Check, DoctorReport } from "./doctor.ts";

/** Tables that hold what people wrote; the rest can be made from them or is bookkeeping. */
const TRUTH = ["projects", "plans", "sessions", "patterns", "events", "revisions", "changes", "vectors"];

/** What can be saved of a store that is too damaged to be opened; `into` is the new store, when one was made. */
export function reportOfDamaged(problem: KnowledgeError, saved: SalvageReport, into?: string): DoctorReport {
  const store: Check = {
    name: "store",
    ok: false,
    detail: problem.message,
    advice:
      into === undefined
        ? "Run `aiknowsys doctor --fix` to copy what can be read into a new store; the damaged file is not touched."
        : `Use the new store with --db ${into}, or put it in the place of the damaged one; then run \`aiknowsys index\` in your projects.`,
  };
  if (saved.unreadable !== undefined) {
    const advice = "Restore a backup, or move the file away and index your projects again.";
    return {
      ok: false,
      checks: [
        { ...store, advice },
        { name: "rows", ok: false, detail: saved.unreadable },
      ],
      fixed: [],
    };
  }
  const truth = saved.tables.filter(({ table }) => TRUTH.includes(table));
  const fixed = into === undefined ? [] : [`Copied ${keptOf(truth)} readable rows into ${into}.`];
  return { ok: false, checks: [store, ...truth.map(checkOf)], fixed };
}

function checkOf({ table, rows, kept, whole }: SalvagedTable): Check {
  const taken =
    kept === undefined ? `${rows} rows can be read` : `${kept} of ${rows} readable rows were copied`;
  return {
    name: table,
    ok: whole,
    detail: whole ? `${taken}; none is missing.` : `${taken}; the rest is damaged.`,
  };
}

function keptOf(tables: readonly SalvagedTable[]): number {
  return tables.reduce((sum, { kept = 0 }) => sum + kept, 0);
}
