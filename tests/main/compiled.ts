/**
 * Loaded before the program, it makes the main thread believe that it is compiled.
 *
 * @module
 */

Object.defineProperty(Deno, "build", { value: { ...Deno.build, standalone: true } });
