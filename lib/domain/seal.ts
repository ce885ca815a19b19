import { canonicalJson } from "./canonical-json.ts";
import { sha256 } from "./ids.ts";

/** What the first seal of a project names as the hash before it. */
export const FIRST_SEAL = "0".repeat(64);

/** Lines that one seal covers at most. */
export const MOST_SEALED = 5_000;

/**
 * The hash of a seal (RULES 16): SHA-256 over the hash before it and the sealed lines in the order of
 * `seq`, each as canonical JSON with its `seq`, one a line. A changed, missing or added line changes it.
 */
export function sealHash(previous: string, lines: readonly object[]): string {
  return sha256([previous, ...lines.map(canonicalJson)].join("\n"));
}
