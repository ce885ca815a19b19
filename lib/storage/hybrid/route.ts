import type { CopyingStorage, StorageAdapter } from "../adapter.ts";
import type { Primary } from "./primary.ts";

export type FacetName = Exclude<keyof StorageAdapter, "capabilities" | "transaction" | "close">;

/** Which way calls go. */
export interface Route {
  /** Nothing but the store that counts will do. @throws KnowledgeError `unavailable` when it is away */
  toPrimary<Result>(work: (storage: StorageAdapter) => Promise<Result>): Promise<Result>;
  /** The store that counts, or its copy when that is away. `isCopy` says whose answer it is. */
  read<Result>(work: (storage: StorageAdapter, isCopy: boolean) => Promise<Result>): Promise<Result>;
}

export function openRoute(primary: Primary, copy: CopyingStorage): Route {
  return {
    toPrimary: (work) => primary.ask(work),
    read: async (work) => {
      try {
        return await primary.ask((storage) => work(storage, false));
      } catch (error) {
        if (!primary.isAbsence(error)) throw error;
        // Whatever the copy lacks, that the store is away is what there is to say.
        if (!(await isWhole(copy))) throw error;
        return work(copy, true);
      }
    },
  };
}

/** How a member is called: reading, or where the store that counts is; a function is called when that has succeeded. */
export type Way = "read" | "primary" | (() => void);

/** A facet whose members are called in these ways. */
export function routed<Name extends FacetName>(
  route: Route,
  name: Name,
  members: { readonly [Member in keyof StorageAdapter[Name]]: Way },
): StorageAdapter[Name] {
  const entries = Object.entries(members).map(([member, way]) => {
    const call = (storage: StorageAdapter, args: readonly unknown[]): Promise<unknown> => {
      // SAFETY: the table has a member of the facet under each of its names.
      const facet = storage[name] as unknown as Record<
        string,
        (...args: readonly unknown[]) => Promise<unknown>
      >;
      return facet[member]?.(...args) ?? Promise.reject(new TypeError(`There is no ${name}.${member}.`));
    };
    const goes = async (...args: readonly unknown[]) => {
      if (way === "read") return route.read((storage) => call(storage, args));
      const result = await route.toPrimary((storage) => call(storage, args));
      if (typeof way === "function") way();
      return result;
    };
    return [member, goes];
  });
  // SAFETY: every member of the facet is there, and hands its arguments to the member of the same name.
  return Object.fromEntries(entries) as StorageAdapter[Name];
}

async function isWhole({ copy }: CopyingStorage): Promise<boolean> {
  const state = await copy.state();
  return state?.asOf !== undefined && state.isApart !== true;
}
