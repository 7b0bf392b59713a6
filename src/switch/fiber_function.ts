/**
 * What a fiber runs. It is given the signal of its switch, but only if it declares a parameter
 * (its `length` is not 0): a signal costs an `AbortController`, and most fibers listen to none.
 * A parameter with a default, and `...rest`, do not count.
 */
export type FiberFunction<T> = (signal: AbortSignal) => T | Promise<T>;

/** Calls `fn`, and makes the signal only if `fn` takes it. */
export function callFiber<T>(
  fn: FiberFunction<T>,
  lifetime: { readonly signal: AbortSignal },
): T | Promise<T> {
  return fn.length === 0 ? (fn as () => T | Promise<T>)() : fn(lifetime.signal);
}

/** Where a function that stands for another keeps that one. */
const innerKey = Symbol("inner");

type NamedByInner = { readonly name: string; [innerKey]?: NamedByInner };

/** What `fn` is called, or the function that it stands for. */
export function nameOf(fn: NamedByInner): string {
  let inner = fn;
  while (inner[innerKey] !== undefined) inner = inner[innerKey];
  return inner.name;
}

/** `outer`, known by the name of `inner`; to give it the name itself takes longer than a fork. */
export function namedAs<F extends NamedByInner>(inner: NamedByInner, outer: F): F {
  outer[innerKey] = inner;
  return outer;
}

/** `fn` inside of `wrap`: a function of its name that takes a signal exactly if `fn` does. */
export function wrapFiber<T, R>(
  fn: FiberFunction<T>,
  wrap: (call: () => T | Promise<T>) => R | Promise<R>,
): FiberFunction<R> {
  const outer: FiberFunction<R> = fn.length === 0
    ? () => wrap(fn as () => T | Promise<T>)
    : (signal) => wrap(() => fn(signal));
  return namedAs(fn, outer);
}
