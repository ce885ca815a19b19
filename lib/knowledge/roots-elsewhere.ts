import type { Deps } from "./deps.ts";
import { isDistantRoot } from "./distant-root.ts";
import { presenceOf } from "./file-presence.ts";

/**
 * Those of a project's working copies that are not looked for on this machine's disk but taken at their word: copies that
 * were sent from elsewhere, and, in a database that several machines write to, folders that this machine does not have.
 */
export async function rootsElsewhere(
  { storage }: Pick<Deps, "storage">,
  roots: readonly string[],
): Promise<ReadonlySet<string>> {
  const isOfOneMachine = storage.capabilities.engine === "sqlite";
  const elsewhere = new Set<string>();
  for (const root of new Set(roots)) {
    const is = isDistantRoot(root) || (!isOfOneMachine && (await presenceOf(root)).state === "gone");
    if (is) elsewhere.add(root);
  }
  return elsewhere;
}
