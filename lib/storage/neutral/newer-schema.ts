import { KnowledgeError } from "../../domain/error.ts";
import type { Finding } from "../contract/upkeep.ts";

/** Why a store that a newer program has migrated is only read. */
export function newerSchema(): KnowledgeError {
  return new KnowledgeError(
    "schema_mismatch",
    "A newer version of AIKnowSys has changed this store's schema.",
    {
      hint: "Reading works; update AIKnowSys to write.",
    },
  );
}

/** The same for who looks after the store; [] where it is written. */
export function writesRefused(access: "write" | "read"): readonly Finding[] {
  if (access === "write") return [];
  const { message: what, hint: advice = "" } = newerSchema();
  return [{ severity: "error", what, advice }];
}
