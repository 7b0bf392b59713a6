/** What a hook says that leaves a module to the platform: of WebAssembly it would make a text. */
export const BY_THE_PLATFORM = { format: "wasm", shortCircuit: true } as const;

/** Whether a URL is that of WebAssembly. */
export function isWasm(url: string): boolean {
  return /^data:application\/wasm\b|\.wasm(\?|$)/.test(url);
}
