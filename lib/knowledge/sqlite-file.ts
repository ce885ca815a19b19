import { open } from "node:fs/promises";

/** Whether a file is a SQLite database, by the first bytes of the format (https://sqlite.org/fileformat.html). */
export async function isSqliteFile(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16, 0);
    return bytesRead === 16 && buffer.toString("latin1") === "SQLite format 3\0";
  } finally {
    await file.close();
  }
}
