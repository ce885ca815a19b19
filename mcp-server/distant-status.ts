import { includesScope, type TokenScope } from "../lib/domain/token.ts";
import type { Status } from "../lib/knowledge/status.ts";

/**
 * The status as a caller on another machine is told it. How large the whole database is, where it stands and what runs it
 * is no matter of one team among several: only tokens that may administer are told. What can be done here differs, too:
 * the server makes vectors by itself, and no folder of it is the caller's.
 */
export function distantStatus({ storage, ...status }: Status, scope: TokenScope): object {
  const { bytes, location, engineVersion, copy, advice = [], ...own } = storage;
  const isTold = includesScope(scope, "admin");
  const { owed } = status.embedding;
  const waiting = owed === 1 ? "1 passage waits for its vector" : `${owed} passages wait for their vector`;
  return {
    ...status,
    storage: isTold ? storage : own,
    advice: [
      ...(isTold ? advice : []),
      ...(owed > 0 ? [`${waiting}: the server makes vectors by itself.`] : []),
    ],
  };
}
