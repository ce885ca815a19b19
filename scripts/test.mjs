// `npm test [-- vitest arguments]`: sets up, runs the tests, and ends with one line of counts.
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { skippedIn } from "./postgres/skipped.mjs";
import { setUp } from "./setup/build-product.mjs";
import { CACHE } from "./setup/paths.mjs";
import { entry, runNode } from "./setup/run.mjs";

await entry(async () => {
  await setUp();
  mkdirSync(CACHE, { recursive: true });
  // One file a run, since two runs may go on at once.
  const report = join(CACHE, `vitest-${process.pid}.json`);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const args = ["node_modules/vitest/vitest.mjs", "run", ...reporters, ...process.argv.slice(2)];
  const { status } = await runNode(args, { show: "all" });
  const counts = existsSync(report) ? count(JSON.parse(readFileSync(report, "utf8"))) : NONE;
  rmSync(report, { force: true });
  return tell(counts, status);
});

const NONE = { passed: 0, failed: 0, skipped: "0 skipped" };

function count(report) {
  // A file that cannot be loaded has no tests; it counts as one failure, or it would be silent here.
  const broken = report.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.length === 0,
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: skippedIn(report),
  };
}

function tell({ passed, failed, skipped }, status) {
  if (status !== 0 && failed === 0)
    console.log(`vitest ended with status ${status} though no test failed: see its errors above.`);
  console.log(`${passed} passed, ${failed} failed, ${skipped}`);
  return failed > 0 && status === 0 ? 1 : status;
}
