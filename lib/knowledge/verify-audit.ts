import type { AuditChain, AuditLogName, Seal } from "../domain/audit.ts";
import type { ProjectId } from "../domain/ids.ts";
import { FIRST_SEAL, sealHash } from "../domain/seal.ts";
import type { Audit } from "../storage/contract/audit.ts";
import type { Deps } from "./deps.ts";
import { type ChainSeals, importedLines } from "./imported-lines.ts";
import { type KeptAudit, type KeptSeal, readAuditFile } from "./read-audit-file.ts";

/** What a check of one chain found. */
export interface ChainReport {
  readonly log: AuditLogName;
  readonly project: ProjectId;
  /** Lines that stand as they were sealed here. */
  readonly sealed: number;
  /** Lines that nothing is proved of yet. */
  readonly unsealed: number;
  /** Lines that an import brought with their numbers: sealed elsewhere. */
  readonly imported: number;
  /** Of these, lines whose seal does not stand here as a whole: nothing is proved of them. */
  readonly importedUnproved: number;
  /** The newest seal: whoever keeps it elsewhere can tell that nothing before it has changed since. */
  readonly head?: { readonly toSeq: number; readonly hash: string; readonly at: string } | undefined;
  readonly broken: readonly BrokenSpan[];
}

export interface BrokenSpan {
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly why: string;
}

/** INTERFACE: the report of `audit --verify`. */
export interface AuditReport {
  /** Nothing was removed or altered of what is sealed. */
  readonly ok: boolean;
  readonly sealed: number;
  readonly unsealed: number;
  /** Lines that an import brought and of which nothing is proved. */
  readonly importedUnproved: number;
  /** What the file that was compared with holds; absent without one. */
  readonly against?: { readonly calls: number; readonly changes: number; readonly seals: number } | undefined;
  readonly chains: readonly ChainReport[];
}

/**
 * Computes every seal of the tenant's logs anew: lines stand as they were sealed. Whether rows still are what the lines
 * say is another question, which `Upkeep.check` answers. Whoever may write everything in the database could also make all seals
 * anew, or cut off the end of a chain: `against`, an export that was kept elsewhere, tells that, too.
 * @throws KnowledgeError `forbidden` for a login that is not the owner's; `not_found`, `invalid_input` for the file.
 */
export async function verifyAudit(
  { storage }: Pick<Deps, "storage">,
  options: { readonly against?: string | undefined } = {},
): Promise<AuditReport> {
  const { audit } = storage;
  const file = options.against === undefined ? undefined : await readAuditFile(options.against);
  const kept = file?.seals ?? [];
  const standing = await audit.chains();
  const gone = kept.filter((seal) => !standing.some((chain) => isOf(seal, chain)));
  const chains: ChainReport[] = [];
  for (const chain of [...standing, ...emptied(gone)]) {
    const seals = await audit.seals(chain.log, chain.project);
    const own = seals.filter(({ store }) => store === undefined);
    const foreign = seals.filter(({ store }) => store !== undefined);
    const report = await checkChain(audit, chain, { own, foreign });
    const missing = missingSeals(
      own,
      kept.filter((seal) => isOf(seal, chain)),
    );
    chains.push({ ...report, broken: [...report.broken, ...missing] });
  }
  return {
    ok: chains.every(({ broken }) => broken.length === 0),
    sealed: chains.reduce((sum, { sealed }) => sum + sealed, 0),
    unsealed: chains.reduce((sum, { unsealed }) => sum + unsealed, 0),
    importedUnproved: chains.reduce((sum, { importedUnproved }) => sum + importedUnproved, 0),
    ...(file !== undefined && { against: figuresOf(file) }),
    chains,
  };
}

function figuresOf({ calls, changes, seals }: KeptAudit) {
  return { calls, changes, seals: seals.length };
}

async function checkChain(
  audit: Audit,
  { log, project, numbered, unsealed }: AuditChain,
  { own, foreign }: ChainSeals,
): Promise<ChainReport> {
  const broken: BrokenSpan[] = [];
  let before = FIRST_SEAL;
  let under = 0;
  let sealed = 0;
  for (const seal of own) {
    const lines = await audit.lines(log, project, seal);
    const why = faultOf(seal, before, lines);
    if (why === undefined) sealed += lines.length;
    else broken.push({ fromSeq: seal.fromSeq, toSeq: seal.toSeq, why });
    under += lines.length;
    before = seal.hash;
  }
  const { covered, proved, altered } = await importedLines(audit, { log, project }, { own, foreign });
  const bare = numbered - under - covered;
  if (bare > 0) broken.push({ fromSeq: 1, toSeq: numbered, why: `${bare} numbered lines are under no seal` });
  const last = own.at(-1);
  broken.push(...altered);
  return {
    ...{ log, project, sealed, unsealed, imported: covered, importedUnproved: covered - proved },
    ...(last !== undefined && { head: { toSeq: last.toSeq, hash: last.hash, at: last.at } }),
    broken,
  };
}

/** What is wrong with a seal and its lines, if anything is. */
function faultOf(seal: Seal, before: string, lines: readonly object[]): string | undefined {
  const wanted = seal.toSeq - seal.fromSeq + 1;
  if (seal.previous !== before) return "the seal before it was removed or exchanged";
  if (lines.length !== wanted) return `${lines.length} of ${wanted} lines are there`;
  return sealHash(seal.previous, lines) === seal.hash ? undefined : "a line was altered or exchanged";
}

function isOf(seal: KeptSeal, chain: Pick<AuditChain, "log" | "project">): boolean {
  return seal.log === chain.log && seal.project === chain.project;
}

/** Chains of which nothing at all is left. */
function emptied(seals: readonly KeptSeal[]): readonly AuditChain[] {
  const chains = new Map(seals.map(({ log, project }) => [`${log} ${project}`, { log, project }]));
  return [...chains.values()].map((chain) => ({ ...chain, numbered: 0, unsealed: 0 }));
}

function missingSeals(own: readonly Seal[], kept: readonly KeptSeal[]): readonly BrokenSpan[] {
  const hashes = new Map(own.map(({ fromSeq, toSeq, hash }) => [`${fromSeq}-${toSeq}`, hash]));
  return kept
    .filter(({ fromSeq, toSeq, hash }) => hashes.get(`${fromSeq}-${toSeq}`) !== hash)
    .map(({ fromSeq, toSeq }) => ({
      fromSeq,
      toSeq,
      why: "the seal that was exported is not there any more",
    }));
}
