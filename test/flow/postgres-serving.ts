import { expect } from "vitest";
import { asKnowledgeError } from "../../lib/domain/error.ts";
import type { PostgresStorage } from "../../lib/storage/postgres/adapter.ts";
import { chunkDraft, context, newProject, planDraft, write } from "../helpers/store.ts";

/** Code, sentence and hint of a refusal. */
export async function refusal(attempt: Promise<unknown>): Promise<readonly unknown[]> {
  const thrown = await attempt.then(
    () => undefined,
    (error: unknown) => error,
  );
  const { code, message, hint } = asKnowledgeError(thrown);
  return [code, message, hint];
}

/** Fails where a store cannot write, search and check itself. */
export async function requireWorks(storage: PostgresStorage): Promise<void> {
  const project = await newProject(storage);
  const plan = write(planDraft(project), { chunks: [chunkDraft("gantry")] });
  await storage.transaction(context(project), [plan]);
  const terms = [{ term: "gantry", weight: 1 }];
  const found = await storage.search.byWords({ projects: [project], terms, filter: {}, limit: 5 });
  expect(found.hits).toHaveLength(1);
  expect(await storage.upkeep.check()).toEqual([]);
}
