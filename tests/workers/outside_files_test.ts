import { assertEquals } from "@std/assert";
import { isImportable } from "../../workers/runtime/outside_files.ts";

Deno.test({
  name: "Of files outside of the program a job may import those that it may read",
  permissions: { read: ["/srv/jobs"] },
  fn: () => {
    const own = new URL("../../workers/fib.ts", import.meta.url).href;
    const laws: readonly (readonly [string, boolean])[] = [
      [own, true],
      [`${own}?v=2`, true],
      ["file:///srv/jobs/a%20job.ts?v=1", true],
      ["file:///srv/secret.json", false],
      ["file:///srv/jobs/../secret.json", false],
    ];
    const lane = new URL("../../workers/runtime/lane_program.ts", import.meta.url).href;
    assertEquals(isImportable("file:///srv/others/job.ts", lane), true);
    assertEquals(isImportable("file:///srv/others/job.ts", own), false);
    for (const [url, expected] of laws) assertEquals(isImportable(url), expected, url);
  },
});
