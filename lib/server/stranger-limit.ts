import type { IncomingMessage } from "node:http";
import { sha256 } from "../domain/ids.ts";
import type { ClientAddress } from "./client-address.ts";
import { putNewest } from "./newest-entries.ts";
import { openRateLimit } from "./rate-limit.ts";

/** Credentials that may fail in a minute, of each address; ten seconds' worth may come at once. */
const FAILURES_PER_MINUTE = 600;
/** Credentials that counted and are remembered. */
const MOST_KNOWN = 10_000;

/** What came of checking a credential. */
export type Checked = "counts" | "does not count" | "not checked";

export interface Attempt {
  end(found: Checked): void;
}

/**
 * How many credentials that do not count may come from one address: each costs a question to the database, which callers
 * wait for. A credential that counted here is checked whatever else comes from its address.
 */
export interface StrangerLimit {
  /** Before a credential is checked; the seconds to wait when too many failed. Whoever began ends it. */
  begin(request: IncomingMessage): Attempt | { readonly waitSeconds: number };
}

export function openStrangerLimit(addressOf: ClientAddress, clock: () => number): StrangerLimit {
  const failures = openRateLimit(FAILURES_PER_MINUTE, clock);
  const known = new Map<string, true>();
  return {
    begin: (request) => {
      const credential = sha256(request.headers.authorization ?? "");
      const isKnown = known.has(credential);
      const address = addressOf(request);
      const waitSeconds = isKnown ? undefined : failures.take(address, 1);
      if (waitSeconds !== undefined) return { waitSeconds };
      return {
        end: (found) => {
          if (found === "counts") putNewest(known, credential, true, MOST_KNOWN);
          if (found === "does not count") known.delete(credential);
          else if (!isKnown) failures.give(address, 1);
        },
      };
    },
  };
}
