import type { Output } from "./output.ts";
import { asLine } from "./terminal-text.ts";

interface Written {
  readonly ref: string;
  readonly revision: number;
  readonly redacted?: readonly string[] | undefined;
  readonly warnings?: readonly string[] | undefined;
}

/** Prints a row that was written: as JSON, or as one line with its ref. */
export function printWritten(
  output: Output,
  verb: string,
  row: Written & { readonly title: string; readonly slug?: string },
): void {
  if (row.redacted !== undefined && row.redacted.length > 0) {
    output.note(
      `Something that looks like a secret was left out (${row.redacted.join(", ")}). If it is none, write it again with --no-redact.`,
    );
  }
  for (const warning of row.warnings ?? []) output.note(warning);
  if (output.json) {
    output.printJson(row);
    return;
  }
  const slug = row.slug === undefined ? "" : ` ${row.slug}`;
  output.print(
    `${verb} ${output.style("cyan", row.ref)}${slug}: ${asLine(row.title)} (revision ${row.revision})`,
  );
}
