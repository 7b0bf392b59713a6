import type { Server } from "../servers.ts";

/** A server of number lines that is measured. */
export interface Peer {
  readonly name: string;
  /** What it is, in a sentence without a full stop. */
  readonly about: string;
  /** Starts it. Rejects with a {@linkcode MissingError} where the machine lacks what it needs. */
  start(): Promise<Server>;
}

/** What a peer needs is not on this machine; the message says what. */
export class MissingError extends Error {
  override name = "MissingError";
}

/** Runs a tool to its end and returns what it printed; `undefined` if there is no such tool. */
export async function outputOf(
  tool: string,
  args: readonly string[],
  cwd?: URL,
): Promise<string | undefined> {
  try {
    const command = new Deno.Command(tool, { args: [...args], ...(cwd ? { cwd } : {}) });
    const { success, stdout, stderr } = await command.output();
    const decoder = new TextDecoder();
    if (success) return decoder.decode(stdout).trim();
    throw new Error(`Cannot run ${tool} ${args.join(" ")}: ${decoder.decode(stderr).trim()}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
