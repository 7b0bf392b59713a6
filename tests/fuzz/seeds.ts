import type { Stream } from "./judge_stream.ts";

const FOLDER = new URL("seeds/", import.meta.url);

/** A stream as a file: one character for each byte. */
interface Seed {
  readonly seed: number;
  readonly bytes: string;
}

/** Streams on which something has failed once, by the names of their files. */
export async function* readSeeds(): AsyncGenerator<[name: string, Stream]> {
  for await (const { name } of Deno.readDir(FOLDER)) {
    if (!name.endsWith(".json")) continue;
    const { seed, bytes }: Seed = JSON.parse(await Deno.readTextFile(new URL(name, FOLDER)));
    yield [name, { seed, bytes: Uint8Array.from(bytes, (char) => char.charCodeAt(0)) }];
  }
}

/** Keeps a stream for the tests. Returns the name of its file. */
export async function keepSeed({ seed, bytes }: Stream): Promise<string> {
  const name = `found_${seed}.json`;
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  await Deno.mkdir(FOLDER, { recursive: true });
  await Deno.writeTextFile(new URL(name, FOLDER), `${JSON.stringify({ seed, bytes: text })}\n`);
  return name;
}
