import { isWasm } from "./is_wasm.ts";

/** What V8 says of a module that imports what another does not export. */
const IS_ABSENT = /does not provide an export named/;

/**
 * Has the platform find, load and compile a module and all that it imports, and run none of it: it
 * is imported by one that asks it for what it has not. Rejects where one of them cannot be loaded.
 */
export async function linkModule(url: string, type?: string): Promise<void> {
  const name = `absent_${crypto.randomUUID().replaceAll("-", "_")}`;
  const attributes = type === undefined ? "" : ` with { type: ${JSON.stringify(type)} }`;
  // What WebAssembly itself imports is for those who make an instance of it.
  const text = isWasm(url)
    ? `import source code from "${url}"; import { ${name} } from "data:text/javascript,";`
    : `import { ${name} } from ${JSON.stringify(url)}${attributes};`;
  try {
    await import(`data:text/javascript,${encodeURIComponent(text)}`);
  } catch (error) {
    if (!(error instanceof SyntaxError && IS_ABSENT.test(error.message))) throw error;
  }
}
