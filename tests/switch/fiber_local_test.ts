import { assertEquals, assertThrows } from "@std/assert";
import { Fiber, FiberLocal, Switch } from "../../src/switch/mod.ts";

Deno.test("a fiber has what is bound where it is forked, whoever opened its switch", async () => {
  const local = new FiberLocal<number>("local");
  const seen: unknown[] = [];
  const look = async () => {
    seen.push(local.get());
    await Fiber.yield();
    seen.push(local.get());
  };
  await local.run(123, () => Switch.run((sw) => sw.fork(look)));
  await Switch.run((sw) => local.run(123, () => sw.fork(look)));
  assertEquals(seen, [123, 123, 123, 123]);
});

Deno.test("without() takes a binding away, for the call alone", () => {
  const local = new FiberLocal<number>("local");
  local.run(123, () => {
    local.without(() => assertEquals([local.get(), local.isBound], [undefined, false]));
    assertEquals([local.get(), local.isBound], [123, true]);
  });
  assertEquals(local.isBound, false);
});

Deno.test("a binding hides the one around it, and undefined is a value", () => {
  const local = new FiberLocal<number | undefined>("local");
  local.run(1, () => {
    local.run(2, () => assertEquals(local.get(), 2));
    local.run(undefined, () => assertEquals([local.get(), local.isBound], [undefined, true]));
    assertEquals(local.get(), 1);
  });
});

Deno.test("a binding is for its fiber and those below, and not for a sibling", async () => {
  const local = new FiberLocal<string>("local");
  const seen: Record<string, unknown> = {};
  const look = (name: string) => async () => {
    await Fiber.yield();
    seen[name] = local.get();
  };
  await Fiber.both(
    () => local.run("mine", () => Fiber.both(look("child a"), look("child b"))),
    look("sibling"),
  );
  assertEquals(seen, { "child a": "mine", "child b": "mine", sibling: undefined });
});

Deno.test("each combinator carries bindings into its functions", async () => {
  const local = new FiberLocal<number>("local");
  const look = async () => {
    await Fiber.yield();
    return local.get();
  };
  const seen = await local.run(1, async () => [
    await Fiber.all([look]),
    await Fiber.any([look]),
    await Fiber.map([0, 0], look, { maxFibers: 1 }),
    await Fiber.protect(look),
  ]);
  assertEquals(seen, [[1], 1, [1, 1], 1]);
});

Deno.test("a release has what is bound where its switch was opened", async () => {
  const local = new FiberLocal<string>("local");
  let seen: unknown;
  await local.run("switch", () =>
    Switch.run((sw) => {
      local.run("body", () => sw.onRelease(() => void (seen = local.get())));
    }));
  assertEquals(seen, "switch");
});

Deno.test("locals are carried as plain data, those alone that are listed and bound", () => {
  const id = new FiberLocal<string>("id");
  const trace = new FiberLocal<{ span: number }>("trace");
  const secret = new FiberLocal<string>("secret");
  const carried = id.run(
    "r-1",
    () => trace.run({ span: 7 }, () => secret.run("no", () => FiberLocal.capture([id, trace]))),
  );
  assertEquals(structuredClone(carried), { id: "r-1", trace: { span: 7 } });
  assertEquals(FiberLocal.capture([id, trace]), {});
});

Deno.test("what was carried is bound again, and what was not is not", () => {
  const id = new FiberLocal<string>("id");
  const trace = new FiberLocal<number>("trace");
  trace.run(1, () => {
    const seen = FiberLocal.restore([id, trace], { id: "r-1", other: 2 }, () => [
      id.get(),
      trace.isBound,
    ]);
    assertEquals(seen, ["r-1", false]);
    assertEquals(trace.get(), 1);
  });
});

Deno.test("two locals of one name cannot be carried together", () => {
  const locals = [new FiberLocal("id"), new FiberLocal("id")];
  assertThrows(
    () => FiberLocal.capture(locals),
    TypeError,
    "Cannot capture locals: two have the same name, of id, id",
  );
});
