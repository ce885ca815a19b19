import { sha256 } from "./ids.ts";
import { type Timestamp, timestampOf } from "./timestamp.ts";

/** What a backup's file name says: names sort by time, and backups of one store can be told from another's. */
export interface BackupName {
  readonly at: Timestamp;
  readonly engine: "sqlite" | "postgres";
  /** {@link storeMark} of the store. */
  readonly store: string;
  /** Whose rows it holds; a SQLite store has one tenant only. */
  readonly tenant?: string | undefined;
}

/** Endings of backups: a SQLite file, or a packed export. */
const ENDINGS = { sqlite: ".db", postgres: ".jsonl.gz" } as const;

const PATTERN =
  /^aiknowsys-(\d{8})T(\d{9})Z-(sqlite|postgres)-([0-9a-f]{8})(?:-([a-z0-9][a-z0-9_-]{0,62}))?(\.db|\.jsonl\.gz)$/;

/** `aiknowsys-20260301T120000000Z-sqlite-1a2b3c4d.db` */
export function renderBackupName({ at, engine, store, tenant }: BackupName): string {
  const moment = at.replace(/[-:.]/g, "");
  const whose = tenant === undefined ? "" : `-${tenant}`;
  return `aiknowsys-${moment}-${engine}-${store}${whose}${ENDINGS[engine]}`;
}

/** `undefined` for the name of anything else. */
export function parseBackupName(name: string): BackupName | undefined {
  const [, day = "", time = "", engine, store = "", tenant, ending] = PATTERN.exec(name) ?? [];
  if (engine !== "sqlite" && engine !== "postgres") return undefined;
  if (ending !== ENDINGS[engine]) return undefined;
  const date = `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`;
  const clock = `${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4, 6)}.${time.slice(6)}`;
  const ms = Date.parse(`${date}T${clock}Z`);
  if (Number.isNaN(ms)) return undefined;
  return { at: timestampOf(ms), engine, store, ...(tenant !== undefined && { tenant }) };
}

/** Tells stores apart in file names by where they are; says nothing of it. @param place path or address, without credentials */
export function storeMark(place: string, tenant = ""): string {
  return sha256(`${place}\n${tenant}`).slice(0, 8);
}

/** Where the checksum of a file stands. */
export function checksumPath(path: string): string {
  return `${path}.sha256`;
}

/** A checksum file's whole text, as `sha256sum --check` reads it. @param digest SHA-256 in hexadecimal */
export function renderChecksum(digest: string, name: string): string {
  return `${digest}  ${name}\n`;
}

/** The digest, or `undefined` where the text is not exactly what {@link renderChecksum} gives for the name. */
export function parseChecksum(text: string, name: string): string | undefined {
  const digest = text.slice(0, 64);
  return /^[0-9a-f]{64}$/.test(digest) && text === renderChecksum(digest, name) ? digest : undefined;
}
