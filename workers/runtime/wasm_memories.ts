/** The memories of WebAssembly that are known, as long as somebody uses them. */
const memories = new Set<WeakRef<WebAssembly.Memory>>();

/** How much memory WebAssembly uses in this thread, in bytes, as far as its memories are known. */
export function wasmBytes(): number {
  let bytes = 0;
  for (const reference of memories) {
    const memory = reference.deref();
    if (memory === undefined) memories.delete(reference);
    else bytes += memory.buffer.byteLength;
  }
  return bytes;
}

/**
 * Learns of each WebAssembly memory that is made in this thread from now on: those that JavaScript
 * makes, and those that a module exports, as all compilers have it. One that a module keeps to
 * itself is not seen.
 */
export function watchWasmMemories(): void {
  const { Memory, Instance, instantiate, instantiateStreaming } = WebAssembly;
  replace("Memory", watched(Memory, remember));
  replace("Instance", watched(Instance, rememberExports));
  replace("instantiate", later(instantiate));
  replace("instantiateStreaming", later(instantiateStreaming));
}

/**
 * Learns of the memories of a module that is being imported: the platform makes its instance by ways
 * of its own.
 */
export function watchImportedWasm(url: string): void {
  // What is wrong with the module, its importer is told.
  queueMicrotask(() => void import(url).then(rememberMemories, () => {}));
}

/** The same class, whose new objects are shown to `see`. */
function watched<T extends object>(type: T, see: (made: never) => void): T {
  return new Proxy(type, {
    construct(target, args, newTarget) {
      const made = Reflect.construct(target as unknown as Constructor, args, newTarget);
      see(made as never);
      return made;
    },
  });
}

type Constructor = new (...args: unknown[]) => object;

/** The same function, whose instance is looked at when it is there. */
function later<T extends (...args: never[]) => Promise<unknown>>(instantiate: T): T {
  return new Proxy(instantiate, {
    async apply(target, owner, args) {
      const made = await Reflect.apply(target, owner, args);
      const instance = made instanceof WebAssembly.Instance ? made : Reflect.get(made, "instance");
      rememberExports(instance);
      return made;
    },
  });
}

function rememberExports({ exports }: WebAssembly.Instance): void {
  rememberMemories(exports);
}

function rememberMemories(exports: object): void {
  for (const item of Object.values(exports)) {
    if (item instanceof WebAssembly.Memory) remember(item);
  }
}

function remember(memory: WebAssembly.Memory): void {
  for (const known of memories) if (known.deref() === memory) return;
  memories.add(new WeakRef(memory));
}

function replace(name: string, value: unknown): void {
  Object.defineProperty(WebAssembly, name, { value, writable: false, configurable: false });
}
