import { AsyncLocalStorage } from "node:async_hooks";

/**
 * A value that goes with a fiber, such as the id of the request that it serves: bound around a call,
 * and there for all that the call does and forks, however deep, without being passed along. Eio's
 * `Fiber.with_binding`, Lwt's `with_value`.
 *
 * A fiber takes over what is bound where it is forked, not where its switch was opened. Who holds
 * the `FiberLocal` can read it, and nobody else: there is no registry. Use it for what code may do
 * without, in logs and traces; what code needs is an argument.
 *
 * A callback has what is bound where it is called from: one for a cancellation that of the canceller,
 * a release that of its switch.
 *
 * @example
 * ```ts
 * import { FiberLocal, Switch } from "@switchyard/switchyard";
 * import { assertEquals } from "@std/assert";
 *
 * const requestId = new FiberLocal<string>("requestId");
 * const seen: unknown[] = [];
 * await Switch.run(async (sw) => {
 *   await requestId.run("r-1", async () => {
 *     await Promise.resolve();
 *     sw.fork(() => void seen.push(requestId.get()));
 *     requestId.without(() => seen.push(requestId.get()));
 *   });
 *   seen.push(requestId.get());
 * });
 * assertEquals(seen, ["r-1", undefined, undefined]);
 * ```
 */
export class FiberLocal<T> {
  /** What it is called where it is carried to another thread. */
  readonly name: string;
  readonly #storage = new AsyncLocalStorage<{ readonly value: T } | undefined>();

  /** Make one that is bound to nothing. */
  constructor(name: string) {
    this.name = name;
  }

  /** What is bound here, if anything is. */
  get(): T | undefined {
    return this.#storage.getStore()?.value;
  }

  /** Whether anything is bound here. */
  get isBound(): boolean {
    return this.#storage.getStore() !== undefined;
  }

  /** Returns what `fn` returned, having called it with `value` bound in the place of any other. */
  run<R>(value: T, fn: () => R): R {
    return this.#storage.run({ value }, fn);
  }

  /** Returns what `fn` returned, having called it with nothing bound. */
  without<R>(fn: () => R): R {
    return this.#storage.run(undefined, fn);
  }

  /**
   * What is bound here, by name, for those of `locals` that are: plain data, if the values are, to
   * go with a message. Throws a `TypeError` when two have the same name.
   *
   * @example
   * ```ts
   * import { FiberLocal } from "@switchyard/switchyard";
   * import { assertEquals } from "@std/assert";
   *
   * const requestId = new FiberLocal<string>("requestId");
   * const user = new FiberLocal<string>("user");
   * const carried = requestId.run("r-1", () => FiberLocal.capture([requestId, user]));
   * assertEquals(carried, { requestId: "r-1" });
   *
   * // On the other thread, which has its own two:
   * const seen = FiberLocal.restore([requestId, user], carried, () => requestId.get());
   * assertEquals(seen, "r-1");
   * ```
   */
  static capture(locals: readonly FiberLocal<unknown>[]): Record<string, unknown> {
    const names = new Set(locals.map(({ name }) => name));
    if (names.size < locals.length) {
      const listed = locals.map(({ name }) => name).join(", ");
      throw new TypeError(`Cannot capture locals: two have the same name, of ${listed}`);
    }
    const bound = locals.filter(({ isBound }) => isBound);
    return Object.fromEntries(bound.map((local) => [local.name, local.get()]));
  }

  /**
   * Returns what `fn` returned, having called it with what was `carried` bound to `locals` by their
   * names, and nothing to those of them that were not.
   */
  static restore<R>(
    locals: readonly FiberLocal<unknown>[],
    carried: Readonly<Record<string, unknown>>,
    fn: () => R,
  ): R {
    const bind = (inner: () => R, local: FiberLocal<unknown>) => () =>
      Object.hasOwn(carried, local.name)
        ? local.run(carried[local.name], inner)
        : local.without(inner);
    return locals.reduce(bind, fn)();
  }
}
