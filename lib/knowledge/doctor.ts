import type { Deps } from "./deps.ts";

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** Where it is not ok: `warning` when the store serves and keeps everything all the same. Default: `error`. */
  readonly severity?: "error" | "warning" | undefined;
  readonly detail: string;
  readonly advice?: string | undefined;
}

export interface DoctorReport {
  /** No check found an error; there may be warnings. */
  readonly ok: boolean;
  readonly checks: readonly Check[];
  /** What was repaired, one sentence each. */
  readonly fixed: readonly string[];
}

/** Examines the store in depth; with `fix`, rebuilds what is derived and examines again. Truth is never touched. */
export async function doctor(
  deps: Deps,
  options: { readonly fix?: boolean | undefined } = {},
): Promise<DoctorReport> {
  const fixed = options.fix === true ? await deps.storage.upkeep.repair() : [];
  const checks = [await storeCheck(deps), ...(await findingChecks(deps)), await modelCheck(deps)];
  return { ok: checks.every(({ ok, severity }) => ok || severity === "warning"), checks, fixed };
}

async function storeCheck(deps: Deps): Promise<Check> {
  const { engine, engineVersion, schemaVersion, location } = await deps.storage.upkeep.figures();
  return {
    name: "store",
    ok: true,
    detail: `${engine} ${engineVersion}, schema ${schemaVersion}, ${location}`,
  };
}

async function findingChecks(deps: Deps): Promise<readonly Check[]> {
  const findings = await deps.storage.upkeep.check();
  if (findings.length === 0)
    return [{ name: "integrity", ok: true, detail: "File, rows, word index and vectors agree." }];
  return findings.map(({ severity, what, advice }) => ({
    name: "integrity",
    ok: false,
    severity,
    detail: what,
    advice,
  }));
}

async function modelCheck(deps: Deps): Promise<Check> {
  const { embedder } = deps;
  if (embedder === undefined)
    return {
      name: "embedding",
      ok: true,
      detail: "Off (EMBEDDING_PROVIDER=none): search finds by words only.",
    };
  try {
    const [vector] = await embedder.embed(["self-test"]);
    const dimensions = vector?.length ?? 0;
    return {
      name: "embedding",
      ok: dimensions === embedder.space.dimensions,
      detail: `${embedder.space.model}, ${dimensions} dimensions.`,
    };
  } catch (error) {
    return {
      name: "embedding",
      ok: false,
      detail: error instanceof Error ? error.message : String(error),
      advice: "Search goes on by words. Reinstall the package, or set EMBEDDING_PROVIDER.",
    };
  }
}
