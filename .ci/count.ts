/**
 * Counts the tests in a JUnit report of `deno test` and prints them in one line, which
 * `deno run .ci/count.ts <report> <exit status of the tests>` shows. Exits with 1 unless all passed.
 *
 * @module
 */

/** How many tests ended how. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * The tests of a report, as Deno's own summary counts them: each example of the documentation is
 * one, and steps belong to their test.
 *
 * The report does not hold a file that failed to load; then `status` is not 0 and nothing has
 * failed, so that counts as one failure. So does a run without any test.
 */
export function countTests(report: string, status: number): Counts {
  const cases = report.split("<testsuite ").slice(1).flatMap(testsOfSuite);
  const failed = cases.filter((text) => /<(failure|error)\b/.test(text)).length;
  const skipped = cases.filter((text) => text.includes("<skipped")).length;
  const passed = cases.length - failed - skipped;
  const isWrong = status !== 0 || passed + failed === 0;
  return { passed, failed: isWrong ? Math.max(failed, 1) : failed, skipped };
}

/** `N passed, N failed`, and `, N skipped` if there are any. */
export function formatCounts({ passed, failed, skipped }: Counts): string {
  const end = skipped > 0 ? `, ${skipped} skipped` : "";
  return `${passed} passed, ${failed} failed${end}`;
}

/** The test cases of a suite without steps: a step is named `test > step`. */
function testsOfSuite(suite: string): string[] {
  const cases = suite.split("<testcase ").slice(1);
  const names = new Set(cases.map(nameOf));
  return cases.filter((text) => !isStep(nameOf(text), names));
}

function nameOf(text: string): string {
  return /^name="([^"]*)"/.exec(text)?.[1] ?? "";
}

function isStep(name: string, names: ReadonlySet<string>): boolean {
  const parts = name.split(" &gt; ");
  return parts.some((_, i) => i > 0 && names.has(parts.slice(0, i).join(" &gt; ")));
}

async function readReport(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return ""; // nothing ran, so none was written
    throw error;
  }
}

if (import.meta.main) {
  const [path = "", status = "0"] = Deno.args;
  const counts = countTests(await readReport(path), Number(status));
  console.log(formatCounts(counts));
  Deno.exitCode = counts.failed > 0 ? 1 : 0;
}
