import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type ErrorRecord, recordError } from "../../src/pool/link/mod.ts";

/** The record less its stack, which differs from run to run. */
function essence({ stack: _, cause, ...rest }: ErrorRecord): unknown {
  return cause === undefined ? rest : { ...rest, cause: essence(cause) };
}

Deno.test("recordError() keeps the name, the message, the stack and the cause", () => {
  const error = new RangeError("too large", { cause: new TypeError("no number") });
  const record = recordError(error);
  assertEquals(record.stack, error.stack);
  assertEquals(essence(record), {
    name: "RangeError",
    message: "too large",
    cause: { name: "TypeError", message: "no number" },
  });
});

Deno.test("recordError() keeps an error's own members, and nested data", () => {
  const error = Object.assign(new Error("not found"), {
    code: "ENOENT",
    status: 404,
    details: { tried: ["a", "b"], isFatal: false, at: new Date(0), none: null },
  });
  assertEquals(recordError(error).fields, {
    code: "ENOENT",
    status: 404,
    details: { tried: ["a", "b"], isFatal: false, at: "1970-01-01T00:00:00.000Z", none: null },
  });
});

Deno.test("recordError() says what cannot be sent", () => {
  const error = Object.assign(new Error("odd"), {
    retry: () => {},
    id: 12n,
    mark: Symbol("mine"),
    seen: new Map(),
    none: undefined,
    ratio: NaN,
    inner: new RangeError("deeper"),
  });
  Object.defineProperty(error, "secret", {
    enumerable: true,
    get: () => {
      throw new Error("a getter threw");
    },
  });
  assertEquals(recordError(error).fields, {
    retry: "[a function, which cannot be sent]",
    id: "[the bigint 12]",
    mark: "[a symbol, which cannot be sent]",
    seen: "[a Map, which cannot be sent]",
    none: "[undefined]",
    ratio: "NaN",
    inner: "RangeError: deeper",
    secret: "[a member that cannot be read]",
  });
});

Deno.test("recordError() keeps the errors that an AggregateError joins", () => {
  const joined = new AggregateError([new TypeError("one"), "two"], "both");
  assertEquals(recordError(joined).errors?.map(essence), [
    { name: "TypeError", message: "one" },
    { name: "Error", message: "two" },
  ]);
});

Deno.test("recordError() keeps the text and the members of what is no error", () => {
  assertEquals(recordError("just a text"), { name: "Error", message: "just a text" });
  assertEquals(recordError({ code: 7 }), {
    name: "Error",
    message: "[object Object]",
    fields: { code: 7 },
  });
});

Deno.test("Law 12: recordError() cuts what is too long, too deep or too much, and says so", () => {
  const long = recordError(new Error("x".repeat(100_000)));
  assertEquals(long.message.slice(65_530), "xxxxxx... (cut: 100000 characters)");

  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  const deep = recordError(Object.assign(new Error("deep"), cycle));
  assert(JSON.stringify(deep.fields).includes("[more, which lies too deep]"));

  const items = Array.from({ length: 10_000 }, (_, i) => i);
  const { fields } = recordError(Object.assign(new Error("much"), { items }));
  assert(Array.isArray(fields?.items));
  assertEquals(
    fields.items.at(-1),
    `[${10_000 - fields.items.length + 1} more, which are left out]`,
  );

  const caused = new Error("0");
  let last = caused;
  for (let i = 1; i < 100; i++) last = last.cause = new Error(`${i}`);
  assert(JSON.stringify(recordError(caused)).split('"message"').length < 10);
});

Deno.test("Whatever is thrown, recordError() makes a bounded record that JSON carries unchanged", () => {
  const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true });
  fc.assert(
    fc.property(anything, fc.boolean(), (thing, isMember) => {
      const thrown = isMember ? Object.assign(new Error("made"), { thing, cause: thing }) : thing;
      const record = recordError(thrown);
      const json = JSON.stringify(record);
      assertEquals(JSON.parse(json), JSON.parse(JSON.stringify(structuredClone(record))));
      assert(json.length < 400_000);
    }),
  );
});
