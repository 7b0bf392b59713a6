import { assertEquals } from "@std/assert";
import { countTests, formatCounts } from "../../.ci/count.ts";

const passed = (name: string) => `<testcase name="${name}" time="0">\n</testcase>`;
const failed = (name: string) =>
  `<testcase name="${name}"><failure message="x">y</failure></testcase>`;
const skipped = (name: string) => `<testcase name="${name}"><skipped/></testcase>`;

function report(...suites: string[][]): string {
  const texts = suites.map((cases) => `<testsuite name="s">${cases.join("\n")}</testsuite>`);
  return `<?xml version="1.0"?><testsuites name="deno test">${texts.join("\n")}</testsuites>`;
}

Deno.test("countTests() counts what passed, failed and was skipped", () => {
  const text = report([passed("a"), failed("b"), skipped("c")], [passed("./b.ts#2-4.ts")]);
  assertEquals(countTests(text, 1), { passed: 2, failed: 1, skipped: 1 });
});

Deno.test("countTests() counts steps, of any depth, with their test", () => {
  const steps = [passed("a &gt; s"), passed("a &gt; s &gt; t"), failed("b &gt; s")];
  const text = report([passed("a"), failed("b"), ...steps]);
  assertEquals(countTests(text, 1), { passed: 1, failed: 1, skipped: 0 });
});

Deno.test("countTests() counts a test whose name only looks like a step's", () => {
  const text = report([passed("1 &gt; 0 holds"), passed("2 &gt; 1")], [passed("1")]);
  assertEquals(countTests(text, 0), { passed: 3, failed: 0, skipped: 0 });
});

Deno.test("countTests() is not misled by what a failure says", () => {
  const text = report([
    `<testcase name="a"><failure message="&lt;testcase name=&quot;b&quot;&gt;">&lt;skipped/&gt;</failure></testcase>`,
  ]);
  assertEquals(countTests(text, 1), { passed: 0, failed: 1, skipped: 0 });
});

Deno.test("countTests() counts a failure where the run failed but no test did", () => {
  assertEquals(countTests(report([passed("a")]), 1), { passed: 1, failed: 1, skipped: 0 });
});

Deno.test("countTests() counts a failure where no test ran", () => {
  for (const text of ["", report(), report([skipped("a")])]) {
    assertEquals(countTests(text, 0).failed, 1);
  }
});

Deno.test("formatCounts() names skipped tests only where there are any", () => {
  assertEquals(formatCounts({ passed: 3, failed: 0, skipped: 0 }), "3 passed, 0 failed");
  assertEquals(formatCounts({ passed: 3, failed: 1, skipped: 2 }), "3 passed, 1 failed, 2 skipped");
});
