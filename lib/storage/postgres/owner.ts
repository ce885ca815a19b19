import { KnowledgeError } from "../../domain/error.ts";
import type { Upkeep } from "../contract/upkeep.ts";
import type { Database } from "./driver.ts";
import { codeOf } from "./errors.ts";

/** A database in which the owner's chores are done; a login that may not do them hears whose they are. */
export function asOwner(database: Database): Database {
  return {
    read: (work) => explained(() => database.read(work)),
    write: (work) => explained(() => database.write(work)),
  };
}

/** For a store as one caller has it: the owner's chores are not in it, whatever its login may do (RULES 2). */
export function nobodysOwn(): Database {
  const refuse = refusing("Tenants, tokens and projects as a whole are the owner's matter.");
  return { read: refuse, write: refuse };
}

/** Upkeep as one caller has it: what changes the schema, or rows of every caller, is not in it. */
export function withoutChores(upkeep: Upkeep): Upkeep {
  const refuse = refusing("Changing the schema and repairing the store are the owner's matter.");
  return { ...upkeep, migrate: refuse, repair: refuse };
}

function refusing(sentence: string): () => Promise<never> {
  return async () => {
    throw new KnowledgeError("forbidden", sentence, {
      hint: "Use the command line with the login that owns the store.",
    });
  };
}

async function explained<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const cause = error instanceof KnowledgeError ? error.cause : undefined;
    if (codeOf(cause) !== "42501") throw error;
    throw new KnowledgeError("forbidden", "This login may not act as the owner of the store.", {
      hint: "Use the login that ran `aiknowsys migrate`; one for daily work is not to see all tenants.",
      cause,
    });
  }
}
