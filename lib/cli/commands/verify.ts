import type { VerifyReport } from "../../knowledge/verify-stores.ts";
import type { Call, CliCommand } from "../command.ts";
import { EXIT_INTERRUPTED, EXIT_SOME_FAILED } from "../errors.ts";
import { withInterrupt } from "../interrupt.ts";
import { startProgress } from "../progress.ts";
import { loadSettings, withStore } from "../store.ts";
import { renderTable } from "../table.ts";
import { asLine } from "../terminal-text.ts";

export const command: CliCommand = {
  define: (parser) => {
    parser.requiredOption(
      "--against <place>",
      "the other store: a PostgreSQL address, a SQLite file, or what export-db wrote",
    );
  },
  examples: [
    "aiknowsys verify --against knowledge.jsonl.gz",
    "aiknowsys verify --against postgres://me@db.example/knowledge",
  ],
  run: (call) =>
    withStore(
      call,
      ({ deps }) =>
        withInterrupt(call, async (signal) => {
          const { openPlace } = await import("../../compose.ts");
          const { verifyAgainst } = await import("../../knowledge/verify-against.ts");
          const { against = "" } = call.command.opts<{ against?: string }>();
          const place = await openPlace(await loadSettings(call), call.door.env, against);
          const bar = await startProgress(call.door, call.output, { label: "Records", signal });
          try {
            let total = 0;
            const onProgress = (done: number): void => {
              if (done % 1_000 === 0) bar.update(done, Math.max(done, total));
            };
            const report = await verifyAgainst(deps.storage, place, {
              ...{ onProgress, signal },
              onCounted: (counts) => (total = Object.values(counts).reduce((sum, count) => sum + count, 0)),
            });
            bar.stop();
            if (signal.aborted) return EXIT_INTERRUPTED;
            if (call.output.json) call.output.printJson(report);
            else printReport(call, report);
            return report.equal ? 0 : EXIT_SOME_FAILED;
          } finally {
            bar.stop();
            await place.close();
          }
        }),
      { create: false },
    ),
};

/** Differences that are shown one by one; the rest is counted. */
const SHOWN = 20;
const WORDS = { differs: "differs", only_here: "is only here", only_there: "is only there" } as const;

function printReport({ output }: Call, report: VerifyReport): void {
  const { equal, perKind, differences, unlisted = 0, faults = [] } = report;
  const rows = Object.entries(perKind).map(([kind, counts]) => ({ kind, ...counts }));
  const number = (title: string, member: "here" | "there" | "equal") => ({
    title,
    cell: (row: (typeof rows)[number]) => String(row[member]),
    right: true,
  });
  output.print(
    renderTable(
      [
        { title: "kind", cell: ({ kind }) => kind },
        ...[number("here", "here"), number("there", "there"), number("equal", "equal")],
      ],
      rows,
      { width: output.width, emphasise: (text) => output.style("bold", text) },
    ),
  );
  for (const { item, what, members } of differences.slice(0, SHOWN)) {
    const where = members === undefined ? "" : ` in ${asLine(members.join(", "))}`;
    output.print(`  ${asLine(item)} ${WORDS[what]}${where}`);
  }
  const rest = differences.length - SHOWN + unlisted;
  if (rest > 0) output.print(`  … and ${rest} more, see --json`);
  for (const { item, reason, line } of faults)
    output.print(`  ${line === undefined ? "" : `line ${line}: `}${asLine(item)} ${asLine(reason)}`);
  output.print(equal ? "Both hold the same." : "They do not hold the same.");
}
