import { type ErrorCode, KnowledgeError } from "../../domain/error.ts";

/** How each primary result code of SQLite (https://sqlite.org/rescode.html) reads for people. */
interface Reading {
  readonly code: ErrorCode;
  readonly says: (file: string) => string;
  readonly hint: string;
}

const DOCTOR = "Run `aiknowsys doctor`: it says what can be saved and how.";
const DEFECT = "This is a defect of AIKnowSys; run again with --verbose and report what it logs.";

const locked: Reading = {
  code: "unavailable",
  says: (file) => `The store ${file} is locked by another process.`,
  hint: "Wait for the other process to finish, or end it, then try again.",
};
const readonly: Reading = {
  code: "unavailable",
  says: (file) => `The store ${file} cannot be written here: its file, folder or disk is read-only.`,
  hint: "Reading works; to write, change the permissions or name another file with --db or SQLITE_PATH.",
};
const unreachable: Reading = {
  code: "unavailable",
  says: (file) => `The store ${file} cannot be opened.`,
  hint: "Check that the path names a file in a folder that you may read and write.",
};
const damaged: Reading = {
  code: "corrupt",
  says: (file) => `The store ${file} is damaged.`,
  hint: DOCTOR,
};
const defect: Reading = { code: "internal", says: () => "Internal error.", hint: DEFECT };

const READINGS = {
  ERROR: defect,
  INTERNAL: defect,
  PERM: readonly,
  ABORT: defect,
  BUSY: locked,
  LOCKED: locked,
  NOMEM: {
    code: "unavailable",
    says: () => "There is not enough memory for this.",
    hint: "Free memory and try again.",
  },
  READONLY: readonly,
  INTERRUPT: defect,
  IOERR: {
    code: "unavailable",
    says: (file) => `The disk failed to read or write the store ${file}.`,
    hint: "Check the disk; on a network file system, move the store to a local disk (--db or SQLITE_PATH).",
  },
  CORRUPT: damaged,
  NOTFOUND: defect,
  FULL: {
    code: "unavailable",
    says: (file) => `The disk that holds the store ${file} is full.`,
    hint: "Free some space and try again; nothing of this write was kept.",
  },
  CANTOPEN: unreachable,
  PROTOCOL: locked,
  EMPTY: defect,
  SCHEMA: defect,
  TOOBIG: {
    code: "invalid_input",
    says: () => "A text is larger than the store can hold (1 GB).",
    hint: "Split the document.",
  },
  CONSTRAINT: defect,
  MISMATCH: defect,
  MISUSE: defect,
  NOLFS: unreachable,
  AUTH: readonly,
  FORMAT: damaged,
  RANGE: defect,
  NOTADB: {
    code: "corrupt",
    says: (file) => `${file} is not a store of AIKnowSys.`,
    hint: "Name another file with --db or SQLITE_PATH; `aiknowsys doctor` says more about this one.",
  },
} as const satisfies Record<string, Reading>;

type Primary = keyof typeof READINGS;

/** Primary result codes by number, as `node:sqlite` gives them. */
const NUMBERS: readonly (Primary | "OK")[] = [
  ..."OK ERROR INTERNAL PERM ABORT BUSY LOCKED NOMEM READONLY INTERRUPT IOERR CORRUPT NOTFOUND FULL".split(
    " ",
  ),
  ..."CANTOPEN PROTOCOL EMPTY SCHEMA TOOBIG CONSTRAINT MISMATCH MISUSE NOLFS AUTH FORMAT RANGE NOTADB".split(
    " ",
  ),
  // SAFETY: the words above are the keys of READINGS in the order of their numbers; a test compares them.
] as readonly (Primary | "OK")[];

/** Any error of a driver as a KnowledgeError about this file; a KnowledgeError passes as it is. */
export function translated(error: unknown, file: string): KnowledgeError {
  if (error instanceof KnowledgeError) return error;
  const reading: Reading = READINGS[primaryCode(error) ?? "ERROR"];
  return new KnowledgeError(reading.code, reading.says(file), { hint: reading.hint, cause: error });
}

/** The primary result code of a driver's error, such as `BUSY`, or `undefined` for other errors. */
export function primaryCode(error: unknown): Primary | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("errcode" in error && typeof error.errcode === "number") {
    const name = NUMBERS[error.errcode & 0xff];
    return name === "OK" ? undefined : name;
  }
  const word = "code" in error ? /^SQLITE_([A-Z]+)/.exec(String(error.code))?.[1] : undefined;
  return word !== undefined && isPrimary(word) ? word : undefined;
}

/** True when another connection's lock is the reason, so that trying again may work. */
export function isBusy(error: unknown): boolean {
  const code = primaryCode(error);
  return code === "BUSY" || code === "LOCKED" || code === "PROTOCOL";
}

/** True when the place cannot be written, though it may be readable. */
export function isUnwritable(error: unknown): boolean {
  const code = primaryCode(error);
  return code === "READONLY" || code === "CANTOPEN" || code === "PERM";
}

function isPrimary(word: string): word is Primary {
  return word in READINGS;
}
