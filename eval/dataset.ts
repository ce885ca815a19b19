import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import * as z from "zod";
import { KnowledgeError } from "../lib/domain/error.ts";
import type { Judgements } from "./metrics.ts";

const id = z.union([z.string(), z.number()]).transform(String);
const documentSchema = z.looseObject({
  id,
  text: z.string(),
  title: z.string().optional(),
  scope: id.optional(),
});
const querySchema = z.looseObject({ id, text: z.string(), scope: id.optional() });
const judgementSchema = z.looseObject({ qid: id, docid: id, rel: z.number() });

/** A retrieval set: documents, questions and which document answers which question. */
export interface Dataset {
  readonly name: string;
  readonly documents: readonly z.infer<typeof documentSchema>[];
  readonly queries: readonly z.infer<typeof querySchema>[];
  /** By query; only queries with a relevant document count. */
  readonly judgements: ReadonlyMap<string, Judgements>;
}

const FILES = ["docs.jsonl", "queries.jsonl", "qrels.jsonl"] as const;

/** The set in a folder, or the sets in its folders, by name. @throws KnowledgeError `invalid_input`. */
export function findDatasets(folder: string): readonly string[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new KnowledgeError("invalid_input", `--data ${folder} is not a folder.`, {
      field: "data",
      hint: "Give a set (docs.jsonl, queries.jsonl, qrels.jsonl) or a folder of sets.",
    });
  }
  if (isDataset(folder)) return [folder];
  const found = readdirSync(folder)
    .sort()
    .map((name) => join(folder, name))
    .filter(isDataset);
  if (found.length > 0) return found;
  throw new KnowledgeError("invalid_input", `--data ${folder} holds no set.`, {
    field: "data",
    hint: "A set is a folder with docs.jsonl, queries.jsonl and qrels.jsonl.",
  });
}

export function loadDataset(folder: string): Dataset {
  const judgements = new Map<string, Map<string, number>>();
  for (const { qid, docid, rel } of readLines(join(folder, "qrels.jsonl"), judgementSchema)) {
    const own = judgements.get(qid) ?? new Map<string, number>();
    judgements.set(qid, own.set(docid, rel));
  }
  const answered = new Map([...judgements].filter(([, own]) => [...own.values()].some((grade) => grade > 0)));
  return {
    name: basename(folder),
    documents: readLines(join(folder, "docs.jsonl"), documentSchema),
    queries: readLines(join(folder, "queries.jsonl"), querySchema),
    judgements: answered,
  };
}

function isDataset(folder: string): boolean {
  return FILES.every((file) => existsSync(join(folder, file)));
}

function readLines<Schema extends z.ZodType>(path: string, schema: Schema): z.infer<Schema>[] {
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.flatMap((line, index) => {
    if (line.trim() === "") return [];
    const parsed = schema.safeParse(JSON.parse(line));
    if (parsed.success) return [parsed.data];
    throw new KnowledgeError("invalid_input", `${path} line ${index + 1} does not have the form of a set.`, {
      field: "data",
      cause: parsed.error,
    });
  });
}
