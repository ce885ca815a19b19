const SENTENCES: Readonly<Record<string, string>> = {
  ENOENT: "It is not there: a broken link, or removed meanwhile.",
  EACCES: "It may not be read: permission denied.",
  EPERM: "It may not be read: permission denied.",
  EISDIR: "It is a folder.",
  ELOOP: "Its links lead in a circle.",
  ENAMETOOLONG: "Its path is too long.",
};

/** What the file system refused, as a sentence about the file. */
export function problemOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
  return SENTENCES[code] ?? `It cannot be read (${code}).`;
}
