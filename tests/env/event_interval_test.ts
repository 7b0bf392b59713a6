import { assertEquals } from "@std/assert";
import { eventInterval } from "../../src/env/deno_event_interval.ts";

const VARIABLE = "DENO_TOKIO_EVENT_INTERVAL";

Deno.test("The event interval is what the variable says, and else the platform's", () => {
  const before = Deno.env.get(VARIABLE);
  try {
    for (
      const [value, rounds] of [["8", 8], ["200", 200], ["1000000", 1024], ["many", 61]] as const
    ) {
      Deno.env.set(VARIABLE, value);
      assertEquals(eventInterval(), rounds, value);
    }
    Deno.env.delete(VARIABLE);
    assertEquals(eventInterval(), 61);
  } finally {
    if (before !== undefined) Deno.env.set(VARIABLE, before);
  }
});

Deno.test(
  "Without the permission to read it, the event interval is the platform's",
  { permissions: { env: false } },
  () => assertEquals(eventInterval(), 61),
);
