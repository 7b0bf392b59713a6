import { closeSync } from "node:fs";
import module from "node:module";
import * as processExports from "node:process";
import { allowOverride, freezeIntrinsics } from "./freeze_intrinsics.ts";
import { isImportable } from "./outside_files.ts";
import { watchImportedWasm, watchWasmMemories } from "./wasm_memories.ts";

/**
 * Closes, for good, the ways out of a lane that no permission guards. Call it after the lane has
 * taken its lock and imported what it needs, and before any job's code is loaded.
 *
 * It contains faulty code. The wall against hostile code is a process.
 */
export function harden(): Seal {
  closeStreams();
  closeDescriptors();
  for (const name of GLOBAL_MEMBERS) closeMember(globalThis, name, name);
  for (const name of PROCESS_MEMBERS) closeMember(process, name, `process.${name}`);
  for (const name of DENO_MEMBERS) closeMember(Deno, name, `Deno.${name}`);
  for (const name of ["revoke", "revokeSync", "request", "requestSync"]) {
    closeMember(Object.getPrototypeOf(Deno.permissions), name, `Deno.permissions.${name}`);
  }
  for (const name of ["locks", "gpu"]) {
    closeGetter(Object.getPrototypeOf(navigator), name, `navigator.${name}`);
  }
  closeInternals();
  watchWasmMemories();
  return closeModules();
}

/**
 * Ends the loading phase: from then on no package that was not seen yet can be imported, and nobody
 * can change the language under the jobs that run in this lane later.
 */
export interface Seal {
  seal(): void;
}

/**
 * They end the process, leave the lane, reach other threads or the disk, or ask at the server's
 * terminal.
 */
const GLOBAL_MEMBERS = [
  "alert",
  "BroadcastChannel",
  "SharedWorker",
  "Worker",
  "caches",
  "close",
  "confirm",
  "localStorage",
  "prompt",
  "require",
];
const PROCESS_MEMBERS = [
  "abort",
  "binding",
  "chdir",
  "dlopen",
  "exit",
  "getBuiltinModule",
  "kill",
  "reallyExit",
  "setUncaughtExceptionCaptureCallback",
  "stdin",
];
const DENO_MEMBERS = [
  "addSignalListener",
  "chdir",
  "exit",
  "kill",
  "removeSignalListener",
  "stdin",
];

/** Members whose reading is already the deed. */
const READ = new Set(["caches", "localStorage", "stdin"]);

/** Built-in modules without authority of their own, or whose authority the permissions guard. */
const BUILTINS = new Set([
  "assert",
  "assert/strict",
  "async_hooks",
  "buffer",
  "constants",
  "crypto",
  "dns",
  "dns/promises",
  "events",
  "fs",
  "fs/promises",
  "http",
  "https",
  "net",
  "os",
  "path",
  "path/posix",
  "perf_hooks",
  "process",
  "punycode",
  "querystring",
  "stream",
  "stream/consumers",
  "stream/promises",
  "stream/web",
  "string_decoder",
  "timers",
  "timers/promises",
  "tls",
  "tty",
  "url",
  "util",
  "util/types",
  "zlib",
]);

/**
 * The standard streams of a lane are the server's own: who reads would take its input, or block. They
 * are closed for this thread alone; what jobs write to `Deno.stdout` and its like is captured.
 */
function closeStreams(): void {
  for (const descriptor of [0, 1, 2]) closeSync(descriptor);
}

/**
 * Descriptors are numbers: by one, `new net.Socket({ fd: 7 })` has the server's own connections in
 * its hands, whatever the permissions. What the platform makes sockets of is closed where it takes
 * one, and cannot be changed.
 */
function closeDescriptors(): void {
  const binding: (name: string) => Record<string, { readonly prototype: object }> = Reflect.get(
    process,
    "binding",
  );
  for (const [module, name] of [["tcp_wrap", "TCP"], ["pipe_wrap", "Pipe"], ["udp_wrap", "UDP"]]) {
    const { prototype } = binding.call(process, module!)[name!]!;
    closeMember(prototype, "open", "a socket by its descriptor");
    for (let owner = prototype; owner !== Object.prototype; owner = Object.getPrototypeOf(owner)) {
      freezeInherited(owner);
    }
  }
}

/** The platform's own classes, of TLS for instance, override members when they are first loaded. */
function freezeInherited(owner: object): void {
  const members = Object.entries(Object.getOwnPropertyDescriptors(owner));
  for (const [name, { configurable, value }] of members) {
    if (configurable && typeof value === "function") allowOverride(owner, name);
  }
  Object.freeze(owner);
}

/**
 * Behind a symbol Deno keeps its own operations: on resources by number, on the event loop, on the
 * language's contexts. It has taken what it needs of them before.
 */
function closeInternals(): void {
  for (const symbol of Object.getOwnPropertySymbols(Deno)) {
    Object.defineProperty(Deno, symbol, { value: undefined, configurable: false, writable: false });
  }
}

function closeMember(owner: object, name: string, label: string): void {
  if (!(name in owner)) return;
  const refuse = () => {
    throw new TypeError(`Cannot use ${label}: it is closed to jobs`);
  };
  // A method elsewhere, so that the error comes from the call, and libraries may look for it.
  if (READ.has(name)) closeGetter(owner, name, label);
  else {
    Object.defineProperty(owner, name, {
      value: function closed() {
        refuse();
      },
      configurable: false,
      enumerable: false,
      writable: false,
    });
  }
}

function closeGetter(owner: object, name: string, label: string): void {
  Object.defineProperty(owner, name, {
    get() {
      throw new TypeError(`Cannot use ${label}: it is closed to jobs`);
    },
    configurable: false,
    enumerable: false,
  });
}

/**
 * Lets imports through by an allow-list. Files are guarded by the read and import permissions; what
 * is not guarded by any is a package of a registry, which an import would download.
 */
function closeModules(): Seal {
  const processSource = processAsModule();
  const packages = new Set<string>();
  let sealed = false;
  module.registerHooks({
    resolve(specifier, context, nextResolve) {
      const resolved = nextResolve(specifier, context);
      // What it leads to counts, not how it is written: there are `NODE:fs` and import maps.
      const { url } = resolved;
      if (url.startsWith("node:")) checkBuiltin(specifier, url);
      else if (/^(npm|jsr|https?):/.test(url)) {
        if (sealed && !packages.has(url)) {
          refuse(specifier, "packages are imported when the job file is loaded, not later");
        }
        packages.add(url);
      } else if (
        url.startsWith("file:") && Deno.build.standalone && !isImportable(url, context.parentURL)
      ) {
        refuse(specifier, "the file is outside of the program, and the job may not read it");
      } else if (isWasmOfImport(specifier, context.parentURL)) watchImportedWasm(url);
      const isRequired = context.conditions?.includes("require");
      if (url !== "node:process" || isRequired) return resolved;
      return { url: PROCESS, format: "module", shortCircuit: true };
    },
    load(url, context, nextLoad) {
      if (url !== PROCESS) return nextLoad(url, context);
      return { source: processSource, format: "module", shortCircuit: true };
    },
  });
  return {
    seal() {
      sealed = true;
      freezeIntrinsics();
    },
  };
}

/** An import of WebAssembly becomes a module that imports the code from its own address. */
function isWasmOfImport(specifier: string, parent: string | undefined): boolean {
  return specifier === parent && /\.wasm($|\?)/.test(specifier);
}

function checkBuiltin(specifier: string, url: string): void {
  if (BUILTINS.has(url.slice("node:".length))) return;
  refuse(specifier, "this built-in module is closed to jobs");
}

function refuse(specifier: string, why: string): never {
  throw new TypeError(`Cannot import "${specifier}": ${why}`);
}

/** What `node:process` leads to. */
const PROCESS = "switchyard:process";

/**
 * The module `node:process` as jobs see it. The platform's own still exports the members that were
 * closed: it has copied them before. `stdin` cannot be read, so it cannot be copied either.
 */
function processAsModule(): string {
  const names = Object.keys(processExports).filter((name) => !["default", "stdin"].includes(name));
  return `const { ${names.join(", ")} } = globalThis.process;
    export { ${names.join(", ")} };
    export const stdin = undefined;
    export default globalThis.process;`;
}
