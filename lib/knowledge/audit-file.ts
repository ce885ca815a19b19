import { createHash } from "node:crypto";
import type { AUDIT_LOGS } from "../domain/audit.ts";
import { canonicalJson } from "../domain/canonical-json.ts";
import type { ProjectId } from "../domain/ids.ts";
import { timestampOf } from "../domain/timestamp.ts";
import { nameOf, type OpenOutput, writeTextFile } from "./compressed-file.ts";
import type { Deps } from "./deps.ts";
import { findOutputPlace } from "./output-place.ts";
import { AUDIT_HEADER } from "./read-audit-file.ts";

const HEADER = { record: AUDIT_HEADER, version: 1 };

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

/**
 * Seals what is not sealed yet, then writes the tenant's logs with their seals: JSON Lines, oldest first in each
 * chain, and a last line that proves the file whole.
 * @throws KnowledgeError `conflict` for what may not be replaced, `unavailable`.
 */
export async function exportAudit(
  deps: Pick<Deps, "storage" | "clock">,
  { output, force }: { readonly output: string | OpenOutput; readonly force?: boolean | undefined },
): Promise<AuditExport> {
  const { audit } = deps.storage;
  const place = await findOutputPlace(output, { isOwn: isAuditHeader, force });
  await sealAll(deps);
  const counts = { calls: 0, changes: 0, seals: 0 };
  async function* lines(): AsyncGenerator<string> {
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
  const bytes = await writeTextFile(
    place,
    withEnd(lines(), () => counts),
  );
  const unsealed = (await audit.chains()).reduce((sum, chain) => sum + chain.unsealed, 0);
  return { ok: true, output: nameOf(output), ...counts, unsealed, bytes };
}

function isAuditHeader(line: string): boolean {
  try {
    const members: unknown = JSON.parse(line);
    const isObject = typeof members === "object" && members !== null;
    return isObject && Reflect.get(members, "record") === AUDIT_HEADER;
  } catch {
    return false;
  }
}

/** The pieces, and a line with the counts and the SHA-256 of all that came before it. */
async function* withEnd(pieces: AsyncIterable<string>, counts: () => object): AsyncGenerator<string> {
  const hash = createHash("sha256");
  for await (const piece of pieces) {
    hash.update(piece);
    yield piece;
  }
  yield `${canonicalJson({ record: "end", ...counts(), hash: hash.digest("hex") })}\n`;
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
