import * as z from "zod";
import { AUDIT_LOGS } from "../domain/audit.ts";
import { canonicalJson } from "../domain/canonical-json.ts";
import { KnowledgeError } from "../domain/error.ts";
import { type ProjectId, projectIdSchema } from "../domain/ids.ts";
import { timestampOf } from "../domain/timestamp.ts";
import { readLines, sizeOfFile, writeTextFile } from "./compressed-file.ts";
import type { Deps } from "./deps.ts";

const HEADER = { record: "audit", version: 1 };

const sealSchema = z.object({
  record: z.literal("seal"),
  log: z.enum(AUDIT_LOGS),
  project: projectIdSchema,
  fromSeq: z.int(),
  toSeq: z.int(),
  hash: z.string(),
});

/** INTERFACE: the report of `audit --export`. */
export interface AuditExport {
  readonly ok: true;
  readonly output: string;
  readonly calls: number;
  readonly changes: number;
  readonly seals: number;
  /** Lines that came while it was written, or that another process was sealing: they are in the next one. */
  readonly unsealed: number;
  readonly bytes: number;
}

/** Seals what is not sealed yet, then writes the tenant's logs with their seals: JSON Lines, oldest first in each chain. */
export async function exportAudit(
  deps: Pick<Deps, "storage" | "clock">,
  { output }: { readonly output: string },
): Promise<AuditExport> {
  const { audit } = deps.storage;
  await sealAll(deps);
  const counts = { calls: 0, changes: 0, seals: 0 };
  async function* pieces(): AsyncGenerator<string> {
    yield `${canonicalJson(HEADER)}\n`;
    for (const { log, project } of await audit.chains()) {
      for (const seal of await audit.seals(log, project)) {
        // Another store's seal may be over lines that have other numbers here.
        const lines = seal.store === undefined ? await audit.lines(log, project, seal) : [];
        counts[log] += lines.length;
        counts.seals += 1;
        const record = log === "calls" ? "call" : "change";
        const written = [
          ...lines.map((line) => ({ record, ...line })),
          { record: "seal", log, project, ...seal },
        ];
        yield written.map((line) => `${canonicalJson(line)}\n`).join("");
      }
    }
  }
  await writeTextFile(output, pieces());
  const unsealed = (await audit.chains()).reduce((sum, chain) => sum + chain.unsealed, 0);
  return { ok: true, output, ...counts, unsealed, bytes: await sizeOfFile(output) };
}

/** The store's own seals in a file that {@link exportAudit} wrote. @throws KnowledgeError `invalid_input` for another file. */
export async function exportedSeals(path: string): Promise<readonly z.infer<typeof sealSchema>[]> {
  const seals: z.infer<typeof sealSchema>[] = [];
  for await (const { number, bytes } of readLines(path)) {
    const line = parsed(bytes);
    if (number === 1 && line.get("record") !== HEADER.record) throw strange(path, number);
    if (line.get("record") !== "seal" || line.has("store")) continue;
    const seal = sealSchema.safeParse(Object.fromEntries(line));
    if (!seal.success) throw strange(path, number);
    seals.push(seal.data);
  }
  return seals;
}

async function sealAll({ storage, clock }: Pick<Deps, "storage" | "clock">): Promise<void> {
  for (const { log, project, unsealed } of await storage.audit.chains())
    if (unsealed > 0) await sealChain(storage, log, project, timestampOf(clock()));
}

async function sealChain(
  { audit, changes }: Deps["storage"],
  log: (typeof AUDIT_LOGS)[number],
  project: ProjectId,
  at: string,
): Promise<void> {
  await (log === "calls" ? audit.seal({ project }, at) : changes.seal(project, at));
}

function parsed(bytes: Buffer): ReadonlyMap<string, unknown> {
  try {
    const line: unknown = JSON.parse(bytes.toString("utf8"));
    return new Map(Object.entries(typeof line === "object" && line !== null ? line : {}));
  } catch {
    return new Map();
  }
}

function strange(path: string, line: number): KnowledgeError {
  return new KnowledgeError("invalid_input", `Line ${line} of ${path} is not of an exported audit.`, {
    field: "against",
    hint: "Give a file that `aiknowsys audit --export` wrote.",
  });
}
