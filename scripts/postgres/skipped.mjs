// What the closing line of the tests says of those that were skipped.

// As test/helpers/postgres.ts names the suites that need one.
const NEEDS_SERVER = " (needs a PostgreSQL server)";

/** The words for the skipped tests of vitest's JSON report. */
export function skippedIn(report) {
  const skipped = report.numPendingTests + report.numTodoTests;
  const waiting = report.testResults
    .flatMap((file) => file.assertionResults)
    .filter(({ status }) => status === "skipped" || status === "pending")
    .filter(({ ancestorTitles }) => ancestorTitles.some((title) => title.endsWith(NEEDS_SERVER))).length;
  if (waiting === 0) return `${skipped} skipped`;
  const which = waiting === skipped ? "" : `${waiting} of them: `;
  return `${skipped} skipped (${which}no PostgreSQL server: PGlite only)`;
}
