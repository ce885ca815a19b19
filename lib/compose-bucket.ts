import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Bucket } from "./bucket/bucket.ts";
import { openBucket } from "./bucket/open-bucket.ts";
import { bucketSettings, isBucketAddress, parseBucketAddress } from "./bucket-settings.ts";
import { KnowledgeError } from "./domain/error.ts";
import { RUN_MARK, sweepLeftovers } from "./storage/neutral/leftovers.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The bucket that an address s3://… names; `undefined` for a path. @throws KnowledgeError `invalid_input` */
export function bucketAt(address: string, env: Environment): Bucket | undefined {
  if (!isBucketAddress(address)) return undefined;
  const read = (name: string) => (env[name]?.trim() === "" ? undefined : env[name]);
  const place = parseBucketAddress(address, read);
  return openBucket({ settings: bucketSettings(place, read), place, clock: Date.now, chance: Math.random });
}

/** The bucket and the name of one object in it. @throws KnowledgeError `invalid_input` */
export function objectAt(
  address: string,
  env: Environment,
): { readonly bucket: Bucket; readonly name: string } | undefined {
  const [, place = "", name = ""] = /^(.*\/)([^/]+)$/.exec(address) ?? [];
  const bucket = bucketAt(place === "" || place === "s3://" ? address : place, env);
  if (bucket === undefined) return undefined;
  if (place !== "" && place !== "s3://") return { bucket, name };
  throw new KnowledgeError("invalid_input", `"${address.slice(0, 80)}" names a bucket and no backup in it.`, {
    field: "backup",
    hint: `See what is there with: aiknowsys backup --list --output ${bucket.addressOf()}`,
  });
}

/** Does work with a folder of its own below another, which is deleted afterwards, whatever happens. */
export async function withScratch<Result>(
  parent: string,
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  try {
    mkdirSync(parent, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
    throw new KnowledgeError("unavailable", `The folder ${parent} cannot be made${code}.`, {
      hint: "What comes from a bucket or goes there passes through it: set AIKNOWSYS_HOME to a folder that may be written.",
      cause,
    });
  }
  sweep(parent);
  const folder = mkdtempSync(join(parent, `${SCRATCH}${RUN_MARK}-`));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const SCRATCH = ".bucket-";
/** No transfer lasts longer, on whatever machine. */
const ABANDONED_MS = 24 * 60 * 60_000;

/** Removes the folders of processes that were killed: each may hold a whole backup. */
function sweep(parent: string): void {
  sweepLeftovers(parent, (name) => name.startsWith(SCRATCH));
  for (const name of readdirSync(parent).filter((entry) => entry.startsWith(SCRATCH))) {
    const folder = join(parent, name);
    const modifiedMs = statSync(folder, { throwIfNoEntry: false })?.mtimeMs;
    if (modifiedMs !== undefined && Date.now() - modifiedMs > ABANDONED_MS)
      rmSync(folder, { recursive: true, force: true });
  }
}
