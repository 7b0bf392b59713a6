import { assertEquals } from "@std/assert";
import { FakeClock } from "../../src/env/mod.ts";
import { StopOrders } from "../../src/stop_orders.ts";

function setUp() {
  const clock = new FakeClock();
  const orders = new StopOrders(clock);
  return { clock, orders, state: () => [orders.stop.aborted, orders.cut.aborted] };
}

Deno.test("The first signal drains, the second cuts", () => {
  const { clock, orders, state } = setUp();
  assertEquals(state(), [false, false]);
  orders.receive("SIGTERM");
  assertEquals(state(), [true, false]);
  clock.tick(100);
  orders.receive("SIGTERM");
  assertEquals(state(), [true, true]);
  assertEquals(orders.cut.reason.message, "the server was told twice to stop");
});

Deno.test("The echo of a signal, as of a Ctrl-C under a task runner, counts for nothing", () => {
  const { clock, orders, state } = setUp();
  for (let echoes = 0; echoes < 5; echoes++) {
    orders.receive("SIGINT");
    clock.tick(99);
  }
  assertEquals(state(), [true, false]);
});

Deno.test("A signal of another name is no echo", () => {
  const { orders, state } = setUp();
  orders.receive("SIGINT");
  orders.receive("SIGTERM");
  assertEquals(state(), [true, true]);
});
