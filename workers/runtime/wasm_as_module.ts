/**
 * WebAssembly as JavaScript that exports the same, with the bytes inside. So it can be in a snapshot:
 * the platform takes none but text from a hook.
 */
export function wasmAsModule(bytes: Uint8Array<ArrayBuffer>): string {
  const { imports, exports } = WebAssembly.Module;
  const module = new WebAssembly.Module(bytes);
  const sources = [...new Set(imports(module).map(({ module }) => JSON.stringify(module)))];
  const names = exports(module).map(({ name }) => JSON.stringify(name));
  return [
    ...sources.map((source, i) => `import * as source${i} from ${source};`),
    `const imports = { ${sources.map((source, i) => `[${source}]: source${i}`).join(", ")} };`,
    `const module = new WebAssembly.Module(Uint8Array.fromBase64("${bytes.toBase64()}"));`,
    "const { exports } = new WebAssembly.Instance(module, imports);",
    ...names.map((name, i) => `const export${i} = exports[${name}];`),
    `export { ${names.map((name, i) => `export${i} as ${name}`).join(", ")} };`,
  ].join("\n");
}
