// Adds up the runners' own reports and prints one line: N passed, N failed. `totals.mjs FAILED REPORT…`
import { existsSync, readFileSync } from 'node:fs';

const [stepsFailed, ...reports] = process.argv.slice(2);
let passed = 0;
let failed = Number(stepsFailed) > 0 ? 1 : 0;
let failures = 0;
for (const path of reports) {
  // A report that is not there means its runner died: that is a failure, not an absence of tests.
  if (!existsSync(path)) {
    console.error(`no report at ${path}`);
    failures++;
    continue;
  }
  const report = JSON.parse(readFileSync(path, 'utf8'));
  passed += report.numPassedTests ?? report.stats?.passes ?? 0;
  failures += report.numFailedTests ?? report.stats?.failures ?? 0;
  failures += report.numFailedTestSuites > 0 && report.numFailedTests === 0 ? report.numFailedTestSuites : 0;
}
// A step that failed without a failed test of its own (lint, an installation) still counts as one.
failed = failures > 0 ? failures : failed;
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
