/**
 * Makes the built-in objects of the language unchangeable, so that a job cannot break those that run
 * in its lane after it, or the lane's own program, by what it does to `Array.prototype`.
 *
 * Objects that inherit from them stay free: `error.name = "MyError"` works as before. Freezing whole
 * objects, and not their members, is what V8 has fast paths for.
 */
export function freezeIntrinsics(): void {
  for (const [owner, names] of OVERRIDDEN) names.forEach((name) => allowOverride(owner, name));
  for (const name of GLOBALS) freezeGlobal(name);
  for (const hidden of HIDDEN) Object.freeze(hidden);
  // Not frozen, for `node:perf_hooks` gives it more members when it is first loaded.
  Object.defineProperty(performance, "now", { value: performance.now });
  Object.defineProperty(globalThis, "performance", {
    value: performance,
    writable: false,
    configurable: false,
  });
}

/** The globals of the language, and those that the lane's program works with. */
const GLOBALS = [
  ...["Object", "Function", "Array", "String", "Number", "Boolean", "Symbol", "BigInt", "Date"],
  ...["RegExp", "Promise", "Map", "Set", "WeakMap", "WeakSet", "WeakRef", "FinalizationRegistry"],
  ...["ArrayBuffer", "SharedArrayBuffer", "DataView", "Iterator", "Proxy"],
  ...["Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array"],
  ...["Uint32Array", "Float32Array", "Float64Array", "BigInt64Array", "BigUint64Array"],
  ...["JSON", "Math", "Reflect", "Atomics"],
  ...["AbortController", "AbortSignal", "Event", "EventTarget", "MessagePort", "Performance"],
  ...["TextDecoder", "TextEncoder", "ReadableStream", "WritableStream", "TransformStream"],
  ...["URL", "URLSearchParams", "Headers", "Request", "Response", "Blob", "WebSocket", "Buffer"],
  ...["setTimeout", "clearTimeout", "setInterval", "clearInterval", "setImmediate"],
  ...["clearImmediate", "structuredClone", "fetch", "atob", "btoa"],
  ...["console"],
];

/** Prototypes that no global leads to. */
const HIDDEN: readonly object[] = [
  ...[[].values(), new Map().values(), new Set().values()].map(prototypeOf),
  ...[""[Symbol.iterator](), "".matchAll(/a/g)].map(prototypeOf),
  prototypeOf(Int8Array),
  prototypeOf(Int8Array.prototype),
  prototypeOf(function* () {}),
  prototypeOf(async function* () {}),
  prototypeOf(async () => {}),
  ...[
    Error,
    AggregateError,
    EvalError,
    RangeError,
    ReferenceError,
    SyntaxError,
    TypeError,
    URIError,
  ]
    .map((type) => type.prototype),
];

/**
 * Members that programs assign to objects that inherit them. A frozen one would forbid that: they
 * become accessors, whose setter gives the object a member of its own.
 */
const OVERRIDDEN: readonly (readonly [object, readonly string[]])[] = [
  [Object.prototype, ["constructor", "hasOwnProperty", "toLocaleString", "toString", "valueOf"]],
  [Function.prototype, ["constructor", "toString"]],
  [Error.prototype, ["constructor", "message", "name", "toString"]],
  ...[AggregateError, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError]
    .map((type) => [type.prototype, ["constructor", "message", "name"]] as const),
];

/** Lets objects that inherit a member have one of their own, also once `owner` is frozen. */
export function allowOverride(owner: object, name: string): void {
  const { value } = Object.getOwnPropertyDescriptor(owner, name)!;
  Object.defineProperty(owner, name, {
    get: () => value,
    set(this: object, own: unknown) {
      if (this === owner) throw new TypeError(`Cannot change ${name} of a built-in object`);
      const all = { value: own, writable: true, enumerable: true, configurable: true };
      Object.defineProperty(this, name, all);
    },
  });
}

function freezeGlobal(name: string): void {
  const value: unknown = Reflect.get(globalThis, name);
  if (value === undefined) return;
  Object.defineProperty(globalThis, name, { value, writable: false, configurable: false });
  if (typeof value === "function" && "prototype" in value) Object.freeze(value.prototype);
  Object.freeze(value);
}

function prototypeOf(value: object): object {
  return Object.getPrototypeOf(value);
}
