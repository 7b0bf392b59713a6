import { assertEquals } from "@std/assert";
import { count, kilobytes, ratio, time } from "../../bench/servers/format.ts";

Deno.test("Figures are written with the digits that mean something", () => {
  assertEquals([28.4, 999.4, 999.6, 9_940, 9_960, 99_700, 999_600, 15_168_000].map(time), [
    "28 us",
    "999 us",
    "1 ms",
    "9.9 ms",
    "10 ms",
    "100 ms",
    "1 s",
    "15 s",
  ]);
  assertEquals([0.0312, 3.249, 34.56, 456.7, NaN].map(ratio), ["0.03", "3.25", "34.6", "457", "-"]);
  assertEquals(count(1312000.4), "1,312,000");
  assertEquals(kilobytes(25_340), "25.3 kB");
});
