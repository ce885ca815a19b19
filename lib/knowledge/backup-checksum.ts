import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { checksumPath, parseChecksum } from "../domain/backup.ts";
import { KnowledgeError } from "../domain/error.ts";

/**
 * Reads a backup to its end, into a new file (0600) where one is named, and compares it with the checksum beside it:
 * what was copied is what was compared.
 * @param onProgress hears of its bytes
 * @throws KnowledgeError `not_found`, `unavailable`, `corrupt` when a byte of the backup or of its checksum is another.
 */
export async function readBackup(
  path: string,
  into?: string,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<void> {
  const wanted = await readChecksum(path);
  const { size } = await stat(path);
  const hash = createHash("sha256");
  let read = 0;
  const hashing = new Transform({
    transform: (piece: Buffer, _, done) => {
      hash.update(piece);
      read += piece.length;
      onProgress(read, size);
      done(undefined, into === undefined ? undefined : piece);
    },
  });
  try {
    if (into === undefined) await pipeline(createReadStream(path), hashing.resume());
    else {
      const copy = createWriteStream(into, { mode: 0o600, flags: "wx", flush: true });
      await pipeline(createReadStream(path), hashing, copy);
    }
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    throw new KnowledgeError("unavailable", `The backup ${path} cannot be read or copied (${code}).`, {
      hint: "Check permissions and room on the disk.",
      cause,
    });
  }
  if (hash.digest("hex") !== wanted)
    throw damaged(`The backup ${path} is damaged: it is not what its checksum says.`);
}

async function readChecksum(path: string): Promise<string> {
  if (!existsSync(path)) {
    throw new KnowledgeError("not_found", `There is no backup ${path}.`, { hint: "Check the path." });
  }
  const beside = checksumPath(path);
  const text = await readFile(beside, "utf8").catch((cause: unknown) => {
    throw new KnowledgeError("corrupt", `The backup ${path} has no readable checksum beside it.`, {
      hint: `Put ${basename(beside)} there too; what export-db wrote is read by \`aiknowsys import-db\`.`,
      cause,
    });
  });
  const digest = parseChecksum(text, basename(path));
  if (digest !== undefined) return digest;
  throw damaged(`The checksum ${beside} is damaged, or that of another backup.`);
}

function damaged(message: string): KnowledgeError {
  return new KnowledgeError("corrupt", message, {
    hint: "Take another backup, or another copy of this one.",
  });
}
