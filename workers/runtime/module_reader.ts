import module from "node:module";
import { init, parse } from "es-module-lexer";
import { type FromLane, recordError, type Snapshot, sourceKey } from "../../src/pool/link/mod.ts";
import { BY_THE_PLATFORM, isWasm } from "./is_wasm.ts";
import { linkModule } from "./link_module.ts";
import { wasmAsModule } from "./wasm_as_module.ts";

/** What stands here for a module of a package: nobody looks for what it exports. */
const STUB = { format: "module", source: "", shortCircuit: true } as const;

/** How large a file of code may be, in bytes: what reads it may have no heap limit of its own. */
const MAX_FILE_BYTES = 16 * 2 ** 20;

/** What is told of code that was read. */
type ReadCode = FromLane & { readonly type: "read" };

/**
 * Reads the modules of a folder: job files, and what they import by name, at once or late. It runs
 * none of them, so that its thread may be one that can read the folder.
 */
export async function readModules(folder: string, urls: readonly string[]): Promise<ReadCode> {
  await init;
  const reader = new ModuleReader(folder);
  const broken: Record<string, string> = {};
  for (const url of urls) {
    try {
      await reader.read(url);
    } catch (error) {
      broken[url] = recordError(error).message;
    }
  }
  return { type: "read", snapshot: reader.snapshot, broken };
}

class ModuleReader {
  readonly #folder: string;
  readonly #sources = new Map<string, string>();
  readonly #imports = new Map<string, Map<string, string>>();
  /** The modules in which late imports have yet to be looked for. */
  readonly #unread: string[] = [];

  constructor(folder: string) {
    this.#folder = folder;
    module.registerHooks({
      resolve: (specifier, context, nextResolve) => {
        const resolved = nextResolve(specifier, context);
        const { parentURL: parent } = context;
        if (parent === undefined || !this.#isOurs(parent)) return resolved;
        if (this.#isOurs(resolved.url)) checkKind(specifier, resolved.url);
        return { ...resolved, url: this.#keepImport(parent, specifier, resolved.url) };
      },
      load: (url, context, nextLoad) => {
        if (this.#isOurs(url)) checkSize(url);
        if (isWasm(url)) return BY_THE_PLATFORM;
        if (!this.#isOurs(url)) return /^(data|node):/.test(url) ? nextLoad(url, context) : STUB;
        const loaded = nextLoad(url, context);
        this.#keepSource(url, context.importAttributes.type, loaded.source);
        return loaded;
      },
    });
  }

  get snapshot(): Snapshot {
    return { sources: this.#sources, imports: this.#imports };
  }

  /** Reads a module, all that it imports, and what these import when they run. */
  async read(url: string): Promise<void> {
    await linkModule(url);
    for (let next = this.#unread.shift(); next !== undefined; next = this.#unread.shift()) {
      for (const late of this.#lateImports(next)) {
        // It may never be imported; and where it is, the job is told what is wrong with it.
        await linkModule(late.url, late.type).catch(() => {});
      }
    }
  }

  #isOurs(url: string): boolean {
    return url.startsWith(this.#folder);
  }

  #keepSource(url: string, type: string | undefined, source: unknown): void {
    if (typeof source !== "string") return;
    this.#sources.set(sourceKey(url, type), source);
    if (type === undefined) this.#unread.push(url);
  }

  /** Keeps where an import leads, if it is to a file. Returns where the platform finds it. */
  #keepImport(parent: string, specifier: string, resolved: string): string {
    if (!/^(file|https?|npm|jsr):/.test(resolved)) return resolved;
    const url = this.#sameVersion(resolved, parent);
    this.#importsOf(parent).set(specifier, url);
    if (!this.#isOurs(url) || !isWasm(url)) return url;
    this.#sources.set(url, wasmAsModule(Deno.readFileSync(new URL(resolved))));
    return resolved;
  }

  #importsOf(parent: string): Map<string, string> {
    const known = this.#imports.get(parent);
    if (known !== undefined) return known;
    const imports = new Map<string, string>();
    this.#imports.set(parent, imports);
    return imports;
  }

  /** A module that one of ours imports is of the same version: it gets the same query. */
  #sameVersion(url: string, parent: string): string {
    return this.#isOurs(url) && !url.includes("?") ? url + new URL(parent).search : url;
  }

  /**
   * Looks for what the hooks do not see: what a module imports when it runs, and what it imports as
   * compiled WebAssembly. Gives the files of ours that it may import late.
   */
  *#lateImports(parent: string): Iterable<{ url: string; type: string | undefined }> {
    const source = this.#sources.get(parent)!;
    for (const one of parse(source)[0]) {
      const { type, specifier } = one;
      if (type === "import-meta" || specifier === undefined) continue;
      const resolved = resolve(specifier, parent);
      if (resolved === undefined) continue;
      const isCode = one.phase === "source" && this.#isOurs(resolved);
      if (isCode) this.#importsOf(parent).set(specifier, dataUrl(resolved));
      if (isCode || type !== "dynamic" || one.glob) continue;
      const { attributesStart: start, importEnd } = one;
      const attributes = start < 0 ? "" : source.slice(start, importEnd);
      const url = this.#keepImport(parent, specifier, resolved);
      if (this.#isOurs(url)) yield { url, type: /\btype\W+(\w+)/.exec(attributes)?.[1] };
    }
  }
}

/** The platform reads CommonJS from the disk when it runs, where a lane may not. */
function checkKind(specifier: string, url: string): void {
  if (!/\.c[jt]s(\?|$)/.test(url)) return;
  throw new TypeError(
    `Cannot import "${specifier}": it is a CommonJS file in the folder of jobs. Make it a module, or a package`,
  );
}

function checkSize(url: string): void {
  const size = sizeOf(url);
  if (size === undefined || size <= MAX_FILE_BYTES) return;
  throw new RangeError(
    `Cannot read ${url}: it has ${size} bytes, and code may have ${MAX_FILE_BYTES} at most`,
  );
}

/** Of one that is not there, or must not be read, the platform says more: who imports it. */
function sizeOf(url: string): number | undefined {
  try {
    return Deno.statSync(new URL(url)).size;
  } catch {
    return undefined;
  }
}

/** Where a name leads, if that is known. */
function resolve(specifier: string, parent: string): string | undefined {
  try {
    return /^[./]/.test(specifier)
      ? new URL(specifier, parent).href
      : import.meta.resolve(specifier);
  } catch {
    return undefined;
  }
}

/** A URL that holds a module of WebAssembly, from which a lane can have it. */
function dataUrl(fileUrl: string): string {
  return `data:application/wasm;base64,${Deno.readFileSync(new URL(fileUrl)).toBase64()}`;
}
